import { LRUCache } from "lru-cache";
import type { Pool } from "pg";
import { Gauge, type Registry } from "prom-client";
import type { Position } from "../eventstore/port.ts";
import { BOXOFFICE_PREFIXES } from "../eventstore/streams.ts";
import type { Log } from "../ports.ts";

export interface BacklogDependencies {
  readonly pool: Pick<Pool, "query">;
  readonly head: () => Promise<Position | null>;
  readonly clock: { nowMs(): number };
  readonly log: Log;
}

interface Backlog {
  readonly projections: readonly { readonly name: string; readonly behind: number }[];
  readonly leases: readonly { readonly name: string; readonly remaining: number }[];
  readonly timers: { readonly due: number; readonly oldest: number };
  readonly notices: number;
  readonly refunds: number;
  readonly cancellations: number;
  readonly unsigned: number;
}

/** Whoever asks more often is told the same: what is counted here costs some milliseconds. */
const ANEW_AFTER_MS = 2_000;
/** Counting stops there: that it is a lot is enough to know. */
const COUNTED_MOST = 10_000;

/** What waits to be done, as the database has it: the same from every node. */
export function backlogMetrics(register: Registry, dependencies: BacklogDependencies): void {
  const { log } = dependencies;
  const kept = new LRUCache<"backlog", Promise<Backlog | null>>({ max: 1, ttl: ANEW_AFTER_MS });
  const now = (): Promise<Backlog | null> => {
    const known = kept.get("backlog");
    if (known !== undefined) return known;
    const asked = read(dependencies).catch((error: unknown) => {
      log.warn({ err: error }, "what waits to be done could not be counted");
      return null;
    });
    kept.set("backlog", asked);
    return asked;
  };

  const gauge = <Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    set: (gauge: Gauge<Label>, backlog: Backlog) => void,
  ): void => {
    new Gauge({
      name,
      help,
      labelNames: [...labelNames],
      registers: [register],
      async collect() {
        this.reset();
        const backlog = await now();
        if (backlog !== null) set(this, backlog);
      },
    });
  };
  gauge(
    "boxoffice_projection_behind_positions",
    "How far the log is ahead of each read model",
    ["projection"],
    (to, { projections }) => {
      for (const { name, behind } of projections) to.set({ projection: name }, behind);
    },
  );
  gauge(
    "boxoffice_lease_remaining_seconds",
    "How long each lease still stands; below 0 nobody does its work",
    ["lease"],
    (to, { leases }) => {
      for (const { name, remaining } of leases) to.set({ lease: name }, remaining);
    },
  );
  gauge("boxoffice_timers_due", `Timers that are due and not seen to, ${COUNTED_MOST} at most`, [], (to, { timers }) =>
    to.set(timers.due),
  );
  gauge("boxoffice_timers_oldest_due_seconds", "How long the longest due timer has waited", [], (to, { timers }) =>
    to.set(timers.oldest),
  );
  gauge(
    "boxoffice_notices_waiting",
    `Mails that are due and not sent, ${COUNTED_MOST} at most`,
    [],
    (to, { notices }) => to.set(notices),
  );
  gauge(
    "boxoffice_refunds_outstanding",
    `Refunds that were asked for and are not made, ${COUNTED_MOST} at most`,
    [],
    (to, { refunds }) => to.set(refunds),
  );
  gauge(
    "boxoffice_cancellations_open",
    "Events that were called off and whose bookings are not all seen to",
    [],
    (to, { cancellations }) => to.set(cancellations),
  );
  gauge(
    "boxoffice_log_unsigned_positions",
    "How far the log is ahead of its newest signed head",
    [],
    (to, { unsigned }) => to.set(unsigned),
  );
}

interface Row {
  readonly projections: readonly { readonly name: string; readonly checkpoint: string | null }[];
  readonly leases: Backlog["leases"];
  readonly timers_due: number;
  readonly timers_oldest: number;
  readonly notices: number;
  readonly refunds: number;
  readonly cancellations: number;
  /** null: none was signed yet. */
  readonly signed: string | null;
}

const atMost = (rows: string): string => `(select count(*)::int from (select ${rows} limit ${COUNTED_MOST}) counted)`;

/**
 * SQL: since when the longest due timer waits. Of each kind of stream, by the beginning of its name ($2), the index of timers has
 * the first at hand; to look for the lowest of all that are due would be to go through them.
 */
const LONGEST_DUE = `
  select min(first.due_at) from unnest($2::text[]) as kind (prefix)
  cross join lateral (
    select due_at from readmodels.timers
    where split_part(stream, '-', 1) = split_part(kind.prefix, '-', 1) and due_at <= $1 order by due_at limit 1) first`;

const BACKLOG = `
  select
    (select json_agg(json_build_object('name', name, 'checkpoint', checkpoint::text)) from readmodels.projections) as projections,
    (select coalesce(json_agg(json_build_object('name', name,
       'remaining', extract(epoch from until - clock_timestamp())::float8)), '[]') from processes.leases) as leases,
    ${atMost("from readmodels.timers where due_at <= $1")} as timers_due,
    coalesce(greatest(0, extract(epoch from $1 - (${LONGEST_DUE}))), 0)::float8 as timers_oldest,
    ${atMost("from processes.notices where outcome is null and due_at <= $1")} as notices,
    ${atMost("from readmodels.refunds where succeeded_at is null")} as refunds,
    (select count(*)::int from processes.cancellations where done_at is null) as cancellations,
    (select max(position)::text from audit.heads) as signed`;

async function read({ pool, head, clock }: BacklogDependencies): Promise<Backlog> {
  // The head first: a read model that has passed it since is not behind.
  const newest = await head();
  const { rows } = await pool.query<Row>({ text: BACKLOG, values: [new Date(clock.nowMs()), BOXOFFICE_PREFIXES] });
  const [row] = rows;
  if (row === undefined) throw new Error("one row was expected");
  const behind = (position: string | null) => Math.max(0, Number((newest ?? 0n) - BigInt(position ?? 0)));
  return {
    projections: row.projections.map(({ name, checkpoint }) => ({ name, behind: behind(checkpoint) })),
    leases: row.leases,
    timers: { due: row.timers_due, oldest: row.timers_oldest },
    notices: row.notices,
    refunds: row.refunds,
    cancellations: row.cancellations,
    unsigned: behind(row.signed),
  };
}
