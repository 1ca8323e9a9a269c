import type { FastifyRequest } from "fastify";
import type { EventCommands } from "../../commands/events.ts";
import { remembering } from "../../remembering.ts";
import { requireReadable } from "./access.ts";

/** Of events that were called off, so many are known to have been public. */
const REMEMBERED = 20_000;

interface ReadEvent {
  readonly eventId: string;
  readonly organizerId: string;
  readonly status: string;
}

/** Lets a reader see an event, or fails. What most read is let through at once, without asking anybody. */
export type LetRead = (request: FastifyRequest, event: ReadEvent) => Promise<void> | null;

/** What was public once stays so: it is asked of the log once. */
export function letRead(commands: Pick<EventCommands, "find">): LetRead {
  const publicOnes = remembering<true>(REMEMBERED);
  return (request, event) => {
    if (event.status === "ACTIVE" || event.status === "ENDED") return null;
    if (event.status === "CANCELLED" && publicOnes.has(event.eventId)) return null;
    return check(request, event);
  };

  async function check(request: FastifyRequest, event: ReadEvent): Promise<void> {
    const { caller, unknownCaller } = request;
    if (unknownCaller !== null && event.status === "DRAFT") throw unknownCaller;
    await requireReadable(commands, caller, event);
    if (event.status === "CANCELLED" && caller?.accountId !== event.organizerId) publicOnes.set(event.eventId, true);
  }
}
