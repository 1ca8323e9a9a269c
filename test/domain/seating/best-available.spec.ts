import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bestAvailable } from "../../../src/domain/seating/best-available.ts";
import { HELD, SeatTable } from "../../../src/domain/seating/seat-table.ts";
import { planOf } from "../../../src/domain/seating/seating-plan.ts";
import { allBlocks, freeSeats, group, hall, plainOf, tableOf } from "./plain-seating.ts";

const runs = { numRuns: 2_000 };

/** `.` free, `x` taken, `a` accessible and free, `c` for a companion and free; the quality behind, if any. */
function rowsOf(...rows: readonly string[]): SeatTable {
  return tableOf(
    rows.map((text) => {
      const [seats = "", quality = "0"] = text.split(" ");
      return {
        quality: Number(quality),
        seats: [...seats].map((one) => ({
          kind: one === "a" ? ("accessible" as const) : one === "c" ? ("companion" as const) : ("ordinary" as const),
          isFree: one !== "x",
        })),
      };
    }),
  );
}

const rowsOfLength = (...lengths: readonly number[]) =>
  lengths.map((length, row) => ({ name: `R${row}`, seats: `1-${length}` }));

/** Counts how often it is asked whether a seat is free. */
class LookedAt extends SeatTable {
  looks = 0;

  override isFree(seat: number): boolean {
    this.looks += 1;
    return super.isFree(seat);
  }
}

/** Ids of seats without the section, or why there are none. */
function best(table: SeatTable, quantity: number, { split = false, accessible = 0 } = {}) {
  const found = bestAvailable(table, { quantity, split, accessible });
  return "seats" in found ? found.seats.map((seat) => table.plan.idOf(seat).slice(2)).join(" ") : found;
}

describe("the best seats for a group", () => {
  it("are the first that any search through all blocks would name, and never taken ones", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(hall, group, (rows, wish) => {
        const table = tableOf(rows);
        const before = freeSeats(table);
        const plain = plainOf(rows);
        const { quantity, accessible } = wish;
        const [first] = allBlocks(plain, quantity, accessible);
        const found = bestAvailable(table, wish);
        expect(freeSeats(table), "choosing changed the table").toEqual(before);
        if (first !== undefined) {
          seen.add("block");
          expect(found).toEqual({ seats: Array.from({ length: quantity }, (_, n) => first + n) });
          return;
        }
        if ("none" in found) {
          seen.add(found.none);
          const free = plain.filter(({ isFree, kind }) => isFree && (accessible > 0 || kind === "ordinary"));
          const fit = free.filter(({ kind }) => kind === "accessible").length >= accessible ? free.length : 0;
          if (found.none === "sold-out") expect(found.available).toBe(fit);
          expect(found.none === "sold-out").toBe(fit < quantity);
          return;
        }
        seen.add("parts");
        expect(wish.split).toBe(true);
        expect(new Set(found.seats).size).toBe(quantity);
        for (const seat of found.seats) {
          expect(plain[seat]?.isFree).toBe(true);
          if (accessible === 0) expect(plain[seat]?.kind).toBe("ordinary");
        }
        expect(found.seats.filter((seat) => plain[seat]?.kind === "accessible").length).toBeGreaterThanOrEqual(
          accessible,
        );
      }),
      runs,
    );
    expect([...seen].sort()).toEqual(["block", "no-adjacent-seats", "parts", "sold-out"]);
  });

  it("a group that may sit apart is refused only where so many are not free, unless it needs accessible seats", () => {
    fc.assert(
      fc.property(hall, group, (rows, wish) => {
        const table = tableOf(rows);
        const found = bestAvailable(table, { ...wish, split: true, accessible: 0 });
        expect("seats" in found).toBe(table.freeOrdinary >= wish.quantity);
      }),
      runs,
    );
  });

  it("stay right through sales, returns, commits and rollbacks", () => {
    const step = fc.record({ wish: group, keep: fc.boolean(), back: fc.nat(5) });
    fc.assert(
      fc.property(hall, fc.array(step, { maxLength: 12 }), (rows, steps) => {
        const table = tableOf(rows);
        let plain = plainOf(rows);
        for (const { wish, keep, back } of steps) {
          const before = plain;
          const found = bestAvailable(table, wish);
          const [first] = allBlocks(plain, wish.quantity, wish.accessible);
          if (first !== undefined) expect(found).toMatchObject({ seats: { 0: first } });
          const taken = new Set("seats" in found ? found.seats : []);
          for (const seat of taken) table.set(seat, HELD);
          plain = plain.map((one, index) => (taken.has(index) ? { ...one, isFree: false } : one));
          const returned = plain.findIndex((one, index) => !one.isFree && index % 6 >= back);
          if (returned >= 0) {
            table.set(returned, 0);
            plain = plain.map((one, index) => (index === returned ? { ...one, isFree: true } : one));
          }
          if (keep) table.commit();
          else {
            table.rollback();
            plain = before;
          }
          expect(freeSeats(table)).toEqual(plain.flatMap(({ isFree }, index) => (isFree ? [index] : [])));
          expect(table.free).toBe(freeSeats(table).length);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("are of the best quality, though a worse row would leave no single seat", () => {
    expect(best(rowsOf("..", "... 5"), 2)).toBe("R1-1 R1-2");
  });

  it("leave no single seat where a row of the same quality allows it", () => {
    expect(best(rowsOf("...x", "xx..", "...."), 2)).toBe("R1-3 R1-4");
    expect(best(rowsOf("...x", "x..x"), 2)).toBe("R1-2 R1-3");
  });

  it("leave one where there is no other way", () => {
    expect(best(rowsOf("...x"), 2)).toBe("R0-2 R0-3");
  });

  it("are in the middle of an empty row", () => {
    expect(best(rowsOf(".........."), 2)).toBe("R0-5 R0-6");
    expect(best(rowsOf("............"), 1)).toBe("R0-6");
  });

  it("are no accessible ones, nor those beside them for companions, unless somebody asks", () => {
    expect(best(rowsOf("ac..", "...."), 2)).toBe("R0-3 R0-4");
    expect(best(rowsOf("acca"), 1)).toEqual({ none: "sold-out", available: 0 });
    expect(best(rowsOf("....", "acc."), 2, { accessible: 1 })).toBe("R1-1 R1-2");
    expect(best(rowsOf("aac.", ".ac."), 2, { accessible: 1 })).toBe("R1-1 R1-2");
    expect(best(rowsOf("...."), 2, { accessible: 1 })).toEqual({ none: "sold-out", available: 0 });
  });

  it("are apart only if that is wished, and then nobody sits alone where that can be", () => {
    expect(best(rowsOf("....x...x.."), 5)).toEqual({ none: "no-adjacent-seats" });
    expect(best(rowsOf("....x...x.."), 5, { split: true })).toBe("R0-6 R0-7 R0-8 R0-3 R0-4");
    expect(best(rowsOf(".x.x."), 3, { split: true })).toBe("R0-3 R0-1 R0-5");
    expect(best(rowsOf(".x.x."), 4, { split: true })).toEqual({ none: "sold-out", available: 3 });
  });

  it.each([0, 1, 20])(
    "are found for a group of 1,000 by a few looks at each row a part, %i accessible",
    (accessible) => {
      const rows = Array.from({ length: 20 }, (_, row) => ({ name: `${row}`, seats: "1-100", accessible: "50" }));
      const table = new LookedAt(planOf({ sections: [{ name: "S", rows }] }));
      const found = bestAvailable(table, { quantity: 1_000, split: true, accessible });
      if ("none" in found) throw new Error(found.none);
      expect(new Set(found.seats).size).toBe(1_000);
      const parts = 1 + found.seats.filter((seat, n) => n > 0 && seat !== (found.seats[n - 1] ?? 0) + 1).length;
      expect(parts).toBeLessThan(50);
      expect(table.looks).toBeLessThan(parts * 4 * table.plan.size);
    },
  );

  it("have no more accessible ones than are asked for, though that leaves a single seat", () => {
    expect(best(rowsOf("aa", "ac."), 2, { accessible: 1 })).toBe("R1-1 R1-2");
  });

  it("are apart in as large parts as there is room for, also where some have to be accessible", () => {
    expect(best(rowsOf("a..", ".."), 5, { split: true, accessible: 1 })).toBe("R0-1 R0-2 R0-3 R1-1 R1-2");
    const long = new SeatTable(planOf({ sections: [{ name: "S", rows: rowsOfLength(40, 40) }] }));
    const found = bestAvailable(long, { quantity: 80, split: true, accessible: 0 });
    expect(found).toEqual({ seats: Array.from({ length: 80 }, (_, seat) => seat) });
  });

  it("are apart so that one sits alone only where that has to be", () => {
    expect(best(rowsOf("..x."), 3, { split: true }), "after the larger part").toBe("R0-1 R0-2 R0-4");
    expect(best(rowsOf("a.ax."), 4, { split: true, accessible: 2 })).toBe("R0-1 R0-2 R0-3 R0-5");
    expect(best(rowsOf("aaaxaa"), 4, { split: true, accessible: 4 })).toBe("R0-5 R0-6 R0-2 R0-3");
  });

  it("are not apart on companions' seats for those who need none", () => {
    expect(best(rowsOf("axcx."), 3, { split: true, accessible: 1 })).toEqual({ none: "no-adjacent-seats" });
  });

  it.each([29, 30, 31, 40])(
    "leave no single seat of a long row where another allows it, for a group of %i",
    (quantity) => {
      const table = new SeatTable(planOf({ sections: [{ name: "S", rows: rowsOfLength(quantity + 1, 50) }] }));
      expect(best(table, quantity)).toMatch(/^R1-/);
      const both = new SeatTable(planOf({ sections: [{ name: "S", rows: rowsOfLength(quantity + 1, quantity + 1) }] }));
      expect(best(both, quantity)).toMatch(/^R0-/);
    },
  );

  it("are looked for only in rows with accessible seats by a group that needs one", () => {
    const rows = Array.from({ length: 20 }, (_, row) => ({
      name: `${row}`,
      seats: "1-100",
      ...(row === 7 ? { accessible: "50" } : {}),
    }));
    const table = new LookedAt(planOf({ sections: [{ name: "S", rows }] }));
    expect(bestAvailable(table, { quantity: 2, split: false, accessible: 1 })).toEqual({ seats: [749, 750] });
    expect(table.looks).toBeLessThanOrEqual(100);
  });

  it("are found for groups that are longer than what is kept about a row", () => {
    const map = {
      sections: [
        {
          name: "S",
          rows: [
            { name: "A", seats: "1-35" },
            { name: "B", seats: "1-40", quality: 1 },
          ],
        },
      ],
    };
    const table = new SeatTable(planOf(map));
    expect(best(table, 40)).toMatch(/^B-1 .* B-40$/);
    table.set(70, HELD);
    expect(best(table, 34)).toMatch(/^B-2 /);
    expect(best(table, 36)).toEqual({ none: "no-adjacent-seats" });
    expect(best(table, 35)).toMatch(/^B-1 /);
    for (const quantity of [29, 30, 31, 32]) expect(best(table, quantity)).toMatch(/^B-/);
  });
});
