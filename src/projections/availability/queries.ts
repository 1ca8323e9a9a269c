import { checkpointOf, positionOf, type ReadAt } from "../consistent-read.ts";
import type { ReadSide } from "../database.ts";
import { type EventStatus, eventStatusAt } from "../event-details/status.ts";
import type { EventRow } from "../event-details/table.ts";
import { isUuid } from "../uuid.ts";

/** `total = available + held + booked`, as of the same instant. */
export interface TicketCounts {
  readonly total: number;
  readonly available: number;
  readonly held: number;
  readonly booked: number;
}

export interface EventAvailability {
  readonly eventId: string;
  /** Whose it is and where it stands, so that the caller can keep drafts to their organizer. */
  readonly organizerId: string;
  readonly status: EventStatus;
  /** Grows with every event of the inventories. */
  readonly revision: number;
  /** In the organizer's order. */
  readonly ticketTypes: readonly (TicketCounts & { readonly ticketTypeId: string })[];
}

export interface AvailabilityQueries {
  /**
   * What is left of an event's tickets; null when there is no such event. What is due counts as held until it is on
   * record that it lapsed.
   * @throws ReadModelBehind
   */
  get(eventId: string, at: ReadAt): Promise<EventAvailability | null>;
}

const MODELS = ["availability", "event-details"];

interface Row {
  readonly checkpoint: string | null;
  readonly organizer_id: string | null;
  readonly status: EventRow["status"];
  readonly details: EventRow["details"];
  readonly revision: string;
  readonly ticket_types: EventAvailability["ticketTypes"];
}

const GET = {
  name: "availability_get",
  text: `
    select ${checkpointOf(MODELS)} as checkpoint, e.organizer_id, e.status,
      json_build_object('startsAt', e.details -> 'startsAt', 'endsAt', e.details -> 'endsAt') as details,
      a.revision, a.ticket_types
    from (select $1::uuid as event_id) asked
    left join readmodels.events e using (event_id)
    cross join lateral (
      select coalesce(sum(changes), 0) as revision, coalesce(json_agg(json_build_object(
        'ticketTypeId', ticket_type_id, 'total', total, 'available', total - held - booked,
        'held', held, 'booked', booked) order by a.ordinal) filter (where not tt.is_removed), '[]') as ticket_types
      from readmodels.availability a join readmodels.ticket_types tt using (event_id, ticket_type_id)
      where event_id = e.event_id
    ) a`,
};

export function availabilityQueries({ pool, reads }: Pick<ReadSide, "pool" | "reads">): AvailabilityQueries {
  return {
    get: async (eventId, { minPosition, nowMs }) => {
      if (!isUuid(eventId)) return null;
      return reads.find(MODELS, minPosition, async () => {
        const row = (await pool.query<Row>({ ...GET, values: [eventId] })).rows[0] as Row;
        return { checkpoint: positionOf(row.checkpoint), value: eventAvailability(eventId, row, nowMs) };
      });
    },
  };
}

function eventAvailability(eventId: string, row: Row, nowMs: number): EventAvailability | null {
  if (row.organizer_id === null) return null;
  return {
    eventId,
    organizerId: row.organizer_id,
    status: eventStatusAt(row, nowMs),
    revision: Number(row.revision),
    ticketTypes: row.ticket_types,
  };
}
