import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { KEY_WINDOW_MS, KeyWindow, MAX_SEGMENTS } from "../../src/commands/key-window.ts";

/** Stands for a SHA-256 where a million real ones would take too long: well spread, different for each index. */
function key(index: number): string {
  const bytes = Buffer.alloc(32);
  bytes.writeUInt32LE(index, 0);
  bytes.writeUInt32LE(Math.imul(index, 0x9e3779b1) >>> 0, 4);
  return bytes.toString("base64url");
}

const KEYS = Array.from({ length: 41 }, (_, index) => index);

type Step =
  | { readonly do: "add"; readonly key: number }
  | { readonly do: "commit" }
  | { readonly do: "rollback" }
  | { readonly do: "restart" };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("add" as const), key: fc.nat(40) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("commit" as const, "rollback" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("restart" as const) }) },
);

const throughJson = (window: KeyWindow): KeyWindow => KeyWindow.restore(JSON.parse(JSON.stringify(window.snapshot())));

describe("key window", () => {
  it("finds what a Map would, staged or committed, also after a restart", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200, size: "max" }), (steps) => {
        let window = new KeyWindow();
        let committed = new Map<number, number>();
        let staged = new Map<number, number>();
        for (const [revision, one] of steps.entries()) {
          if (one.do === "add") {
            window.add(key(one.key), revision, revision);
            staged.set(one.key, revision);
          } else if (one.do === "commit") {
            window.commit();
            window.snapshot(); // is not what a later one repeats
            committed = new Map([...committed, ...staged]);
            staged = new Map();
          } else if (one.do === "rollback") {
            window.rollback();
            staged = new Map();
          } else {
            window = throughJson(window);
            staged = new Map();
          }
          const wrong = KEYS.filter((k) => window.find(key(k)) !== (staged.get(k) ?? committed.get(k)));
          expect(wrong).toEqual([]);
          expect(window.size).toBe(committed.size);
          expect(window.forgotten(revision)).toBeNull();
        }
      }),
    );
  });

  it("holds many segments of keys, all of them found, also after a restart", () => {
    const window = filled(60_000, () => 0);
    const restored = throughJson(window);
    for (const index of [0, 1, 16_383, 16_384, 30_000, 59_999]) {
      expect([window.find(key(index)), restored.find(key(index))]).toEqual([index, index]);
    }
    expect(window.find(key(60_000))).toBeUndefined();
    expect(restored.size).toBe(60_000);
  });

  it("goes on after a restart as if there had been none", () => {
    const window = throughJson(filled(20_000, () => 0));
    for (let index = 20_000; index < 40_000; index += 1) {
      window.add(key(index), index, 0);
      window.commit();
    }
    for (const index of [0, 16_384, 19_999, 20_000, 39_999]) expect(window.find(key(index))).toBe(index);
  });

  it("forgets the oldest keys beyond a million, and says up to which revision", () => {
    const room = MAX_SEGMENTS * 16_384;
    const window = filled(room, (index) => index);
    expect([window.size, window.forgotten(room)]).toEqual([room, null]);
    window.add(key(room), room, room);
    window.commit();
    expect(window.size).toBe(room - 16_384 + 1);
    expect(window.forgotten(room)).toBe(16_383);
    expect(window.find(key(0))).toBeUndefined();
    expect(window.find(key(16_384))).toBe(16_384);
    expect(window.find(key(room))).toBe(room);
    const restored = throughJson(window);
    expect(restored.forgotten(room)).toBe(16_383);
    // Once the youngest that was forgotten is older than 24 h, nobody can come with it any more.
    expect(window.forgotten(16_383 + KEY_WINDOW_MS - 1)).toBe(16_383);
    expect(window.forgotten(16_383 + KEY_WINDOW_MS)).toBeNull();
  }, 30_000);

  it("drops keys older than 24 hours without calling them forgotten", () => {
    const window = filled(40_000, () => 0);
    const later = KEY_WINDOW_MS + 1;
    for (let index = 40_000; index < 60_000; index += 1) window.add(key(index), index, later);
    window.commit();
    expect(window.find(key(0))).toBeUndefined();
    expect(window.find(key(59_999))).toBe(59_999);
    expect(window.forgotten(later)).toBeNull();
    expect(window.size).toBeLessThan(40_000);
  });

  it("a window of few keys takes little room: there may be twenty thousand aggregates in memory", () => {
    const before = process.memoryUsage().arrayBuffers;
    const windows = Array.from({ length: 1_000 }, (_, index) => {
      const window = new KeyWindow();
      window.add(key(index), 0, 0);
      window.commit();
      return window;
    });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000 * 2_048);
    expect(windows.every((window, index) => window.find(key(index)) === 0)).toBe(true);
  });

  it("takes no snapshot that can't be one", () => {
    const segment = (slots: string) => ({
      forgottenUpTo: -1,
      forgottenAtMs: 0,
      segments: [{ newestAtMs: 0, newestRevision: 0, slots }],
    });
    const tooMany = Buffer.alloc(16_385 * 12, 1);
    for (let i = 0; i < 16_385; i += 1) tooMany.writeUInt32LE(i, i * 12);
    expect(() => KeyWindow.restore(segment(tooMany.toString("base64")))).toThrow();
    expect(() => KeyWindow.restore(segment(Buffer.alloc(13, 1).toString("base64")))).toThrow();
  });
});

/** Committed in portions, as batches are. */
function filled(count: number, atMs: (index: number) => number): KeyWindow {
  const window = new KeyWindow();
  for (let index = 0; index < count; index += 1) {
    window.add(key(index), index, atMs(index));
    if (index % 500 === 499) window.commit();
  }
  window.commit();
  return window;
}
