import type { FastifyRequest } from "fastify";
import type { EventCommands } from "../../commands/events.ts";
import { eventOfListing, INVENTORY_PREFIX, inventoryOf, LISTING_PREFIX } from "../../eventstore/streams.ts";
import { callerOf } from "../conventions/commands.ts";
import { Problem } from "../problems/problem.ts";
import { reaches, reachOf } from "../security/reach.ts";

/** Whose eyes the log is for: auditors' and administrators', and those of organizers as far as it is theirs. */
export interface AuditAccess {
  /** Whose events it is restricted to; null: the caller may see everything. */
  onlyOf(request: FastifyRequest): string | null;
  /** @throws Problem `stream-not-found` */
  toStream(request: FastifyRequest, stream: string): Promise<void>;
  /** @throws Problem `event-not-found`, `forbidden` */
  toEvent(request: FastifyRequest, eventId: string): Promise<void>;
  /**
   * @param organizerIds whose events it has tickets of
   * @throws Problem `booking-not-found`
   */
  toBooking(request: FastifyRequest, organizerIds: readonly string[]): void;
}

/** An id that is nobody's: who reaches its things does so by a role. */
const NOBODY = "";

export function auditAccess(events: Pick<EventCommands, "find">): AuditAccess {
  return {
    onlyOf: (request) => (reaches(request, NOBODY) ? null : callerOf(request).accountId),

    async toStream(request, stream) {
      if (reaches(request, NOBODY)) return;
      const eventId = eventOfStream(stream);
      const known = eventId === null ? null : await events.find(eventId);
      if (known === null || known.status === "missing" || !reaches(request, known.organizerId)) {
        throw new Problem("stream-not-found");
      }
    },

    async toEvent(request, eventId) {
      const known = await events.find(eventId);
      if (known.status === "missing") throw new Problem("event-not-found");
      if (reachOf(request, known.organizerId) === null) {
        throw new Problem(known.published ? "forbidden" : "event-not-found");
      }
    },

    toBooking(request, organizerIds) {
      const [first = NOBODY, ...others] = organizerIds;
      const organizerId = others.every((one) => one === first) ? first : NOBODY;
      if (!reaches(request, organizerId)) throw new Problem("booking-not-found");
    },
  };
}

/** The event whose listing or inventory a stream is; null for others. */
function eventOfStream(stream: string): string | null {
  if (stream.startsWith(LISTING_PREFIX)) return eventOfListing(stream);
  return stream.startsWith(INVENTORY_PREFIX) && stream.includes(".") ? inventoryOf(stream).eventId : null;
}
