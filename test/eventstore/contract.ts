import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it, type TestContext } from "vitest";
import { PART } from "../../src/eventstore/event-page.ts";
import { bytesOf, isLastPage, pagesOf } from "../../src/eventstore/pages.ts";
import {
  type AppendResult,
  type EventStore,
  type ExpectedRevision,
  InvalidAppend,
  MAX_APPEND_BYTES,
  type NewEvent,
  OutcomeUnknown,
  PAGE_BYTES,
  type StoredEvent,
  StoreUnavailable,
  WrongExpectedRevision,
} from "../../src/eventstore/port.ts";
import { aStream, category, follow, newEvent, newEvents, readAll, scanned, scanOf } from "./contract-support.ts";

/** What a test bench can do to the server behind a store. Each call resolves once it is in force. */
export interface StoreFaults {
  /** The next append is recorded and its reply never comes: the connection is cut in between. Once. */
  dropAfterAppend(): Promise<void>;
  /** The server is gone: connections are cut and new ones refused, until {@link StoreFaults.start}. */
  stop(): Promise<void>;
  /** Undoes {@link StoreFaults.stop}. */
  start(): Promise<void>;
}

/** A store to hold to the contract, on a server that may be shared with others. */
export interface ContractBench {
  readonly store: EventStore;
  /** Left out where the server can't be tampered with: the cases that need it are then reported as skipped. */
  readonly faults?: StoreFaults;
  close(): Promise<void>;
}

/** How long a store may take to work again once its server is back, in ms. */
const RECOVERY_MS = 30_000;

/**
 * Declares the specs that every adapter of the event store port has to pass. One bench serves the specs that leave the
 * server alone; each of those that tamper with it opens its own.
 */
export function eventStoreContract(name: string, open: () => Promise<ContractBench>): void {
  describe(`event store contract: ${name}`, () => {
    let bench: ContractBench;
    let store: EventStore;
    beforeAll(async () => {
      bench = await open();
      store = bench.store;
    });
    afterAll(() => bench?.close());

    describe("append", () => {
      it("gives the revision and position of the last event", async () => {
        const stream = aStream();
        const first = await store.append(stream, newEvents(1), "no-stream");
        const second = await store.append(stream, newEvents(3), 0);
        expect([first.revision, second.revision]).toEqual([0, 3]);
        expect(second.position > first.position).toBe(true);
        expect((await readAll(store, stream)).map((event) => event.revision)).toEqual([0, 1, 2, 3]);
      });

      it.each<ExpectedRevision>(["any", "no-stream"])("makes a new stream when %s is expected", async (expected) => {
        expect((await store.append(aStream(), newEvents(2), expected)).revision).toBe(1);
      });

      it.each<ExpectedRevision>(["any", "stream-exists", 1])(
        "adds to a stream when %s is expected",
        async (expected) => {
          const stream = aStream();
          await store.append(stream, newEvents(2), "no-stream");
          expect((await store.append(stream, newEvents(2), expected)).revision).toBe(3);
        },
      );

      it.each<ExpectedRevision>(["no-stream", 0, 2])(
        "says where a stream of two is when %s was expected",
        async (wrong) => {
          const stream = aStream();
          await store.append(stream, newEvents(2), "no-stream");
          const refusal = await rejection(store.append(stream, newEvents(1), wrong), WrongExpectedRevision);
          expect(refusal).toMatchObject({ stream, expected: wrong, actual: 1 });
          expect(await readAll(store, stream)).toHaveLength(2);
        },
      );

      it.each<ExpectedRevision>(["stream-exists", 0])(
        "says that there is no stream when %s was expected",
        async (wrong) => {
          const stream = aStream();
          const refusal = await rejection(store.append(stream, newEvents(1), wrong), WrongExpectedRevision);
          expect(refusal).toMatchObject({ stream, expected: wrong, actual: null });
          expect(await readAll(store, stream)).toEqual([]);
        },
      );

      it("records all events of an append or none", async () => {
        const stream = aStream();
        await store.append(stream, newEvents(1), "no-stream");
        const outcomes = await Promise.allSettled([
          store.append(stream, newEvents(20), 0),
          store.append(stream, newEvents(30), 0),
        ]);
        const won = outcomes.findIndex((outcome) => outcome.status === "fulfilled");
        expect(outcomes.filter((outcome) => outcome.status === "fulfilled")).toHaveLength(1);
        expect(await readAll(store, stream)).toHaveLength(won === 0 ? 21 : 31);
      });

      it("keeps appends that run at the same time apart: each stream has its own outcome", async () => {
        const streams = Array.from({ length: 20 }, aStream);
        const taken = streams.filter((_, index) => index % 2 === 0);
        await Promise.all(taken.map((stream) => store.append(stream, newEvents(1), "no-stream")));
        const outcomes = await Promise.allSettled(
          streams.map((stream) => store.append(stream, newEvents(2), "no-stream")),
        );
        expect(outcomes.map((outcome) => outcome.status)).toEqual(
          streams.map((_, index) => (index % 2 === 0 ? "rejected" : "fulfilled")),
        );
        const lengths = await Promise.all(streams.map(async (stream) => (await readAll(store, stream)).length));
        expect(lengths).toEqual(streams.map((_, index) => (index % 2 === 0 ? 1 : 2)));
      });

      it("lets exactly one of 8 concurrent creates of a stream win", async () => {
        for (let round = 0; round < 10; round++) {
          const stream = aStream();
          const creates = Array.from({ length: 8 }, () => newEvents(2));
          const outcomes = await Promise.allSettled(creates.map((events) => store.append(stream, events, "no-stream")));
          const won = outcomes.flatMap((outcome, index) => (outcome.status === "fulfilled" ? [index] : []));
          expect(won).toHaveLength(1);
          for (const outcome of outcomes) {
            if (outcome.status === "rejected")
              expect(outcome.reason).toMatchObject({ name: "WrongExpectedRevision", actual: 1 });
          }
          const winner = creates[won[0] ?? -1]?.map((event) => event.id);
          expect((await readAll(store, stream)).map((event) => event.id)).toEqual(winner);
        }
      });
    });

    describe("sending again", () => {
      it.each<ExpectedRevision>(["any", "stream-exists", 1])(
        "expecting %s gives the first result",
        async (expected) => {
          const stream = aStream();
          await store.append(stream, newEvents(2), "no-stream");
          await expectResend(store, stream, newEvents(3), expected, 8);
        },
      );

      it.each<ExpectedRevision>(["any", "no-stream"])("of what made the stream, expecting %s", async (expected) => {
        await expectResend(store, aStream(), newEvents(3), expected, 6);
      });

      it.each<ExpectedRevision>(["any", "stream-exists", 1])(
        "other bytes under used ids, expecting %s",
        async (expected) => {
          const stream = aStream();
          await store.append(stream, newEvents(2), "no-stream");
          const events = newEvents(2);
          await store.append(stream, events, expected);
          for (const change of [{ data: '{"other":1}' }, { metadata: '{"other":1}' }, { type: "Other" }]) {
            const changed = events.map((event, index) => (index === 1 ? { ...event, ...change } : event));
            const refusal = await rejection(store.append(stream, changed, expected), InvalidAppend);
            expect(refusal.reason).toBe("ids-reused");
          }
          expect((await readAll(store, stream)).slice(2)).toMatchObject(events);
        },
      );

      it("the first part of an append alone counts as sending again: its events stand where it expects them", async () => {
        const stream = aStream();
        const events = newEvents(3);
        await store.append(stream, events, "no-stream");
        const [, second] = await readAll(store, stream);
        const part = await store.append(stream, events.slice(0, 2), "no-stream");
        expect(part).toEqual({ revision: 1, position: second?.position });
        expect(await readAll(store, stream)).toHaveLength(3);
      });

      it("more than was recorded is refused", async () => {
        const stream = aStream();
        const events = newEvents(2);
        await store.append(stream, events, "no-stream");
        const refusal = await rejection(store.append(stream, [...events, newEvent()], "no-stream"), Error);
        expect(["InvalidAppend", "WrongExpectedRevision"]).toContain(refusal.name);
        expect(await readAll(store, stream)).toHaveLength(2);
      });

      it("at the same time as the first records once", async () => {
        const stream = aStream();
        const events = newEvents(2);
        const results = await Promise.all(Array.from({ length: 4 }, () => store.append(stream, events, "no-stream")));
        expect(new Set(results.map((result) => `${result.revision} ${result.position}`)).size).toBe(1);
        expect(await readAll(store, stream)).toHaveLength(2);
      });
    });

    describe("refuses for good", () => {
      it.each<ExpectedRevision>(["any", "no-stream", "stream-exists", 0])(
        "an empty append expecting %s",
        async (expected) => {
          expect((await rejection(store.append(aStream(), [], expected), InvalidAppend)).reason).toBe("empty");
        },
      );

      it("an id twice in one append", async () => {
        const stream = aStream();
        const event = newEvent();
        const refusal = await rejection(store.append(stream, [event, newEvent(), event], "any"), InvalidAppend);
        expect(refusal.reason).toBe("duplicate-id");
        expect(await readAll(store, stream)).toEqual([]);
      });

      it("an append over the size limit, and takes one that just fits", async () => {
        const stream = aStream();
        const empty = newEvent({ type: "Large", data: '""', metadata: "{}" });
        const room = MAX_APPEND_BYTES - (empty.id.length + "Large".length + 4);
        const refusal = await rejection(
          store.append(stream, [{ ...empty, data: `"${"x".repeat(room + 1)}"` }], "any"),
          InvalidAppend,
        );
        expect(refusal.reason).toBe("too-large");
        expect(await readAll(store, stream)).toEqual([]);
        const fits = { ...empty, data: `"${"x".repeat(room)}"` };
        await store.append(stream, [fits], "any");
        expect((await readAll(store, stream))[0]?.data).toBe(fits.data);
      });

      it("counts the size in bytes, not characters", async () => {
        const wide = newEvent({ data: `"${"ü".repeat(MAX_APPEND_BYTES / 2)}"` });
        expect((await rejection(store.append(aStream(), [wide], "any"), InvalidAppend)).reason).toBe("too-large");
      });
    });

    describe("read", () => {
      let stream: string;
      const written = newEvents(10);
      beforeAll(async () => {
        stream = aStream();
        await store.append(stream, written, "no-stream");
      });
      const revisions = async (
        from: number | "start" | "end",
        direction: "forwards" | "backwards",
        maxCount: number,
      ): Promise<number[]> => (await store.read(stream, { from, direction, maxCount })).map((event) => event.revision);

      it("goes forwards from the start or a revision, up to maxCount", async () => {
        expect(await revisions("start", "forwards", 4096)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        expect(await revisions("start", "forwards", 3)).toEqual([0, 1, 2]);
        expect(await revisions(7, "forwards", 2)).toEqual([7, 8]);
        expect(await revisions(9, "forwards", 5)).toEqual([9]);
        expect(await revisions(10, "forwards", 5)).toEqual([]);
      });

      it("goes backwards from the end or a revision, up to maxCount", async () => {
        expect(await revisions("end", "backwards", 4096)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
        expect(await revisions("end", "backwards", 1)).toEqual([9]);
        expect(await revisions(2, "backwards", 5)).toEqual([2, 1, 0]);
      });

      it("gives a missing stream as empty", async () => {
        const options = { maxCount: 10 } as const;
        expect(await store.read(aStream(), { from: "start", direction: "forwards", ...options })).toEqual([]);
        expect(await store.read(aStream(), { from: "end", direction: "backwards", ...options })).toEqual([]);
        expect(await store.read(aStream(), { from: 3, direction: "forwards", ...options })).toEqual([]);
      });

      it("gives a name that no stream can have as empty, and everybody else what they ask at the same time", async () => {
        const asked = [`${aStream()}\u0000`, stream, stream];
        const direction = ["forwards", "forwards", "backwards"] as const;
        const read = (name: string, index: number) =>
          store.read(name, {
            from: index === 2 ? "end" : "start",
            direction: direction[index] ?? "forwards",
            maxCount: 10,
          });
        const found = await Promise.all(asked.map(read));
        expect(found.map(({ length }) => length)).toEqual([0, 10, 10]);
        expect(await store.read("\u0000", { from: "end", direction: "backwards", maxCount: 1 })).toEqual([]);
      });

      it("gives whole events, with positions that rise along the stream", async () => {
        const events = await readAll(store, stream);
        expect(events).toEqual(
          written.map((event, revision) => ({ ...event, stream, revision, position: events[revision]?.position })),
        );
        for (const [index, event] of events.entries()) {
          if (index > 0) expect(event.position > (events[index - 1]?.position ?? event.position)).toBe(true);
        }
      });

      it("covers every append acknowledged before it, on its own stream at once", async () => {
        const own = aStream();
        for (let revision = 0; revision < 50; revision++) {
          await store.append(own, [newEvent()], revision === 0 ? "no-stream" : revision - 1);
          const [last] = await store.read(own, { from: "end", direction: "backwards", maxCount: 1 });
          expect(last?.revision).toBe(revision);
        }
      });

      describe("of large events", () => {
        let large: string;
        const ids: string[] = [];
        beforeAll(async () => {
          large = aStream();
          ids.push(...(await appendLarge(store, large, 25)));
        });

        it.each(["forwards", "backwards"] as const)("%s ends a page when it has enough bytes", async (direction) => {
          const found: string[] = [];
          for (let pages = 1; ; pages += 1) {
            const at = direction === "forwards" ? found.length : 24 - found.length;
            const from = found.length === 0 ? (direction === "forwards" ? "start" : "end") : at;
            const page = await store.read(large, { from, direction, maxCount: 4096 });
            found.push(...page.map((event) => event.id));
            expect(page.slice(0, -1).reduce((sum, event) => sum + bytesOf(event), 0)).toBeLessThan(PAGE_BYTES);
            if (isLastPage(page, 4096)) {
              expect(pages).toBe(3);
              break;
            }
            expect(page.reduce((sum, event) => sum + bytesOf(event), 0)).toBeGreaterThanOrEqual(PAGE_BYTES);
          }
          expect(found).toEqual(direction === "forwards" ? ids : ids.toReversed());
        });

        it("comes to the end page by page, with none left out", async () => {
          const found: string[] = [];
          for await (const page of pagesOf(store, large, 3)) found.push(...page.map((event) => event.id));
          expect(found).toEqual(ids.slice(3));
        });

        it("ends at maxCount when that comes first", async () => {
          expect(await store.read(large, { from: 2, direction: "forwards", maxCount: 3 })).toHaveLength(3);
        });
      });

      it.each([
        '{"b":1,"a":2,"10":3,"9":4}',
        '{"dup":1,"dup":2}',
        "[1.0, 1e2, 1E+2, -0, 0.10, 12345678901234567890]",
        ' { "spaced" :\t[ 1 ,  2 ]\r\n} ',
        '"ü \\u00fc 🎟️ \\ud83c\\udf9f \\/ \\\\ \\" \\n \u2028 {\\"x\\":\\"{,}\\"}"',
        '"\\u0000 \\ud800"',
        "null",
        '{"":{"":[]}}',
      ])("gives back the very bytes of %j", async (json) => {
        const own = aStream();
        const event = newEvent({ data: json, metadata: json, type: "Ünusual type, {quoted} \"so\" \\ 'so'" });
        await store.append(own, [event], "no-stream");
        expect(await readAll(store, own)).toMatchObject([event]);
        expect(await store.append(own, [event], "no-stream")).toMatchObject({ revision: 0 });
      });
    });

    describe("head", () => {
      it("is null where there is no stream with the prefix", async () => {
        expect(await store.head([`${category()}-`])).toBeNull();
        expect(await store.head([])).toBeNull();
      });

      it("is the position of the last event among the prefixes, whatever follows in other streams", async () => {
        const [one, two] = [category(), category()];
        const first = await store.append(`${one}-a`, newEvents(2), "no-stream");
        expect(await store.head([`${one}-`])).toBe(first.position);
        const second = await store.append(`${two}-a`, newEvents(1), "no-stream");
        await store.append(aStream(), newEvents(20), "no-stream");
        expect(await store.head([`${one}-`])).toBe(first.position);
        expect(await store.head([`${one}-`, `${two}-`])).toBe(second.position);
      });
    });

    describe("subscribe", () => {
      it("delivers what is there, then what comes, in the order of the log", async () => {
        const own = category();
        await store.append(`${own}-a`, newEvents(3), "no-stream");
        await store.append(`${own}-b`, newEvents(2), "no-stream");
        const follower = follow(store, { prefixes: [`${own}-`] });
        await follower.until((events) => events.length === 5);
        const live = await store.append(`${own}-a`, newEvents(2), 2);
        const events = await follower.until((seen) => seen.length === 7);
        await follower.stop();
        expect(events.map((event) => [event.stream, event.revision])).toEqual([
          ...[0, 1, 2].map((revision) => [`${own}-a`, revision]),
          ...[0, 1].map((revision) => [`${own}-b`, revision]),
          ...[3, 4].map((revision) => [`${own}-a`, revision]),
        ]);
        expect(events.at(-1)?.position).toBe(live.position);
      });

      it("delivers the same events, bytes and positions as a read", async () => {
        const own = category();
        const result = await store.append(`${own}-a`, newEvents(5), "no-stream");
        const follower = follow(store, { prefixes: [`${own}-`] });
        const events = await follower.until((seen) => seen.length === 5);
        await follower.stop();
        expect(events).toEqual(await readAll(store, `${own}-a`));
        expect(events.at(-1)?.position).toBe(result.position);
        expect(await store.head([`${own}-`])).toBe(result.position);
      });

      it("delivers only streams with one of the prefixes", async () => {
        const [one, two, other] = [category(), category(), category()];
        for (const stream of [`${one}-a`, `${other}-a`, `${two}-a`, `${one}x-a`]) {
          await store.append(stream, newEvents(2), "no-stream");
        }
        const follower = follow(store, { prefixes: [`${one}-`, `${two}-`] });
        await follower.until((seen) => seen.length === 4);
        await store.append(`${other}-a`, newEvents(1), 1);
        await store.append(`${two}-a`, newEvents(1), 1);
        const events = await follower.until((seen) => seen.length === 5);
        await follower.stop();
        expect(events.map((event) => event.stream)).toEqual([
          ...Array(2).fill(`${one}-a`),
          ...Array(3).fill(`${two}-a`),
        ]);
      });

      it("keeps batches within maxBatch and resumes from any checkpoint", async () => {
        const own = category();
        for (let stream = 0; stream < 5; stream++) await store.append(`${own}-${stream}`, newEvents(5), "no-stream");
        const all = follow(store, { prefixes: [`${own}-`], maxBatch: 3 });
        const events = await all.until((seen) => seen.length === 25);
        await all.stop();
        for (const batch of all.batches) {
          expect(batch.events.length).toBeLessThanOrEqual(3);
          const last = batch.events.at(-1);
          if (last !== undefined) expect(batch.checkpoint >= last.position).toBe(true);
        }
        const stops = all.batches.filter((batch) => batch.events.length > 0);
        expect(stops.length).toBeGreaterThan(8);
        for (const { checkpoint } of stops.slice(0, 6)) {
          const rest = events.filter((event) => event.position > checkpoint);
          const resumed = follow(store, { prefixes: [`${own}-`], after: checkpoint });
          expect(await resumed.until((seen) => seen.length >= rest.length)).toEqual(rest);
          await resumed.stop();
        }
      });

      it("ends a batch when it has enough bytes, and resumes from each", async () => {
        const own = category();
        const ids = await appendLarge(store, `${own}-a`, 20);
        const follower = follow(store, { prefixes: [`${own}-`], maxBatch: 5_000 });
        await follower.until((seen) => seen.length === 20);
        await follower.stop();
        for (const { events } of follower.batches) {
          expect(events.slice(0, -1).reduce((sum, event) => sum + bytesOf(event), 0)).toBeLessThan(PAGE_BYTES);
        }
        const [first] = follower.batches.filter(({ events }) => events.length > 0);
        const resumed = follow(store, { prefixes: [`${own}-`], after: first?.checkpoint ?? null });
        const rest = await resumed.until((seen) => seen.length === 20 - (first?.events.length ?? 0));
        await resumed.stop();
        expect(rest.map((event) => event.id)).toEqual(ids.slice(first?.events.length));
      });

      it("ends without an error when aborted, while it waits and before it begins", async () => {
        const follower = follow(store, { prefixes: [`${category()}-`] });
        await store.append(aStream(), newEvents(1), "no-stream");
        await follower.stop();
        const before = follow(store, { prefixes: [`${category()}-`], signal: AbortSignal.abort() });
        await before.ended;
      });

      it("misses nothing that is appended while it catches up", async () => {
        const own = category();
        const streams = Array.from({ length: 8 }, (_, index) => `${own}-${index}`);
        const follower = follow(store, { prefixes: [`${own}-`], maxBatch: 7 });
        await Promise.all(
          streams.map(async (stream) => {
            for (let revision = 0; revision < 25; revision++) {
              await store.append(stream, [newEvent()], revision === 0 ? "no-stream" : revision - 1);
            }
          }),
        );
        const events = await follower.until((seen) => seen.length >= 200);
        await follower.stop();
        expect(events).toHaveLength(200);
        for (const stream of streams) {
          expect(events.filter((event) => event.stream === stream)).toEqual(await readAll(store, stream));
        }
        for (const [index, event] of events.entries()) {
          if (index > 0) expect(event.position > (events[index - 1]?.position ?? event.position)).toBe(true);
        }
      });
    });

    describe("scan", () => {
      it("gives what a subscription delivers, up to a position, and ends by itself", async () => {
        const own = category();
        const first = await store.append(`${own}-a`, newEvents(2), "no-stream");
        await store.append(`${own}-b`, [newEvent({ data: '{"name":"Jürgen 🎟 Łódź"}' }), newEvent()], "no-stream");
        const { position: upTo } = await store.append(`${own}-a`, newEvents(2), 1);
        await store.append(aStream(), newEvents(1), "no-stream");
        await store.append(`${own}-a`, newEvents(3), 3);
        const all = await scanned(store, { prefixes: [`${own}-`], upTo });
        const [a, b] = [await readAll(store, `${own}-a`), await readAll(store, `${own}-b`)];
        expect(all).toEqual([...a.slice(0, 2), ...b, ...a.slice(2, 4)]);
        expect(await scanned(store, { prefixes: [`${own}-`], after: first.position, upTo })).toEqual(all.slice(2));
        expect(await scanned(store, { prefixes: [`${own}-`], after: upTo, upTo })).toEqual([]);
      });

      it("gives each record as the bytes that its hash is of", async () => {
        const stream = aStream();
        const { position: upTo } = await store.append(stream, [newEvent({ data: '{"né":"½"}' })], "no-stream");
        const [event] = await readAll(store, stream);
        for await (const page of store.scan({ ...scanOf(stream), upTo })) {
          const { id, type, metadata, data } = event as StoredEvent;
          expect(page.record(0).toString()).toBe(`${stream}\n0\n${id}\n${type}\n${metadata}\n${data}`);
          expect(Buffer.from(page.binary(0, PART.data), "latin1").toString()).toBe(data);
          expect(page.binary(0, PART.type)).toBe(type);
          expect([page.count, page.last]).toEqual([1, upTo]);
        }
        expect.hasAssertions();
      });

      it("holds a few megabytes at a time of events that are large, among many that are small", async () => {
        const own = category();
        const large = JSON.stringify({ filler: "x".repeat(1_000_000) });
        for (let written = 0; written < 6_000; written += 1_000) {
          await store.append(`${own}-small`, newEvents(1_000), written === 0 ? "no-stream" : written - 1);
        }
        for (let written = 0; written < 20; written += 1) {
          await store.append(`${own}-large`, [newEvent({ data: large })], written === 0 ? "no-stream" : written - 1);
        }
        const { position: upTo } = await store.append(`${own}-last`, newEvents(1), "no-stream");
        const seen: string[] = [];
        for await (const page of store.scan({ ...scanOf(`${own}-`), upTo })) {
          let bytes = 0;
          for (let index = 0; index < page.count; index += 1) {
            bytes += page.record(index).length;
            seen.push(`${page.text(index, PART.stream)} ${page.text(index, PART.revision)}`);
          }
          expect(bytes).toBeLessThan(PAGE_BYTES + MAX_APPEND_BYTES);
        }
        const named = (name: string, count: number) => Array.from({ length: count }, (_, at) => `${own}-${name} ${at}`);
        expect(seen).toEqual([...named("small", 6_000), ...named("large", 20), ...named("last", 1)]);
      });

      it("ends without an error when it is aborted, or its consumer has seen enough", async () => {
        const stream = aStream();
        const { position: upTo } = await store.append(stream, newEvents(10), "no-stream");
        const done = new AbortController();
        done.abort();
        for await (const page of store.scan({ ...scanOf(stream), upTo, signal: done.signal })) {
          expect(page.count, "after it was aborted").toBe(0);
        }
        for await (const page of store.scan({ ...scanOf(stream), upTo })) {
          if (page.count > 0) break;
        }
        expect(await scanned(store, { prefixes: [stream], upTo })).toHaveLength(10);
      });
    });

    describe("when the server fails", () => {
      it.for<ExpectedRevision>(["any", "no-stream", 0, "stream-exists"])(
        "an append whose reply is lost, expecting %s, is recorded once when sent again",
        async (expected, context) => {
          await tampering(context, async (store, faults) => {
            const stream = aStream();
            const made = expected === 0 || expected === "stream-exists" ? 1 : 0;
            if (made > 0) await store.append(stream, newEvents(1), "no-stream");
            const events = newEvents(2);
            await faults.dropAfterAppend();
            await rejection(store.append(stream, events, expected), OutcomeUnknown);
            const result = await outcomeOf(store, stream, events, expected);
            expect(result.revision).toBe(made + 1);
            const recorded = await readAll(store, stream);
            expect(recorded.slice(made)).toMatchObject(events);
            expect(recorded).toHaveLength(made + 2);
            expect(recorded.at(-1)?.position).toBe(result.position);
          });
        },
      );

      it("an append whose reply is lost keeps its place when others follow before it is sent again", async (context) => {
        await tampering(context, async (store, faults) => {
          const stream = aStream();
          const events = newEvents(2);
          await faults.dropAfterAppend();
          await rejection(store.append(stream, events, "no-stream"), OutcomeUnknown);
          await outcomeOf(store, stream, newEvents(3), 1);
          const result = await outcomeOf(store, stream, events, "no-stream");
          const recorded = await readAll(store, stream);
          expect(recorded).toHaveLength(5);
          expect(result).toEqual({ revision: 1, position: recorded[1]?.position });
        });
      });

      it("says so while the server is away, and recovers by itself when it is back", async (context) => {
        await tampering(context, async (store, faults) => {
          const own = category();
          const stream = `${own}-a`;
          const { position } = await store.append(stream, newEvents(2), "no-stream");
          const follower = follow(store, { prefixes: [`${own}-`] });
          await follower.until((seen) => seen.length === 2);
          const checkpoint = follower.batches.at(-1)?.checkpoint ?? null;

          await faults.stop();
          await rejection(follower.ended, StoreUnavailable);
          const events = newEvents(2);
          const away = await rejection(store.append(stream, events, 1), Error);
          expect(["StoreUnavailable", "OutcomeUnknown"]).toContain(away.name);
          await rejection(store.read(stream, { from: "start", direction: "forwards", maxCount: 1 }), StoreUnavailable);
          await rejection(store.head([`${own}-`]), StoreUnavailable);
          const lost = follow(store, { prefixes: [`${own}-`] });
          await rejection(lost.ended, StoreUnavailable);
          await rejection(scanned(store, { prefixes: [`${own}-`], upTo: position }), StoreUnavailable);

          await faults.start();
          expect((await outcomeOf(store, stream, events, 1)).revision).toBe(3);
          expect(await readAll(store, stream)).toHaveLength(4);
          const resumed = follow(store, { prefixes: [`${own}-`], after: checkpoint });
          expect(await resumed.until((seen) => seen.length >= 2)).toMatchObject(events);
          await resumed.stop();
        });
      });

      it("leaves the appends that were under way with an outcome that can be found out", async (context) => {
        await tampering(context, async (store, faults) => {
          const streams = Array.from({ length: 16 }, aStream);
          const appended = new Map<string, NewEvent[]>();
          let running = true;
          const writers = streams.map(async (stream) => {
            const events: NewEvent[] = [];
            appended.set(stream, events);
            while (running) {
              const event = newEvent();
              await outcomeOf(store, stream, [event], events.length === 0 ? "no-stream" : events.length - 1);
              events.push(event);
            }
          });
          for (let round = 0; round < 3; round++) {
            const before = total(appended);
            await until(() => total(appended) > before + 50);
            await faults.stop();
            await faults.start();
          }
          running = false;
          await Promise.all(writers);
          for (const [stream, events] of appended) {
            expect((await readAll(store, stream)).map((event) => event.id)).toEqual(events.map((event) => event.id));
          }
        });
      });
    });

    async function tampering(
      context: TestContext,
      spec: (store: EventStore, faults: StoreFaults) => Promise<void>,
    ): Promise<void> {
      if (bench.faults === undefined) return context.skip("the server of this bench can't be tampered with");
      const own = await open();
      try {
        if (own.faults === undefined) throw new Error("a bench has faults once and not the next time");
        await spec(own.store, own.faults);
      } finally {
        await own.close();
      }
    }
  });
}

/** Sends the same bytes again until the store says what became of them, as a caller has to. */
async function outcomeOf(
  store: EventStore,
  stream: string,
  events: readonly NewEvent[],
  expected: ExpectedRevision,
): Promise<AppendResult> {
  const deadline = performance.now() + RECOVERY_MS;
  for (;;) {
    try {
      return await store.append(stream, events, expected);
    } catch (error) {
      const open = error instanceof OutcomeUnknown || error instanceof StoreUnavailable;
      if (!open || performance.now() > deadline) throw error;
      await pause(20);
    }
  }
}

/** Events of 900 KiB that compress well, as long texts do. @returns their ids */
async function appendLarge(store: EventStore, stream: string, count: number): Promise<string[]> {
  const data = JSON.stringify("x".repeat(900 * 1024));
  const events = Array.from({ length: count }, () => newEvent({ data }));
  for (const event of events) await store.append(stream, [event], "any");
  return events.map((event) => event.id);
}

/** Appends, lets others follow, sends the same again and finds the first result and `length` events in the stream. */
async function expectResend(
  store: EventStore,
  stream: string,
  events: readonly NewEvent[],
  expected: ExpectedRevision,
  length: number,
): Promise<void> {
  const first = await store.append(stream, events, expected);
  expect(await store.append(stream, events, expected)).toEqual(first);
  await store.append(stream, newEvents(3), first.revision);
  expect(await store.append(stream, events, expected)).toEqual(first);
  expect(await readAll(store, stream)).toHaveLength(length);
}

async function rejection<E extends Error>(
  promise: Promise<unknown>,
  kind: abstract new (...args: never[]) => E,
): Promise<E> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  if (!("error" in outcome)) throw new Error(`expected ${kind.name}, but it succeeded`);
  if (!(outcome.error instanceof kind)) throw outcome.error;
  return outcome.error;
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + RECOVERY_MS;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error("the condition never came true");
    await pause(5);
  }
}

const total = (appended: ReadonlyMap<string, readonly NewEvent[]>): number =>
  [...appended.values()].reduce((sum, events) => sum + events.length, 0);
