import { describe, expect, it } from "vitest";
import { type Evidence, verdictOn } from "../../bench/rehearsal/checker/verdict.ts";
import type { BuyerRecord } from "../../bench/rehearsal/crowd/record.ts";
import { KEPT_MS } from "../../src/domain/waiting-room/kept.ts";
import { atMs, bought, logged, reserved, wellDone } from "./evidence-of.ts";

/** What of a verdict is not as it has to be. */
const missed = (evidence: Evidence): readonly string[] => {
  const { findings, isWell } = verdictOn(evidence);
  const names = findings.filter(({ met }) => !met).map(({ what }) => what);
  expect(isWell).toBe(names.length === 0);
  return names;
};

it("an on-sale in which all went well is well", () => {
  const { evidence } = wellDone();
  const { findings, isWell, books } = verdictOn(evidence);
  expect(findings.flatMap(({ examples }) => examples)).toEqual([]);
  expect(isWell).toBe(true);
  expect([books.mostTaken, books.bought.size]).toEqual([9, 9]);
});

describe("the verdict is a bad one", () => {
  it("where one ticket more is on record than there is", () => {
    const { evidence, people } = wellDone();
    const [, , , , , , , , , tenth] = people as BuyerRecord[] & { 9: BuyerRecord };
    Object.assign(tenth as BuyerRecord, { calledAtMs: atMs(12), reservationId: "r-9", reservedAtMs: atMs(13) });
    const log = [...evidence.log, ...logged([[12.5, reserved("r-9")]], evidence.log.length)];
    expect(missed({ ...evidence, log })).toContain("oversold");
  });

  it("where something is on record twice, or out of nothing, or a revision is missing", () => {
    const { evidence } = wellDone();
    const twice = [...evidence.log, ...logged([[20, bought("r-1")]], evidence.log.length)];
    expect(missed({ ...evidence, log: twice })).toContain("contradictions in the log");
    const cut = evidence.log.filter(({ revision }) => revision !== 5);
    expect(missed({ ...evidence, log: cut })).toContain("contradictions in the log");
  });

  it("where somebody was told of what is not on record, or two of the same", () => {
    const lost = wellDone();
    (lost.people[2] as BuyerRecord).reservationId = "r-lost";
    expect(missed(lost.evidence)).toEqual(["told otherwise than it is on record"]);
    const shared = wellDone();
    (shared.people[2] as BuyerRecord).reservationId = "r-3";
    expect(missed(shared.evidence)).toEqual(["told otherwise than it is on record"]);
  });

  it("where somebody was called before another whose lot is lower", () => {
    const { evidence, people } = wellDone();
    const [first, second] = [people[3] as BuyerRecord, people[4] as BuyerRecord];
    [first.calledAtMs, second.calledAtMs] = [second.calledAtMs, first.calledAtMs];
    expect(missed(evidence)).toEqual(["admitted out of the order of ranks"]);
  });

  it("where somebody went on waiting while those behind him came in", () => {
    const { evidence, people } = wellDone();
    Object.assign(people[1] as BuyerRecord, { calledAtMs: null, waitedAtMs: atMs(18) });
    expect(missed(evidence)).toContain("admitted out of the order of ranks");
  });

  it("where the order is by other seeds than those that were shown", () => {
    const { evidence } = wellDone();
    expect(missed({ ...evidence, seeds: { ...evidence.seeds, draw: "f".repeat(64) } })).toEqual([
      "admitted out of the order of ranks",
    ]);
  });

  it("where a ticket was left in the end, and people who wait", () => {
    const { evidence, people } = wellDone();
    for (const record of people.slice(8)) Object.assign(record, { ending: null, leftAtMs: null, calledAtMs: null });
    const log = evidence.log.slice(0, -2);
    expect(missed({ ...evidence, log })).toContain("tickets unsold in the end while people waited");
  });

  describe("where a ticket was free for too long, though in the end all are sold:", () => {
    /** The ninth is called and goes away; for his ticket the tenth is called so many seconds later, or nobody at first. */
    const late = (seconds: number, { ninthIsCalled }: { ninthIsCalled: boolean }) => {
      const { evidence, people } = wellDone(seconds + 20);
      const log = evidence.log.map((one) =>
        one.atMs >= atMs(11.5) ? { ...one, atMs: one.atMs + seconds * 1_000 } : one,
      );
      const [ninth, tenth] = [people[8] as BuyerRecord, people[9] as BuyerRecord];
      const { reservationId } = ninth;
      const went = { reservationId: null, reservedAtMs: null, boughtAtMs: null, ending: "only looked" } as const;
      Object.assign(ninth, { ...went, calledAtMs: ninthIsCalled ? atMs(11) : null, leftAtMs: atMs(12) });
      Object.assign(tenth, { calledAtMs: atMs(11 + seconds), reservationId, reservedAtMs: atMs(12 + seconds) });
      for (const record of people.slice(9)) {
        record.waitedAtMs = atMs(10 + seconds);
        record.leftAtMs = atMs(14 + seconds);
      }
      return { ...evidence, log };
    };
    const tooLong = [expect.stringContaining("with nobody called for them")];
    const keptS = KEPT_MS / 1_000;

    it("it may be kept for who was called and went away, but no longer than the room says", () => {
      expect(missed(late(2 * keptS, { ninthIsCalled: true }))).toEqual([]);
      expect(missed(late(2 * keptS + 20, { ninthIsCalled: true }))).toEqual(tooLong);
    });

    it("nobody is called for it at all", () => {
      expect(missed(late(keptS, { ninthIsCalled: false }))).toEqual([]);
      expect(missed(late(keptS + 20, { ninthIsCalled: false }))).toEqual(tooLong);
    });
  });

  it("where it had to be broken off, or something was answered by 500 or not at all", () => {
    const { evidence, people } = wellDone();
    (people[11] as BuyerRecord).ending = null;
    expect(missed(evidence)).toEqual(["buyers who were not done when it was broken off"]);
    const answered = (answer: string) => missed({ ...wellDone().evidence, answers: new Map([[answer, 1]]) });
    expect(answered("reserve: 500 internal-error")).toEqual(["answers of 500 or none"]);
    expect(answered("place: no answer (read ECONNRESET)")).toEqual(["answers of 500 or none"]);
    expect(answered("reserve: 503 busy")).toEqual([]);
    expect(answered("reserve: 409 sold-out")).toEqual([]);
  });
});

it("nothing is idle while the pace is what keeps people out", () => {
  const { evidence } = wellDone();
  const { moments } = verdictOn(evidence);
  // Eight tickets are there for nobody when the first one is called: it is the organizer who wants it so.
  expect(Math.max(...moments.map(({ idle }) => idle))).toBeGreaterThan(3);
  expect(Math.max(...moments.map(({ withheld }) => withheld))).toBe(0);
});
