import { bestAvailable } from "../src/domain/seating/best-available.ts";
import type { SeatMap } from "../src/domain/seating/seat-map.ts";
import { HELD, SeatTable } from "../src/domain/seating/seat-table.ts";
import { planOf } from "../src/domain/seating/seating-plan.ts";
import { Chance } from "../src/seed/chance.ts";

export interface SeatingFigures {
  readonly seats: number;
  readonly choices: number;
  readonly none: number;
  /** Milliseconds of one choice, nothing else. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly longestMs: number;
}

/**
 * How long choosing the best seats for groups of 1 to 8 takes on a map of 50,000 seats of which 95 % are taken at random,
 * so that rows are in pieces. After each choice the group sits down and as many others get up, so that the map stays as
 * full; that is not measured, but what the choice has to look at again because of it is.
 */
export function benchSeating(seed: string, choices: number): SeatingFigures {
  const random = new Chance(seed);
  const chance = () => random.share();
  const table = new SeatTable(planOf(HALL));
  const { size } = table.plan;
  const taken: number[] = [];
  const sit = (seat: number): void => {
    table.set(seat, HELD);
    taken.push(seat);
  };
  const getUp = (): void => {
    const place = Math.floor(chance() * taken.length);
    const seat = taken[place] as number;
    taken[place] = taken.at(-1) as number;
    taken.pop();
    table.set(seat, 0);
  };
  while (taken.length < 0.95 * size) {
    const seat = Math.floor(chance() * size);
    if (table.isFree(seat)) sit(seat);
  }
  table.commit();
  const tookMs: number[] = [];
  let none = 0;
  for (let n = 0; n < choices; n += 1) {
    const quantity = 1 + (n % 8);
    const before = performance.now();
    const found = bestAvailable(table, { quantity, split: false, accessible: 0 });
    tookMs.push(performance.now() - before);
    if ("none" in found) none += 1;
    else for (const seat of found.seats) sit(seat);
    while (taken.length > 0.95 * size) getUp();
    for (let moved = 0; moved < 4; moved += 1) getUp();
    for (let moved = 0; moved < 4; ) {
      const seat = Math.floor(chance() * size);
      if (!table.isFree(seat)) continue;
      sit(seat);
      moved += 1;
    }
    table.commit();
  }
  const sorted = tookMs.sort((a, b) => a - b);
  const at = (part: number): number => sorted[Math.floor(part * (sorted.length - 1))] as number;
  return { seats: size, choices, none, p50Ms: at(0.5), p99Ms: at(0.99), longestMs: at(1) };
}

/** 50,000 seats in 1,000 rows of 50, the front rows better, wheelchair places at the ends of every tenth row. */
export const HALL: SeatMap = {
  sections: Array.from({ length: 20 }, (_, section) => ({
    name: `S${section + 1}`,
    rows: Array.from({ length: 50 }, (_, row) => ({
      name: `R${row + 1}`,
      seats: "1-50",
      quality: 50 - row,
      ...(row % 10 === 9 ? { accessible: "1,50", companions: "2,49" } : {}),
    })),
  })),
};
