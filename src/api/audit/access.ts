import type { FastifyRequest } from "fastify";
import type { AuditTrail } from "../../audit/trail.ts";
import type { EventCommands } from "../../commands/events.ts";
import { BOOKING_PREFIX, bookingOf, eventOfStream } from "../../eventstore/streams.ts";
import type { EventDetailsQueries } from "../../projections/event-details/queries.ts";
import { isUuid } from "../../projections/uuid.ts";
import { callerOf } from "../conventions/commands.ts";
import { Problem } from "../problems/problem.ts";
import { reaches, reachOf } from "../security/reach.ts";

/** Whose eyes what is said of events is for: those of a role that may see all, and of organizers as far as it is theirs. */
export interface EventAccess {
  /**
   * Whose events it is restricted to; null: the caller may see everything.
   * @throws Problem `forbidden`: the caller organizes nothing
   */
  onlyOf(request: FastifyRequest): Promise<string | null>;
  /** @throws Problem `event-not-found`, `forbidden` */
  toEvent(request: FastifyRequest, eventId: string): Promise<void>;
}

/** The same of the log, for auditors and administrators. */
export interface AuditAccess extends EventAccess {
  /** @throws Problem `stream-not-found` */
  toStream(request: FastifyRequest, stream: string): Promise<void>;
  /**
   * @param organizerIds whose events it has tickets of
   * @throws Problem `booking-not-found`
   */
  toBooking(request: FastifyRequest, organizerIds: readonly string[]): void;
}

/** An id that is nobody's: who reaches its things does so by a role. */
const NOBODY = "";

export interface EventOwners {
  readonly events: Pick<EventCommands, "find">;
  readonly details: Pick<EventDetailsQueries, "organizesAny">;
}

export const eventAccess = ({ events, details }: EventOwners): EventAccess => ({
  async onlyOf(request) {
    if (reaches(request, NOBODY)) return null;
    const { accountId } = callerOf(request);
    if (!(await details.organizesAny(accountId))) throw new Problem("forbidden");
    return accountId;
  },

  async toEvent(request, eventId) {
    const known = await events.find(eventId);
    if (known.status === "missing") throw new Problem("event-not-found");
    if (reachOf(request, known.organizerId) === null) {
      throw new Problem(known.published ? "forbidden" : "event-not-found");
    }
  },
});

export function auditAccess(owners: EventOwners & { readonly trail: Pick<AuditTrail, "organizersOf"> }): AuditAccess {
  const { events, trail } = owners;

  /** Whose a stream is; null: nobody's, or there is none. */
  async function organizerOf(stream: string): Promise<string | null> {
    if (stream.startsWith(BOOKING_PREFIX)) {
      const bookingId = bookingOf(stream);
      return isUuid(bookingId) ? onlyOne(await trail.organizersOf(bookingId)) : null;
    }
    const eventId = eventOfStream(stream);
    const known = eventId === null ? null : await events.find(eventId);
    return known === null || known.status === "missing" ? null : known.organizerId;
  }

  return {
    ...eventAccess(owners),

    async toStream(request, stream) {
      if (reaches(request, NOBODY)) return;
      const organizerId = await organizerOf(stream);
      if (organizerId === null || !reaches(request, organizerId)) throw new Problem("stream-not-found");
    },

    toBooking(request, organizerIds) {
      if (!reaches(request, onlyOne(organizerIds) ?? NOBODY)) throw new Problem("booking-not-found");
    },
  };
}

/** Whose a booking is that has tickets of nobody else's events. */
function onlyOne([first, ...others]: readonly string[]): string | null {
  return first !== undefined && others.every((one) => one === first) ? first : null;
}
