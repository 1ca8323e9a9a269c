import type { Staged } from "../decision.ts";
import { ACCESSIBLE, ORDINARY, type PlanRow, type SeatingPlan } from "./seating-plan.ts";

/** Where a seat stands: see {@link SeatTable.statusOf}. */
export const FREE = 0;
export const HELD = 1;
export const SOLD = 2;
export const BLOCKED = 3;
export type SeatStatus = typeof FREE | typeof HELD | typeof SOLD | typeof BLOCKED;

/** Runs of so many free seats and more share a bit of a row's runs: see {@link SeatTable.runsOf}. */
export const LONG_RUN = 31;

/**
 * Where every seat of a plan stands: a byte a seat, changed in place and staged until committed. What changed since the
 * last commit is kept in a journal, so that commit and rollback cost as much as has changed, whatever the size of the map.
 *
 * Beside it stands, for each row, which lengths its runs of free ordinary seats have: one integer, so that a row without
 * room for a group is passed over by one comparison. It follows the seats lazily, row by row.
 */
export class SeatTable implements Staged {
  readonly plan: SeatingPlan;
  readonly #status: Uint8Array;
  readonly #runs: Uint32Array;
  readonly #isStale: Uint8Array;
  /** Rows whose runs are not what their seats say any more. */
  #stale: number[] = [];
  #changed: number[] = [];
  /** What they were before, each in its turn. */
  #before: number[] = [];
  readonly #free = [0, 0, 0];

  /** All seats are free but those that the map has as blocked, unless it is said which are. */
  constructor(plan: SeatingPlan, blocked: Iterable<number> = plan.blocked) {
    this.plan = plan;
    this.#status = new Uint8Array(plan.size);
    this.#runs = new Uint32Array(plan.rows.length);
    this.#isStale = new Uint8Array(plan.rows.length);
    for (let seat = 0; seat < plan.size; seat += 1) this.#count(seat, 1);
    for (let row = 0; row < plan.rows.length; row += 1) this.#markStale(row);
    for (const seat of blocked) this.set(seat, BLOCKED);
    this.commit();
  }

  statusOf(seat: number): SeatStatus {
    return this.#status[seat] as SeatStatus;
  }

  isFree(seat: number): boolean {
    return this.#status[seat] === FREE;
  }

  /** Free seats of every kind. */
  get free(): number {
    const [ordinary = 0, accessible = 0, companions = 0] = this.#free;
    return ordinary + accessible + companions;
  }

  get freeOrdinary(): number {
    return this.#free[ORDINARY] as number;
  }

  get freeAccessible(): number {
    return this.#free[ACCESSIBLE] as number;
  }

  set(seat: number, status: SeatStatus): void {
    const before = this.#status[seat] as SeatStatus;
    if (before === status) return;
    this.#changed.push(seat);
    this.#before.push(before);
    this.#put(seat, before, status);
  }

  /**
   * By row, which lengths its runs of free ordinary seats have: bit n stands for n seats, bit {@link LONG_RUN} for as many
   * or more.
   */
  runs(): Uint32Array {
    for (const row of this.#stale) this.#refresh(row);
    this.#stale = [];
    return this.#runs;
  }

  /** What is set in `attempt` is taken back after it. */
  tentatively<Result>(attempt: () => Result): Result {
    const mark = this.#changed.length;
    try {
      return attempt();
    } finally {
      this.#undoTo(mark);
    }
  }

  commit(): void {
    this.#changed = [];
    this.#before = [];
  }

  rollback(): void {
    this.#undoTo(0);
  }

  #undoTo(mark: number): void {
    while (this.#changed.length > mark) {
      const seat = this.#changed.pop() as number;
      this.#put(seat, this.#status[seat] as SeatStatus, this.#before.pop() as SeatStatus);
    }
  }

  #put(seat: number, before: SeatStatus, status: SeatStatus): void {
    this.#status[seat] = status;
    if (before === FREE) this.#count(seat, -1);
    else if (status === FREE) this.#count(seat, 1);
    else return;
    this.#markStale(this.plan.rowOf[seat] as number);
  }

  #count(seat: number, by: 1 | -1): void {
    const kind = this.plan.kinds[seat] as number;
    this.#free[kind] = (this.#free[kind] as number) + by;
  }

  #markStale(row: number): void {
    if (this.#isStale[row] === 1) return;
    this.#isStale[row] = 1;
    this.#stale.push(row);
  }

  #refresh(row: number): void {
    const { start, end } = this.plan.rows[row] as PlanRow;
    const status = this.#status;
    const { kinds } = this.plan;
    let runs = 0;
    let length = 0;
    for (let seat = start; seat < end; seat += 1) {
      if (status[seat] === FREE && kinds[seat] === ORDINARY) length += 1;
      else if (length > 0) {
        runs |= 1 << Math.min(length, LONG_RUN);
        length = 0;
      }
    }
    if (length > 0) runs |= 1 << Math.min(length, LONG_RUN);
    this.#runs[row] = runs;
    this.#isStale[row] = 0;
  }
}
