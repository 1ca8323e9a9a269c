import { expect, it } from "vitest";
import { BLOCKED, FREE, HELD, SeatTable, SOLD } from "../../../src/domain/seating/seat-table.ts";
import { planOf } from "../../../src/domain/seating/seating-plan.ts";

/** One row of five seats, of which the first is accessible and the second for a companion. */
const five = () =>
  new SeatTable(
    planOf({ sections: [{ name: "S", rows: [{ name: "A", seats: "1-5", accessible: "1", companions: "2" }] }] }),
  );
const countsOf = ({ free, freeOrdinary, freeAccessible }: SeatTable) => [free, freeOrdinary, freeAccessible];

it("counts free seats, of every kind and each by itself", () => {
  const table = five();
  expect(countsOf(table)).toEqual([5, 3, 1]);
  for (const seat of [0, 1, 2]) table.set(seat, HELD);
  expect(countsOf(table)).toEqual([2, 2, 0]);
});

it("a seat that goes from one to another without being free in between counts once", () => {
  const table = five();
  for (const status of [HELD, SOLD, BLOCKED, HELD] as const) {
    table.set(4, status);
    expect(countsOf(table)).toEqual([4, 2, 1]);
  }
  table.rollback();
  expect(countsOf(table)).toEqual([5, 3, 1]);
});

it("a seat that is set to what it is stays as it is", () => {
  const table = five();
  table.set(4, FREE);
  expect(countsOf(table)).toEqual([5, 3, 1]);
  table.rollback();
  expect(countsOf(table)).toEqual([5, 3, 1]);
});
