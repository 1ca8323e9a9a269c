import type { FastifyRequest } from "fastify";
import type { EventDetails } from "../../projections/event-details/queries.ts";
import type { HotEvent } from "../../projections/hot-reads/hot-events.ts";
import type { KeptSeats, ShownSeats } from "../../projections/seats/kept-seats.ts";
import type { Admissions } from "../../waiting-room/admissions.ts";
import { minPosition } from "../conventions/positions.ts";
import { Problem } from "../problems/problem.ts";
import { OF_ADMISSION, requireAdmission } from "../waiting-room/admitted.ts";
import { isOrganizer } from "./access.ts";
import { type EventReading, eventReading } from "./readable.ts";

export interface ReadingSeats extends EventReading {
  readonly seats: KeptSeats;
  readonly admissions: Pick<Admissions, "given">;
}

/** What may be against reading seats. */
export const OF_SEATS = ["event-not-found", ...OF_ADMISSION] as const;
export const OF_SEAT_MAP = [...OF_SEATS, "ticket-type-not-found", "seat-map-not-found"] as const;

type At = { readonly eventId: string; readonly ticketTypeId: string };

/** Seats as whoever may see the event sees them; while people wait for it, who was let in, and its organizer. */
export function seatReading({ seats, admissions, ...events }: ReadingSeats) {
  const { hot, readingClock: clock } = events;
  const read = eventReading(events);

  const find = (eventId: string, position: bigint | null): Promise<HotEvent | null> =>
    Promise.resolve(hot.get(eventId, { minPosition: position, nowMs: clock.nowMs() }));

  /** @throws Problem */
  async function visible(request: FastifyRequest, eventId: string): Promise<HotEvent> {
    const found = await read(request, eventId);
    if (!isOrganizer(request.caller, found.event)) requireAdmission(admissions, request, eventId);
    return found;
  }

  /** @throws Problem */
  async function shown(request: FastifyRequest, at: At): Promise<{ event: EventDetails; seats: ShownSeats }> {
    const { event, revision } = await visible(request, at.eventId);
    const ticketType = event.ticketTypes.find(({ ticketTypeId }) => ticketTypeId === at.ticketTypeId);
    if (ticketType === undefined) throw new Problem("ticket-type-not-found");
    if (!ticketType.reservedSeating) throw new Problem("seat-map-not-found");
    const found = await seats.get(at, revision, { minPosition: minPosition(request) });
    if (found === null) throw new Problem("seat-map-not-found");
    return { event, seats: found };
  }

  return { find, visible, shown };
}
