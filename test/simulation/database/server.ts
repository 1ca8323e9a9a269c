import { TIMERS_LEASE } from "../../../src/processes/timers.ts";
import { PROJECTOR_LEASE } from "../../../src/projections/runner.ts";
import type { Scheduler } from "../scheduler.ts";
import { LEASES, type LeaseRow } from "./lease-statements.ts";
import { RowLocks } from "./locks.ts";
import { STANDINGS, TALLY } from "./projection-statements.ts";
import type { Session } from "./session.ts";
import { TIMERS } from "./timer-statements.ts";
import type { Transaction } from "./transaction.ts";

export type Row = Readonly<Record<string, unknown>>;

/** After so long the log of an asynchronous commit is on disk. */
const FLUSH_MS = 400;

/** As much of Postgres as leases, projections and timers rest on: tables, row locks, transactions, and what a crash leaves. */
export class DatabaseServer {
  readonly locks = new RowLocks();
  /** What must not have happened here. */
  readonly faults: string[] = [];
  readonly #tables = new Map<string, Map<string, Row>>();
  readonly #scheduler: Scheduler;
  readonly #sessions = new Set<Session>();
  readonly #inOneLine = new Map<string, string>();
  #commits = 0;
  /** Commits that a crash would take back, oldest first. */
  #unflushed: { readonly commit: number; readonly undo: () => void }[] = [];
  #isDown = false;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /** `clock_timestamp()`, in simulated milliseconds. */
  get nowMs(): number {
    return this.#scheduler.nowMs;
  }

  get isDown(): boolean {
    return this.#isDown;
  }

  /** What is committed. */
  table(name: string): Map<string, Row> {
    const table = this.#tables.get(name) ?? new Map<string, Row>();
    this.#tables.set(name, table);
    return table;
  }

  /** A statement's text, with single spaces. */
  inOneLine(text: string): string {
    const known = this.#inOneLine.get(text) ?? text.replaceAll(/\s+/g, " ").trim();
    this.#inOneLine.set(text, known);
    return known;
  }

  opened(session: Session): void {
    this.#sessions.add(session);
  }

  closed(session: Session): void {
    this.#sessions.delete(session);
  }

  commit({ changes, isAsynchronous, by }: Transaction): void {
    if (changes.size === 0) return;
    this.#requireLease(by, changes);
    this.#requireOver(changes);
    this.#commits += 1;
    const commit = this.#commits;
    const undo: (() => void)[] = [];
    for (const [name, rows] of changes) {
      const table = this.table(name);
      for (const [key, row] of rows) {
        const before = table.get(key);
        undo.push(() => void (before === undefined ? table.delete(key) : table.set(key, before)));
        if (row === null) table.delete(key);
        else table.set(key, row);
      }
    }
    if (!isAsynchronous) {
      this.#flush(commit);
      return;
    }
    this.#unflushed.push({
      commit,
      undo: () => {
        for (const one of undo.reverse()) one();
      },
    });
    this.#scheduler.after(FLUSH_MS, "the database's log is flushed", null, () => this.#flush(commit));
  }

  /** Whoever was frozen and wakes can change nothing. */
  #requireLease(by: string, changes: Transaction["changes"]): void {
    const name =
      changes.has(STANDINGS) || changes.has(TALLY) ? PROJECTOR_LEASE : changes.has(TIMERS) ? TIMERS_LEASE : null;
    if (name === null) return;
    const lease = this.table(LEASES).get(name) as (LeaseRow & Row) | undefined;
    if (lease?.holder === by) return;
    this.faults.push(
      `${by} changed ${[...changes.keys()].join(" and ")} while ${lease?.holder} held the lease ${name}`,
    );
  }

  /** A lease has another holder only after its end. */
  #requireOver(changes: Transaction["changes"]): void {
    for (const [name, row] of changes.get(LEASES) ?? []) {
      const before = this.table(LEASES).get(name) as (LeaseRow & Row) | undefined;
      if (before === undefined || before.untilMs <= this.nowMs || before.holder === row?.holder) continue;
      this.faults.push(`${row?.holder} took the lease ${name} while ${before.holder} had it`);
    }
  }

  /** With a commit's log everything before it is on disk. */
  #flush(upTo: number): void {
    this.#unflushed = this.#unflushed.filter(({ commit }) => commit > upTo);
  }

  /** Ends at once: sessions break, what is not committed is gone, and of what is, what was not flushed. */
  crash(): void {
    this.#isDown = true;
    for (const session of [...this.#sessions]) session.terminate("the server has ended");
    for (const { undo } of this.#unflushed.reverse()) undo();
    this.#unflushed = [];
  }

  comeBack(): void {
    this.#isDown = false;
  }
}
