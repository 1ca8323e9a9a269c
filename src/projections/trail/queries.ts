import { type RawBuilder, sql } from "kysely";
import type { Position } from "../../eventstore/port.ts";
import { checkpointOf, positionOf, type ReadAt } from "../consistent-read.ts";
import { InvalidCursor, type Page } from "../cursor.ts";
import type { ReadSide } from "../database.ts";
import { isUuid } from "../uuid.ts";
import { keyOfStream } from "./subjects.ts";

/** Where an event stands, in the log and in its stream. */
export interface Place {
  readonly position: Position;
  readonly stream: string;
  readonly revision: number;
}

/** Which events are meant; null is any. */
export interface TrailWish {
  readonly type: string | null;
  /** All of its events, by its name. */
  readonly stream: string | null;
  /** An account's id, or a process's name. */
  readonly actor: string | null;
  /** The event that is sold. */
  readonly eventId: string | null;
  /** A reservation, entry of a waitlist, cart, booking, or the account that a cart is of. */
  readonly subject: string | null;
  /** Recorded at this time or later, and at this time or earlier; RFC 3339. */
  readonly from: string | null;
  readonly to: string | null;
  /** Only of events of this organizer, and of bookings that are of nobody else's. */
  readonly organizerId: string | null;
}

export interface TrailQueries {
  /**
   * Places of events in the order of the log.
   * @param page `limit` from 1 to 200
   * @throws ReadModelBehind
   * @throws InvalidCursor
   */
  list(
    wish: TrailWish,
    page: { readonly cursor: string | null; readonly limit: number; readonly newestFirst: boolean },
    at: Pick<ReadAt, "minPosition">,
  ): Promise<Page<Place>>;
  /**
   * Places of all events about any of these things, in the order of the log.
   * @throws ReadModelBehind
   * @throws InvalidCursor
   */
  about(
    subjects: readonly string[],
    page: { readonly cursor: string | null; readonly limit: number },
    at: Pick<ReadAt, "minPosition">,
  ): Promise<Page<Place>>;
  /** Of the last event before this position, as far as the trail has come; null: there is none. */
  before(position: Position): Promise<Position | null>;
}

const MODELS = ["trail"];
/** Whose a booking is. */
const OF_ORGANIZERS = ["trail", "bookings", "event-details"];
const POSITION = /^\d{1,39}$/;

interface PlaceRow {
  readonly checkpoint: string | null;
  readonly position: string | null;
  readonly stream: string;
  readonly revision: number;
}

export function trailQueries({ pool, db, reads }: ReadSide): TrailQueries {
  return {
    async list(wish, { cursor, limit, newestFirst }, { minPosition }) {
      const after = cursor === null ? null : decodePosition(cursor);
      if (isOfNothing(wish)) return { items: [], next: null };
      const models = wish.organizerId === null ? MODELS : OF_ORGANIZERS;
      const order = sql.raw(newestFirst ? "desc" : "asc");
      const found = await reads.read(models, minPosition, async () => {
        const { rows } = await sql<PlaceRow>`
          select ${sql.raw(checkpointOf(models))} as checkpoint, p.*
          from (select) as always
          left join (
            select t.position, t.stream, t.revision from readmodels.trail t
            where ${sql.join([sql`t.ordinal = 0`, ...conditions(wish), ...beyond(after, newestFirst)], sql` and `)}
            order by t.position ${order} limit ${limit + 1}) p on true
          order by p.position ${order}`.execute(db);
        return answer(rows);
      });
      return pageOf(found, limit);
    },

    async about(subjects, { cursor, limit }, { minPosition }) {
      const after = cursor === null ? null : decodePosition(cursor);
      const found = await reads.read(MODELS, minPosition, async () => {
        const { rows } = await pool.query<PlaceRow>({ ...ABOUT, values: [subjects, after, limit + 1] });
        return answer(rows);
      });
      return pageOf(found, limit);
    },

    async before(position) {
      const { rows } = await pool.query<{ position: string }>({ ...BEFORE, values: [position.toString()] });
      return rows[0] === undefined ? null : BigInt(rows[0].position);
    },
  };
}

/** Whether it asks for what no event can be about. */
const isOfNothing = ({ eventId, subject, stream }: TrailWish): boolean =>
  [eventId, subject].some((id) => id !== null && !isUuid(id)) || (stream !== null && keyOfStream(stream) === null);

function conditions(wish: TrailWish): RawBuilder<unknown>[] {
  const { type, stream, actor, eventId, subject, from, to, organizerId } = wish;
  return [
    stream === null ? null : ofStream(stream),
    type === null ? null : sql`t.type = ${type}`,
    actor === null ? null : sql`t.actor = ${actor}`,
    eventId === null ? null : sql`t.event_id = ${eventId}::uuid`,
    subject === null ? null : isAbout(subject),
    from === null ? null : sql`t.at >= ${from}::timestamptz`,
    to === null ? null : sql`t.at <= ${to}::timestamptz`,
    organizerId === null ? null : ofOrganizer(organizerId),
  ].filter((condition) => condition !== null);
}

const isAbout = (subject: string): RawBuilder<unknown> =>
  sql`t.position in (select s.position from readmodels.trail s where s.subject = ${subject}::uuid)`;

/** No index has the names of streams, which are long: it goes by what they are made of. */
function ofStream(stream: string): RawBuilder<unknown> {
  const key = keyOfStream(stream);
  if (key === null) return sql`false`;
  return "eventId" in key
    ? sql`(t.event_id = ${key.eventId}::uuid and t.stream = ${stream})`
    : sql`(${isAbout(key.subject)} and t.stream = ${stream})`;
}

const beyond = (position: string | null, newestFirst: boolean): RawBuilder<unknown>[] =>
  position === null ? [] : [sql`t.position ${sql.raw(newestFirst ? "<" : ">")} ${position}::numeric`];

/** Events of theirs, and bookings of nothing but these. */
const ofOrganizer = (organizerId: string): RawBuilder<unknown> => sql`(
  t.event_id in (select e.event_id from readmodels.events e where e.organizer_id = ${organizerId}::uuid)
  and t.stream not like 'cart-%'
  or t.stream like 'booking-%'
  and exists (select from readmodels.booking_lines l join readmodels.events e on e.event_id = l.event_id
              where l.booking_id = t.subject and e.organizer_id = ${organizerId}::uuid)
  and not exists (select from readmodels.booking_lines l join readmodels.events e on e.event_id = l.event_id
              where l.booking_id = t.subject and e.organizer_id <> ${organizerId}::uuid))`;

const ABOUT = {
  name: "trail_about",
  text: `
    select ${checkpointOf(MODELS)} as checkpoint, p.*
    from (select) as always
    left join (
      select distinct position, stream, revision from readmodels.trail
      where subject = any($1::uuid[]) and ($2::numeric is null or position > $2)
      order by position limit $3) p on true
    order by p.position`,
};

const BEFORE = {
  name: "trail_before",
  text: `select position::text from readmodels.trail
         where ordinal = 0 and position < $1::numeric order by readmodels.trail.position desc limit 1`,
};

const answer = (rows: readonly PlaceRow[]) => ({
  checkpoint: positionOf(rows[0]?.checkpoint ?? null),
  value: rows.flatMap(({ position, stream, revision }) =>
    position === null ? [] : [{ position: BigInt(position), stream, revision }],
  ),
});

function pageOf(found: readonly Place[], limit: number): Page<Place> {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  return { items, next: found.length > limit && last !== undefined ? cursorAfter(last.position) : null };
}

/** A list's cursor for what comes after a position. */
export const cursorAfter = (position: Position): string => Buffer.from(position.toString()).toString("base64url");

/** @throws InvalidCursor */
function decodePosition(cursor: string): string {
  const position = Buffer.from(cursor, "base64url").toString();
  if (!POSITION.test(position)) throw new InvalidCursor("the cursor is not one that a list gave");
  return position;
}
