import type { FastifyRequest } from "fastify";
import { LRUCache } from "lru-cache";
import type { EventCommands } from "../../commands/events.ts";
import type { Position } from "../../eventstore/port.ts";
import type { Clock } from "../../ports.ts";
import type { HotEvent, HotEvents } from "../../projections/hot-reads/hot-events.ts";
import { minPosition } from "../conventions/positions.ts";
import { Problem } from "../problems/problem.ts";
import { isOrganizer, requireReadable } from "./access.ts";

/** Of events that were called off, so many are known to have been public. */
const REMEMBERED = 20_000;

export interface EventReading {
  readonly commands: Pick<EventCommands, "find">;
  readonly hot: HotEvents;
  /** One that goes on while its database is away. */
  readonly readingClock: Clock;
  /** The log's last position. */
  readonly head: () => Promise<Position | null>;
}

/**
 * The event that a request is about, if whoever asks may see it. Without a promise wherever that can be: a crowd reads
 * the same few events.
 * @throws Problem `event-not-found`
 */
export type ReadEvent = (request: FastifyRequest, eventId: string) => HotEvent | Promise<HotEvent>;

/** What was public once stays so: of events that were called off it is asked of the log once. */
export function eventReading({ commands, hot, readingClock: clock, head }: EventReading): ReadEvent {
  const publicOnes = new LRUCache<string, true>({ max: REMEMBERED });
  const find = (eventId: string, position: Position | null) =>
    hot.get(eventId, { minPosition: position, nowMs: clock.nowMs() });
  const newest = async (eventId: string) => find(eventId, await head());

  return (request, eventId) => {
    const found = find(eventId, minPosition(request));
    return found instanceof Promise ? found.then((one) => seen(request, eventId, one)) : seen(request, eventId, found);
  };

  function seen(
    request: FastifyRequest,
    eventId: string,
    found: HotEvent | null,
    isNewest = false,
  ): HotEvent | Promise<HotEvent> {
    if (found === null) throw new Problem("event-not-found");
    const { event } = found;
    // To others there is no such event: that is said of the newest only, since it may just have been published.
    const isHidden = event.status === "DRAFT" && !isOrganizer(request.caller, event);
    if (isHidden && !isNewest) return newest(eventId).then((it) => seen(request, eventId, it, true));
    const isSeenByAll = event.status === "ACTIVE" || event.status === "ENDED";
    if (isSeenByAll || (event.status === "CANCELLED" && publicOnes.has(eventId))) return found;
    return check(request, found);
  }

  async function check(request: FastifyRequest, found: HotEvent): Promise<HotEvent> {
    const { caller, unknownCaller } = request;
    const { event } = found;
    if (unknownCaller !== null && event.status === "DRAFT") throw unknownCaller;
    await requireReadable(commands, caller, event);
    if (event.status === "CANCELLED" && caller?.accountId !== event.organizerId) publicOnes.set(event.eventId, true);
    return found;
  }
}
