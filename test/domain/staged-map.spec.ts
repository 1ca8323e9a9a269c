import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { StagedMap } from "../../src/domain/staged-map.ts";

const contents = <V>(map: StagedMap<string, V>): [string, V][] => [...map.entries()].sort(byKey);
const byKey = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);

describe("a staged map", () => {
  it("shows its changes before they are committed", () => {
    const map = new StagedMap(new Map([["a", 1]])).set("b", 2).set("a", 3);
    expect(contents(map)).toEqual([
      ["a", 3],
      ["b", 2],
    ]);
    expect([map.size, map.get("a"), map.has("b")]).toEqual([2, 3, true]);
  });

  it("drops them on rollback", () => {
    const map = new StagedMap(new Map([["a", 1]])).set("b", 2).set("a", 3);
    map.delete("a");
    map.rollback();
    expect(contents(map)).toEqual([["a", 1]]);
    expect(map.size).toBe(1);
  });

  it("keeps them on commit, whatever is rolled back later", () => {
    const map = new StagedMap(new Map([["a", 1]])).set("b", 2);
    map.delete("a");
    map.commit();
    map.set("c", 4).rollback();
    expect(contents(map)).toEqual([["b", 2]]);
  });

  it("tells whether there was something to delete", () => {
    const map = new StagedMap(new Map([["a", 1]]));
    expect([map.delete("a"), map.delete("a"), map.delete("b"), map.size]).toEqual([true, false, false, 0]);
    expect([map.get("a"), map.has("a")]).toEqual([undefined, false]);
  });

  it("takes back what it deleted", () => {
    const map = new StagedMap(new Map([["a", 1]]));
    map.delete("a");
    map.set("a", 2);
    expect([map.size, map.get("a")]).toEqual([1, 2]);
    map.commit();
    expect(contents(map)).toEqual([["a", 2]]);
  });
});

const KEYS: readonly string[] = ["a", "b", "c", "d", "e"];
const key = fc.constantFrom(...KEYS);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("set" as const), key, value: fc.nat() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("delete" as const), key }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("commit" as const, "rollback" as const) }) },
);

it("is a Map of which changes can be taken back to the last commit", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(key, fc.nat()), { selector: ([k]) => k }), fc.array(step), (initial, steps) => {
      const staged = new StagedMap(new Map(initial));
      let committed = new Map(initial);
      let model = new Map(initial);
      for (const one of steps) {
        if (one.do === "set") {
          staged.set(one.key, one.value);
          model.set(one.key, one.value);
        } else if (one.do === "delete") {
          expect(staged.delete(one.key)).toBe(model.delete(one.key));
        } else if (one.do === "commit") {
          staged.commit();
          committed = new Map(model);
        } else {
          staged.rollback();
          model = new Map(committed);
        }
        expect(staged.size).toBe(model.size);
        expect(contents(staged)).toEqual([...model].sort(byKey));
        for (const k of KEYS) {
          expect([staged.get(k), staged.has(k)]).toEqual([model.get(k), model.has(k)]);
        }
      }
    }),
    { numRuns: 300 },
  );
});
