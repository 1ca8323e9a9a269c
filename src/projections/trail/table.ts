import { tableName } from "../projection.ts";

export const VIEW = "trail";

/** Every so-manieth event of an inventory can be found at once: who adds a stream up rests there. */
export const MILESTONE_EVERY = 1_024;

/** SQL: whether a row of the trail, called `t`, is one. */
export const IS_MILESTONE = `t.ordinal = 0 and (t.revision + 1) % ${MILESTONE_EVERY} = 0 and t.stream like 'inventory-%'`;

/**
 * A row of `readmodels.trail`: where in the log an event stands, and what auditors look for it by. The event itself stays
 * in the event store. An event about several things (reservations that lapsed together) has a row for each of them,
 * counted by `ordinal`; the first stands for the event.
 */
export interface TrailRow {
  readonly position: string;
  readonly ordinal: number;
  readonly stream: string;
  readonly revision: number;
  readonly at: Date;
  readonly type: string;
  /** An account's id, or the name of one of our processes. */
  readonly actor: string;
  /** The event that is sold; null for bookings and most of what carts do. */
  readonly event_id: string | null;
  /** The reservation, entry of a waitlist, cart or booking that it is about; null for listings and terms. */
  readonly subject: string | null;
}

export const createTables = (generation: number): string => {
  const table = tableName(VIEW, generation);
  const index = (name: string, on: string) => `create index ${VIEW}_g${generation}_${name} on ${table} ${on};`;
  return `
  create table ${table} (
    position numeric(39, 0) not null,
    ordinal integer not null,
    stream text not null,
    revision integer not null,
    at timestamptz not null,
    type text not null,
    actor text not null,
    event_id uuid,
    subject uuid
  );
  ${index("by_position", "(position) where ordinal = 0")}
  ${index("by_type", "(type, position) where ordinal = 0")}
  ${index("by_actor", "(actor, position) where ordinal = 0")}
  ${index("by_event", "(event_id, position) where ordinal = 0 and event_id is not null")}
  ${index("by_subject", "(subject, position) where subject is not null")}
  ${index("milestones", `(position) where ${IS_MILESTONE.replaceAll("t.", "")}`)}
  ${index("by_time", "using brin (at)")}`;
};
