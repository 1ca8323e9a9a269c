import { generateKeyPairSync, type KeyObject } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cloudEventLine } from "../../src/audit/export/cloud-event.ts";
import { checkExport, type ExportCheck } from "../../src/verifier/check-export.ts";
import { eventHash, type RecordedBytes } from "../../src/verifier/event-hash.ts";
import { headsIn, keyIdOf, publicKeysIn } from "../../src/verifier/key-files.ts";
import { headAfter, NO_EVENTS, type RunningHead } from "../../src/verifier/running-head.ts";
import { type SignedHead, signatureOf } from "../../src/verifier/signed-head.ts";

const { publicKey, privateKey } = generateKeyPairSync("ed25519");
const keyId = keyIdOf(publicKey);
const keys = new Map([[keyId, publicKey]]);

/** A log of so many events over a few streams, from position 1 on. */
function written(count: number, streams = 3, note = ""): readonly RecordedBytes[] {
  const last = new Map<string, RecordedBytes>();
  return Array.from({ length: count }, (_, n) => {
    const stream = `listing-${n % streams}`;
    const before = last.get(stream);
    const metadata = JSON.stringify({
      schemaVersion: 1,
      at: "2026-05-01T10:00:00.000Z",
      actor: { process: "timers" },
      commandId: `c${n}`,
      correlationId: "r",
      causationId: null,
      requestId: null,
      keyHash: null,
      bodyHash: null,
      previousHash: before === undefined ? null : eventHash(before),
    });
    const event = {
      stream,
      revision: (before?.revision ?? -1) + 1,
      id: `id-${n}`,
      type: "ListingPaused",
      metadata,
      data: JSON.stringify({ n, note }),
    };
    last.set(stream, event);
    return event;
  });
}

const linesOf = (log: readonly RecordedBytes[]): string[] =>
  log.map((event, n) => cloudEventLine({ ...event, position: BigInt(n + 1) }, false).trimEnd());

const headOf = (log: readonly RecordedBytes[]): RunningHead =>
  log.reduce((head, event, n) => headAfter(head, BigInt(n + 1), eventHash(event)), NO_EVENTS);

function signed(head: RunningHead, key: KeyObject = privateKey): SignedHead {
  const signedAt = "2026-05-01T10:00:01.000Z";
  return { ...head, signedAt, keyId, signature: signatureOf({ ...head, signedAt }, key) };
}

async function* from(lines: readonly string[]) {
  yield* lines;
}
const check = (lines: readonly string[], more: Partial<ExportCheck> = {}) =>
  checkExport(from(lines), { keys, heads: [], ...more });
const problems = async (lines: readonly string[], more: Partial<ExportCheck> = {}) =>
  (await check(lines, more)).findings.map(({ line, problem }) => `${line}: ${problem}`);

const log = written(9);
const heads = [3, 9].map((count) => signed(headOf(log.slice(0, count))));

describe("an export", () => {
  it("that is the log agrees with every head that was kept of it", async () => {
    const report = await check(linesOf(log), { heads });
    expect(report).toEqual({ events: 9, head: headOf(log), headsAgreed: 2, findings: [] });
  });

  it("may begin behind a kept head", async () => {
    const [after, last] = heads as [SignedHead, SignedHead];
    expect(await check(linesOf(log).slice(3), { heads: [last], after })).toMatchObject({
      headsAgreed: 1,
      findings: [],
    });
  });

  it("of some streams is held to their chains", async () => {
    const some = linesOf(log).filter((line) => line.includes('"listing-1"'));
    expect(await check(some, { heads, someStreams: true })).toMatchObject({ events: 3, head: null, findings: [] });
    expect(await problems(some.toSpliced(1, 1), { someStreams: true })).toEqual(["2: revisions 1 to 1 are missing"]);
  });
});

describe("found is", () => {
  it("a payload that was changed, also when its hash was changed with it", async () => {
    const changed = linesOf(log).with(4, linesOf(log)[4]?.replace('"note":""', '"note":"!"') ?? "");
    expect(await problems(changed, { heads })).toEqual([
      "5: was changed: its bytes have another hash than it names",
      "8: the chain is broken: it names another event before it",
      "null: up to here it is not the log that the head was signed over",
    ]);
    const rehashed = log.with(4, { ...(log[4] as RecordedBytes), data: '{"n":4,"note":"!"}' });
    expect(await problems(linesOf(rehashed))).toEqual(["8: the chain is broken: it names another event before it"]);
  });

  it("an event that was removed, and where", async () => {
    const gap = linesOf(log).toSpliced(4, 1);
    expect(await problems(gap, { heads })).toEqual([
      "7: revisions 1 to 1 are missing",
      "null: the log was cut or events are missing: 8 up to here, the head was signed over 9",
    ]);
  });

  it("an order that was swapped, between streams too, which no chain tells", async () => {
    const [first, second, ...rest] = log as [RecordedBytes, RecordedBytes];
    const swapped = linesOf([second, first, ...rest]);
    expect(await problems(swapped)).toEqual([]);
    expect(await problems(swapped, { heads })).toHaveLength(2);
    const [one, two, ...others] = linesOf(log) as [string, string];
    expect(await problems([two, one, ...others])).toContain("2: stands behind a later position");
  });

  it("a tail that was cut off, up to the last head that somebody kept", async () => {
    expect(await problems(linesOf(log).slice(0, 8))).toEqual([]);
    expect(await problems(linesOf(log).slice(0, 8), { heads })).toEqual([
      "null: the log was cut or events are missing: 8 up to here, the head was signed over 9",
    ]);
  });

  it("a log that was written anew from its beginning, every hash in place", async () => {
    const forged = linesOf(written(9, 3, "forged"));
    expect(await problems(forged)).toEqual([]);
    expect(await problems(forged, { heads })).toHaveLength(2);
  });

  it("a head that nobody with the key has signed", async () => {
    const stranger = generateKeyPairSync("ed25519");
    const forged = signed(headOf(log), stranger.privateKey);
    expect(await problems(linesOf(log), { heads: [forged] })).toEqual([
      "null: the head's signature is not that of its key",
    ]);
    expect(await problems(linesOf(log), { heads: [{ ...forged, keyId: "other" }] })).toEqual([
      "null: the head is signed with a key that was not given: other",
    ]);
    const [first] = heads as [SignedHead];
    for (const changed of [{ count: 4 }, { position: 4n }, { hash: "x" }, { signedAt: "2020-01-01T00:00:00.000Z" }]) {
      expect(await problems([], { heads: [{ ...first, ...changed }] })).toContain(
        "null: the head's signature is not that of its key",
      );
    }
  });

  it("whatever one changes of a line, moves or leaves out", async () => {
    const lines = linesOf(log);
    await fc.assert(
      fc.asyncProperty(fc.nat(8), fc.nat(400), fc.constantFrom("1", "x", "}", ""), async (line, place, instead) => {
        const text = lines[line] as string;
        const changed = text.slice(0, place) + instead + text.slice(place + 1);
        fc.pre(changed !== text && meaning(changed) !== meaning(text));
        expect(await problems(lines.with(line, changed), { heads })).not.toEqual([]);
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(lines), async (some) => {
        fc.pre(some.join() !== lines.join());
        expect(await problems(some, { heads })).not.toEqual([]);
      }),
    );
  });
});

function meaning(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return text;
  }
}

describe("keys and heads", () => {
  it("are read from a PEM, a JSON Web Key or a set; from one head, a list or lines", () => {
    const pem = publicKey.export({ type: "spki", format: "pem" }).toString();
    const jwk = publicKey.export({ format: "jwk" });
    for (const text of [pem, JSON.stringify(jwk), JSON.stringify({ keys: [jwk] })]) {
      expect([...publicKeysIn(text).keys()]).toEqual([keyId]);
    }
    const said = heads.map((head) => ({ ...head, position: String(head.position) }));
    expect(headsIn(JSON.stringify({ items: said, next: null }))).toEqual(heads);
    expect(headsIn(said.map((one) => JSON.stringify(one)).join("\n"))).toEqual(heads);
    expect(headsIn(JSON.stringify(said[0]))).toEqual([heads[0]]);
    expect(() => headsIn("{}")).toThrow("that is no head");
  });
});
