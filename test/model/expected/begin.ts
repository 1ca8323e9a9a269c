import type { Opened } from "../product.ts";
import { OFFER_TTL_SECONDS, PAYMENT_WINDOW_SECONDS, type World, type WorldEvent } from "../world.ts";
import type { Event, Office, TicketType } from "./office.ts";

/** The world as the model has it, under the ids that the product gave. */
export function beginning(
  { events }: World,
  opened: readonly Opened[],
  startMs: number,
  lineId: Office["lineId"],
): Office {
  const office: Office = {
    nowMs: startMs,
    events: new Map(),
    types: new Map(),
    carts: new Map(),
    bookings: new Map(),
    reservations: new Map(),
    charges: new Map(),
    faults: [],
    paymentWindowMs: PAYMENT_WINDOW_SECONDS * 1_000,
    offerTtlMs: OFFER_TTL_SECONDS * 1_000,
    lineId,
  };
  for (const [index, { eventId, ticketTypeIds }] of opened.entries()) {
    const event = events[index] as WorldEvent;
    office.events.set(eventId, newEvent(eventId, ticketTypeIds, event, startMs));
    for (const [ordinal, id] of ticketTypeIds.entries()) {
      office.types.set(id, newType(id, eventId, event.currency, event.types[ordinal] as WorldEvent["types"][number]));
    }
  }
  return office;
}

const newEvent = (id: string, typeIds: readonly string[], event: WorldEvent, startMs: number): Event => ({
  id,
  typeIds: [...typeIds],
  isPaused: false,
  isDraft: event.isDraft,
  isCancelled: false,
  holdTtlMs: event.holdTtlSeconds * 1_000,
  saleEndsAtMs: timeOf(event.saleEndsInMs, startMs),
  startsAtMs: timeOf(event.startsInMs, startMs),
  policy: sharesOf(event.policy, startMs),
  guestsAllowed: event.guestsAllowed,
});

export const timeOf = (inMs: number | null, startMs: number): number | null => (inMs === null ? null : startMs + inMs);

export const sharesOf = (policy: WorldEvent["policy"], startMs: number): Event["policy"] =>
  policy?.map(({ untilInMs, percent }) => ({ untilMs: startMs + untilInMs, percent })) ?? null;

export const newType = (
  id: string,
  eventId: string,
  currency: string,
  type: WorldEvent["types"][number],
): TicketType => ({
  id,
  eventId,
  currency,
  ...type,
  isPaused: false,
  isDeleted: false,
  held: new Map(),
  bought: new Map(),
  waiting: [],
});
