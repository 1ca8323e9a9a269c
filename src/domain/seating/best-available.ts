import { FREE, HELD, LONG_RUN, type SeatTable } from "./seat-table.ts";
import { ACCESSIBLE, ORDINARY, type PlanRow } from "./seating-plan.ts";

/** Seats for a group, whichever are best. */
export interface GroupWish {
  /** 1 or more. */
  readonly quantity: number;
  /** The group may sit apart, where it has to. */
  readonly split: boolean;
  /** So many of the seats have to be accessible ones; 0: none are given. */
  readonly accessible: number;
}

export type BestAvailable =
  | { readonly seats: readonly number[] }
  /** So few are free that such a group may have, whether or not side by side. */
  | { readonly none: "sold-out"; readonly available: number }
  | { readonly none: "no-adjacent-seats" };

/**
 * The best seats side by side that are free: of one row, with nothing between them. In this order it goes by the rows'
 * quality, by whether a single seat is left over beside them, by the order of the rows on the map, by how near the row's
 * middle they are, and by the order in the row.
 *
 * Accessible seats and those for companions are kept for those who ask for accessible ones, and they get no more
 * accessible seats than they ask for where that can be. A group that may sit apart sits in as large parts as there is
 * room for, and nobody alone where that can be.
 *
 * Changes nothing. docs/seating.md explains it.
 */
export function bestAvailable(table: SeatTable, wish: GroupWish): BestAvailable {
  const { quantity, split, accessible } = wish;
  const available = accessible === 0 ? table.freeOrdinary : table.freeAccessible >= accessible ? table.free : 0;
  if (available < quantity) return { none: "sold-out", available };
  const block = bestBlock(table, quantity, accessible);
  if (block !== null) return { seats: seatsOf(block, quantity) };
  const parts = split && quantity > 1 ? inParts(table, wish) : null;
  return parts === null ? { none: "no-adjacent-seats" } : { seats: parts };
}

/** Where a block begins, and how good it is: the lower, the better, the first field first. */
interface Block {
  readonly start: number;
  /** Accessible seats beyond those asked for. */
  readonly spare: number;
  readonly singles: number;
  /** Twice the distance of its middle from the row's. */
  readonly offMiddle: number;
}

const seatsOf = ({ start }: Block, quantity: number): number[] => Array.from({ length: quantity }, (_, n) => start + n);

const bestBlock = (table: SeatTable, quantity: number, accessible: number): Block | null =>
  accessible === 0 ? ordinaryBlock(table, quantity) : accessibleBlock(table, quantity, accessible);

/**
 * A run of free seats leaves no single one beside a group if it is as long as the group, or longer by two and more: of the
 * best quality, the first row that has such a run, else the first that has room at all. Only that row is looked at.
 */
function ordinaryBlock(table: SeatTable, quantity: number): Block | null {
  const { bestFirst, rows } = table.plan;
  const runs = table.runs();
  const roomy = quantity >= LONG_RUN ? 1 << LONG_RUN : -1 << quantity;
  const neat = quantity >= LONG_RUN - 1 ? 0 : (1 << quantity) | (quantity + 2 > LONG_RUN ? 0 : -1 << (quantity + 2));
  let next: Block | null = null;
  let nextQuality = -1;
  for (let place = 0; place < bestFirst.length; place += 1) {
    const index = bestFirst[place] as number;
    const lengths = runs[index] as number;
    if ((lengths & roomy) === 0) continue;
    const row = rows[index] as PlanRow;
    if (next !== null) {
      if (row.quality < nextQuality) return next;
      if ((lengths & neat) === 0 && neat !== 0) continue;
    }
    const block = bestInRow(table, row, quantity, 0);
    if (block === null) continue; // long runs are not told apart
    if (block.singles === 0) return block;
    if (next === null) {
      next = block;
      nextQuality = row.quality;
    }
  }
  return next;
}

/** Few rows have accessible seats, so that those are looked at one by one. */
function accessibleBlock(table: SeatTable, quantity: number, accessible: number): Block | null {
  const { rows, rowsWithAccessible } = table.plan;
  let best: Block | null = null;
  let quality = -1;
  for (const index of rowsWithAccessible) {
    const row = rows[index] as PlanRow;
    if (best !== null && row.quality < quality) return best;
    const block = bestInRow(table, row, quantity, accessible);
    if (block !== null && (best === null || isBetter(block, best))) {
      best = block;
      quality = row.quality;
    }
  }
  return best;
}

/** Between rows of one quality: what is nearer the middle is no reason there, so that the row that comes first stays. */
const isBetter = (one: Block, other: Block): boolean =>
  one.spare !== other.spare ? one.spare < other.spare : one.singles < other.singles;

function bestInRow(table: SeatTable, { start, end }: PlanRow, quantity: number, accessible: number): Block | null {
  const { kinds } = table.plan;
  const isOpen = (seat: number): boolean => mayHave(table, seat, accessible > 0);
  let best: Block | null = null;
  for (let from = start; from < end; ) {
    if (!isOpen(from)) {
      from += 1;
      continue;
    }
    let to = from + 1;
    while (to < end && isOpen(to)) to += 1;
    let reachable = 0; // accessible seats in the block
    for (let seat = from; accessible > 0 && seat < Math.min(from + quantity, to); seat += 1) {
      if (kinds[seat] === ACCESSIBLE) reachable += 1;
    }
    for (let first = from; first + quantity <= to; first += 1) {
      if (reachable >= accessible) {
        const singles = (first - from === 1 ? 1 : 0) + (to - first - quantity === 1 ? 1 : 0);
        const block = {
          start: first,
          spare: reachable - accessible,
          singles,
          offMiddle: Math.abs(2 * first + quantity - start - end),
        };
        if (best === null || comesBefore(block, best)) best = block;
      }
      if (accessible > 0) {
        if (kinds[first] === ACCESSIBLE) reachable -= 1;
        if (first + quantity < to && kinds[first + quantity] === ACCESSIBLE) reachable += 1;
      }
    }
    from = to;
  }
  return best;
}

function comesBefore(one: Block, other: Block): boolean {
  if (one.spare !== other.spare) return one.spare < other.spare;
  if (one.singles !== other.singles) return one.singles < other.singles;
  return one.offMiddle < other.offMiddle;
}

/** The largest part that there is room for, then the same with the rest; null: not even in parts. */
function inParts(table: SeatTable, { quantity, accessible }: GroupWish): readonly number[] | null {
  return table.tentatively(() => {
    const seats: number[] = [];
    let wanted = accessible;
    while (seats.length < quantity) {
      const left = quantity - seats.length;
      const part = largestPart(table, left, wanted);
      if (part === null) return null;
      for (const seat of part) {
        seats.push(seat);
        if (table.plan.kinds[seat] === ACCESSIBLE) wanted = Math.max(0, wanted - 1);
        table.set(seat, HELD);
      }
    }
    return seats;
  });
}

/** One fewer than there is room for, if somebody would be left to sit alone otherwise. */
function largestPart(table: SeatTable, left: number, accessible: number): readonly number[] | null {
  for (let size = Math.min(left, largestPossible(table, accessible)); size >= 1; size -= 1) {
    if (left - size === 1 && size > 2 && bestBlock(table, size - 1, Math.min(accessible, size - 1)) !== null) continue;
    const block = bestBlock(table, size, Math.min(accessible, size));
    if (block !== null) return seatsOf(block, size);
  }
  return null;
}

/** No part is larger, so that none is looked for in vain: a group may be many times a row. */
function largestPossible(table: SeatTable, accessible: number): number {
  const { rows, rowsWithAccessible } = table.plan;
  if (accessible > 0) {
    const longest = longestRun(rowsWithAccessible, table, true);
    return longest.accessible < accessible ? longest.accessible : longest.seats; // then all of a part are accessible
  }
  const runs = table.runs();
  const lengths = runs.reduce((seen, each) => seen | each, 0);
  if ((lengths & (1 << LONG_RUN)) === 0) return 31 - Math.clz32(lengths);
  const isLong = (place: number) => ((runs[place] as number) & (1 << LONG_RUN)) !== 0;
  return longestRun([...rows.keys()].filter(isLong), table, false).seats;
}

/** How many seats the longest run has, and how many accessible ones one has at most. */
function longestRun(places: readonly number[], table: SeatTable, isForAccessible: boolean) {
  const longest = { seats: 0, accessible: 0 };
  for (const place of places) {
    const { start, end } = table.plan.rows[place] as PlanRow;
    let seats = 0;
    let accessible = 0;
    for (let seat = start; seat < end; seat += 1) {
      const isOpen = mayHave(table, seat, isForAccessible);
      seats = isOpen ? seats + 1 : 0;
      accessible = isOpen ? accessible + (table.plan.kinds[seat] === ACCESSIBLE ? 1 : 0) : 0;
      longest.seats = Math.max(longest.seats, seats);
      longest.accessible = Math.max(longest.accessible, accessible);
    }
  }
  return longest;
}

/** Free, and not kept for others. */
const mayHave = (table: SeatTable, seat: number, isForAccessible: boolean): boolean =>
  table.isFree(seat) && (isForAccessible || table.plan.kinds[seat] === ORDINARY);

/** Whether these could be had by name: those that could not. */
export const takenOf = (table: SeatTable, seats: readonly number[]): readonly number[] =>
  seats.filter((seat) => table.statusOf(seat) !== FREE);
