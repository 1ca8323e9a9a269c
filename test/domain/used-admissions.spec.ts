import { describe, expect, it } from "vitest";
import { UsedAdmissions } from "../../src/domain/used-admissions.ts";

/** As long as an admission stands. */
const STANDS_MS = 15 * 60_000;
const soon = 1_000_000;

/** As a batch uses them. */
const used = (admissions: UsedAdmissions, ...all: readonly (readonly [id: string, endsAtMs: number])[]) => {
  for (const [id, endsAtMs] of all) admissions.add(id, endsAtMs);
  admissions.commit();
};

describe("admissions that are used", () => {
  it("are known at once, and for good when they are committed", () => {
    const admissions = new UsedAdmissions();
    admissions.add("a", soon);
    expect([admissions.has("a"), admissions.has("b"), admissions.entries()]).toEqual([true, false, []]);
    admissions.commit();
    admissions.rollback();
    expect([admissions.has("a"), admissions.entries()]).toEqual([true, [["a", soon]]]);
  });

  it("may be used again where the append failed", () => {
    const admissions = new UsedAdmissions();
    used(admissions, ["a", soon]);
    admissions.add("b", soon);
    admissions.rollback();
    admissions.commit();
    expect([admissions.has("a"), admissions.has("b")]).toEqual([true, false]);
  });

  it("are forgotten when they are over, which another tells that ends 15 minutes later, and not before", () => {
    const admissions = new UsedAdmissions();
    used(admissions, ["a", soon], ["b", soon + 1]);
    used(admissions, ["c", soon + STANDS_MS - 1]);
    expect(admissions.entries().map(([id]) => id)).toEqual(["a", "b", "c"]);
    used(admissions, ["d", soon + STANDS_MS]);
    expect(admissions.entries().map(([id]) => id)).toEqual(["b", "c", "d"]);
    expect([admissions.has("a"), admissions.has("b")]).toEqual([false, true]);
  });

  it("are forgotten alike after a restart, and where the one that ends last was not used last", () => {
    const restored = new UsedAdmissions(
      new Map([
        ["a", soon],
        ["b", soon + STANDS_MS],
      ]),
    );
    expect([restored.has("a"), restored.has("b")]).toEqual([true, true]);
    used(restored, ["c", soon + 1]);
    expect(restored.entries().map(([id]) => id)).toEqual(["b", "c"]);
  });
});
