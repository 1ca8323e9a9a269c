import fc from "fast-check";
import type { GroupWish } from "../../../src/domain/seating/best-available.ts";
import { readSeatMap, type SeatMapWish } from "../../../src/domain/seating/reading-maps.ts";
import { FREE, type SeatStatus, SeatTable } from "../../../src/domain/seating/seat-table.ts";
import { planOf } from "../../../src/domain/seating/seating-plan.ts";

/** A seat as plainly as it can be put, for looking at every possibility there is. */
export interface PlainSeat {
  readonly row: number;
  readonly quality: number;
  readonly kind: "ordinary" | "accessible" | "companion";
  readonly isFree: boolean;
}

/** A hall: rows of seats with what each is and whether it is free. */
export type PlainRow = { readonly quality: number; readonly seats: readonly Omit<PlainSeat, "row" | "quality">[] };

const seat = fc.record({
  kind: fc.oneof(
    { weight: 6, arbitrary: fc.constant("ordinary" as const) },
    { weight: 1, arbitrary: fc.constantFrom("accessible" as const, "companion" as const) },
  ),
  isFree: fc.boolean(),
});

/** Rows mostly free and rows mostly taken. */
const row = fc
  .tuple(fc.nat(2), fc.array(seat, { minLength: 1, maxLength: 14 }), fc.integer({ min: 0, max: 3 }))
  .map(([quality, seats, rounds]) => ({
    quality,
    seats: seats.map((one, index) => ({ ...one, isFree: one.isFree || (index * 7 + rounds) % 4 < rounds })),
  }));

export const hall: fc.Arbitrary<readonly PlainRow[]> = fc.array(row, { minLength: 1, maxLength: 6 });

export const group: fc.Arbitrary<GroupWish> = fc.record({
  quantity: fc.integer({ min: 1, max: 9 }),
  split: fc.boolean(),
  accessible: fc.constantFrom(0, 0, 0, 1, 2),
});

/** The hall as a map and a table; seats are numbered through in the order of its rows. */
export function tableOf(rows: readonly PlainRow[]): SeatTable {
  const wish: SeatMapWish = {
    sections: [
      {
        name: "S",
        rows: rows.map(({ quality, seats }, index) => {
          const named = (kind: PlainSeat["kind"]) =>
            seats.flatMap((one, number) => (one.kind === kind ? [String(number + 1)] : []));
          return {
            name: `R${index}`,
            quality,
            seats: `1-${seats.length}`,
            accessible: named("accessible"),
            companions: named("companion"),
          };
        }),
      },
    ],
  };
  const read = readSeatMap(wish);
  if ("issues" in read) throw new Error(JSON.stringify(read.issues));
  const table = new SeatTable(planOf(read.map));
  for (const [number, { isFree }] of plainOf(rows).entries())
    if (!isFree) table.set(number, ((number % 3) + 1) as SeatStatus);
  table.commit();
  return table;
}

export const plainOf = (rows: readonly PlainRow[]): readonly PlainSeat[] =>
  rows.flatMap(({ quality, seats }, index) => seats.map((one) => ({ ...one, row: index, quality })));

/** Every block of so many seats side by side that the group may have, the best first: by looking at all of them. */
export function allBlocks(seats: readonly PlainSeat[], quantity: number, accessible: number): readonly number[] {
  const mayHave = (index: number): boolean => {
    const one = seats[index];
    return one?.isFree === true && (accessible > 0 || one.kind === "ordinary");
  };
  const isBeside = (one: number, other: number) => seats[one]?.row === seats[other]?.row;
  const alone = (index: number, from: number): number =>
    isBeside(index, from) && mayHave(index) && !(isBeside(2 * index - from, index) && mayHave(2 * index - from))
      ? 1
      : 0;
  const found: { readonly start: number; readonly rank: readonly number[] }[] = [];
  for (let start = 0; start + quantity <= seats.length; start += 1) {
    const block = Array.from({ length: quantity }, (_, n) => start + n);
    if (!block.every((index) => mayHave(index) && isBeside(index, start))) continue;
    const given = block.filter((index) => seats[index]?.kind === "accessible").length;
    if (given < accessible) continue;
    const { row, quality } = seats[start] as PlainSeat;
    const inRow = seats.flatMap((one, index) => (one.row === row ? [index] : []));
    const last = start + quantity - 1;
    const singles = alone(start - 1, start) + alone(last + 1, last);
    const middle = ((inRow[0] as number) + (inRow.at(-1) as number)) / 2;
    const rank = [
      -quality,
      accessible === 0 ? 0 : given - accessible,
      singles,
      row,
      Math.abs((start + last) / 2 - middle),
    ];
    found.push({ start, rank: [...rank, start] });
  }
  found.sort((one, other) => compare(one.rank, other.rank));
  return found.map(({ start }) => start);
}

function compare(one: readonly number[], other: readonly number[]): number {
  for (const [index, value] of one.entries()) {
    const difference = value - (other[index] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}

export const freeSeats = (table: SeatTable): readonly number[] =>
  Array.from({ length: table.plan.size }, (_, n) => n).filter((n) => table.statusOf(n) === FREE);
