import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { commitmentTo, lotOf, seedOf } from "../../src/waiting-room/draw.ts";
import { LiveRoom } from "../../src/waiting-room/live-room.ts";
import { SeenAccounts } from "../../src/waiting-room/seen.ts";
import { type PublishedDraw, verifyDraw } from "../../src/waiting-room/verifying.ts";
import { ROOT } from "../system/child.ts";

const secret = Buffer.alloc(32, 3);
const eventId = "0b9fbd54-6a0f-8d0f-9a9b-0d5f5b1f2f16";
const account = (n: number) => `019f0000-0000-7000-8000-${String(n).padStart(12, "0")}`;
const seeds = { draw: seedOf(secret, eventId, 1, "draw"), later: seedOf(secret, eventId, 1, "later") };
const beacon = { source: "drand quicknet 7", value: "c0ffee" };

const finished: PublishedDraw = {
  commitment: commitmentTo(seeds.draw),
  laterCommitment: commitmentTo(seeds.later),
  beacon: null,
  seed: seeds.draw,
  laterSeed: seeds.later,
};
const mixed: PublishedDraw = { ...finished, commitment: commitmentTo(seeds.draw, beacon), beacon };

describe("a draw that is done again", () => {
  it.each([finished, mixed])("has everybody at the rank by which people are called", (published) => {
    const terms = {
      opensAt: "2026-12-24T18:00:00.000Z",
      admitPerMinute: 60,
      paused: false,
      classes: [],
      beacon: published.beacon,
    };
    const known = { status: "set-up", round: 1, commitment: "", laterCommitment: "", revealed: [], terms } as const;
    const room = new LiveRoom(eventId, known, 0, seeds, () => new SeenAccounts(secret));
    const people = Array.from({ length: 60 }, (_, n) => ({ accountId: account(n), second: n % 3 }));
    const { ranks, draw, later } = verifyDraw(published, people);
    expect([draw, later]).toEqual(["holds", "holds"]);
    const inRoom = people
      .map((one) => ({ ...one, rank: room.rankOf({ ...one, eventId, round: 1, classIndex: 0 }) }))
      .toSorted((a, b) => a.rank - b.rank);
    expect(ranks.map(({ accountId, rank }) => ({ accountId, rank }))).toEqual(
      inRoom.map(({ accountId, rank }) => ({ accountId, rank })),
    );
  });

  it("is broken by another seed, another source, or a commitment that was another one before the opening", () => {
    expect(verifyDraw({ ...finished, seed: seeds.later }, []).draw).toBe("broken");
    expect(verifyDraw({ ...finished, laterSeed: seeds.draw }, []).later).toBe("broken");
    expect(verifyDraw({ ...mixed, beacon: { ...beacon, source: "drand quicknet 8" } }, []).draw).toBe("broken");
    expect(verifyDraw(finished, [], mixed.commitment).draw).toBe("broken");
    expect(verifyDraw(finished, [], finished.commitment).draw).toBe("holds");
  });

  it("is open while nothing is told, and who has no lot yet stands at the end", () => {
    const { seed, laterSeed, ...before } = finished;
    expect(verifyDraw(before, [])).toMatchObject({ draw: "open", later: "open" });
    const people = [
      { accountId: account(1), second: 4 },
      { accountId: account(2), second: 0 },
    ];
    const { ranks } = verifyDraw({ ...before, seed }, people);
    expect(ranks.map(({ accountId, lot }) => [accountId, lot])).toEqual([
      [account(2), lotOf(String(seed), account(2))],
      [account(1), null],
    ]);
  });
});

describe("npm run verify-draw", () => {
  const run = (room: unknown, ...more: string[]) => {
    const args = ["src/verify-draw.ts", "-", ...more];
    return spawnSync(process.execPath, args, { cwd: ROOT, input: JSON.stringify(room), encoding: "utf8" });
  };

  it("prints what holds and who stood where", () => {
    const answer = { state: "CLOSED", round: 1, opensAt: null, admitPerMinute: 60, classes: [], ...mixed };
    const { stdout, status } = run(answer, account(1), `${account(2)}@3`, "--committed", String(mixed.commitment));
    expect(status).toBe(0);
    expect(stdout.split("\n").slice(0, 4)).toEqual([
      "the seed of the draw is the one that was committed to",
      "the seed for those who came later is the one that was committed to",
      `1. ${account(1)}: second 0, lot ${lotOf(seeds.draw, account(1), "c0ffee")} of ${2 ** 28}`,
      expect.stringContaining(`2. ${account(2)}: second 3, lot `),
    ]);
  });

  it("fails where it does not hold, and says what it takes", () => {
    const broken = run({ ...finished, seed: seeds.later });
    expect([broken.status, broken.stdout]).toEqual([1, expect.stringContaining("IS NOT THE ONE")]);
    const wrong = run(finished, `${account(1)}@soon`);
    expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringContaining("ACCOUNT@SECOND")]);
    const nothing = spawnSync(process.execPath, ["src/verify-draw.ts"], { cwd: ROOT, encoding: "utf8" });
    expect([nothing.status, nothing.stderr]).toEqual([2, expect.stringContaining("npm run verify-draw")]);
  });
});
