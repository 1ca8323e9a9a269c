import type { Money } from "../money.ts";
import { readSeats } from "./notation.ts";
import { MAX_SEATS_A_ROW, type SeatMap, seatIdOf } from "./seat-map.ts";

/** What a seat is for, beside for sitting: see {@link SeatingPlan.kinds}. */
export const ORDINARY = 0;
export const ACCESSIBLE = 1;
export const COMPANION = 2;

/** A row of a plan: its seats are numbered through, from `start` to before `end`. */
export interface PlanRow {
  readonly section: string;
  /** The section's; null: the ticket type's. */
  readonly price: Money | null;
  readonly name: string;
  readonly quality: number;
  readonly start: number;
  readonly end: number;
  /** Names in the row, by place; rows that are numbered alike share one list. */
  readonly names: readonly string[];
}

/**
 * A seat map ready to be worked on: seats are numbers from 0 in the order of the map, and what belongs to each stands in
 * typed arrays: three bytes a seat, and next to nothing for their names. It never changes.
 */
export interface SeatingPlan {
  readonly map: SeatMap;
  readonly size: number;
  readonly rows: readonly PlanRow[];
  /** Places in `rows`, the best first. */
  readonly bestFirst: Uint16Array;
  /** Those of them with accessible seats, the best first. */
  readonly rowsWithAccessible: readonly number[];
  /** By seat, its place in `rows`. */
  readonly rowOf: Uint16Array;
  /** By seat: {@link ORDINARY}, {@link ACCESSIBLE} or {@link COMPANION}. */
  readonly kinds: Uint8Array;
  /** Seats that the map has as blocked. */
  readonly blocked: readonly number[];
  /** By id, e.g. `STALLS-A-12`; undefined: there is no such seat. */
  seatOf(id: string): number | undefined;
  /** @param seat a seat of this plan */
  idOf(seat: number): string;
  /** @returns the section's, null: the ticket type's */
  priceOf(seat: number): Money | null;
}

/** @param map one that was read without issues */
export function planOf(map: SeatMap): SeatingPlan {
  const rows: PlanRow[] = [];
  const lists = new Map<string, readonly string[]>();
  const byName = new Map<string, PlanRow>();
  let size = 0;
  for (const section of map.sections) {
    for (const { name, seats, quality = 0 } of section.rows) {
      const names = namesIn(seats, lists);
      const start = size;
      size += names.length;
      const row = { section: section.name, price: section.price ?? null, name, quality, start, end: size, names };
      rows.push(row);
      byName.set(`${section.name}-${name}`, row);
    }
  }
  const rowOf = new Uint16Array(size); // a map has no room for 65,536 rows (MAX_MAP_BYTES)
  const kinds = new Uint8Array(size);
  const blocked: number[] = [];
  let place = 0;
  for (const section of map.sections) {
    for (const written of section.rows) {
      const row = rows[place] as PlanRow;
      rowOf.fill(place, row.start, row.end);
      const each = (list: string | undefined, take: (seat: number) => void): void => {
        for (const name of list === undefined ? [] : namesIn(list, lists)) take(row.start + row.names.indexOf(name));
      };
      each(written.accessible, (seat) => {
        kinds[seat] = ACCESSIBLE;
      });
      each(written.companions, (seat) => {
        kinds[seat] = COMPANION;
      });
      each(written.blocked, (seat) => blocked.push(seat));
      place += 1;
    }
  }
  const qualityOf = (index: number): number => (rows[index] as PlanRow).quality;
  // Among equals the one that comes first stays first.
  const bestFirst = rows.map((_, index) => index).sort((a, b) => qualityOf(b) - qualityOf(a));
  return {
    map,
    size,
    rows,
    bestFirst: Uint16Array.from(bestFirst),
    rowsWithAccessible: bestFirst.filter((index) => {
      const { start, end } = rows[index] as PlanRow;
      return kinds.subarray(start, end).includes(ACCESSIBLE);
    }),
    rowOf,
    kinds,
    blocked,
    seatOf(id) {
      const cut = id.lastIndexOf("-");
      const row = byName.get(id.slice(0, Math.max(0, cut)));
      if (row === undefined) return undefined;
      const inRow = row.names.indexOf(id.slice(cut + 1));
      return inRow < 0 ? undefined : row.start + inRow;
    },
    idOf(seat) {
      const { section, name, names, start } = rows[rowOf[seat] as number] as PlanRow;
      return seatIdOf(section, name, names[seat - start] as string);
    },
    priceOf: (seat) => (rows[rowOf[seat] as number] as PlanRow).price,
  };
}

function namesIn(seats: string, known: Map<string, readonly string[]>): readonly string[] {
  let names = known.get(seats);
  if (names === undefined) {
    const read = readSeats(seats, MAX_SEATS_A_ROW, () => true);
    if ("wrong" in read) throw new Error(`a row of a seat map on record ${read.wrong}`);
    names = read.names;
    known.set(seats, names);
  }
  return names;
}
