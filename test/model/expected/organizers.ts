import type { WorldType } from "../world.ts";
import { newType } from "./begin.ts";
import {
  type Event,
  eventOf,
  granted,
  known,
  type Office,
  refused,
  type TicketType,
  typeOf,
  type Verdict,
} from "./office.ts";
import { freeIn, touch, touchAll } from "./tickets.ts";

/** What an organizer may change of a ticket type, beside how many there are. */
export type TypeChange = Partial<Pick<TicketType, "price" | "maxPerUser" | "maxPerOrder">>;

/** @param typeId null: all of the event's */
export function setPaused(office: Office, event: Event, typeId: string | null, paused: boolean): Verdict {
  if (event.isCancelled) return refused("event-cancelled");
  const type = typeId === null ? null : typeOf(office, typeId);
  if (type?.isDeleted === true) return refused("ticket-type-not-found");
  touchAll(office, event);
  (type ?? event).isPaused = paused;
  touchAll(office, event);
  return granted;
}

export function changeType(office: Office, typeId: string, change: TypeChange): Verdict {
  const type = typeOf(office, typeId);
  const event = eventOf(office, type);
  if (event.isCancelled) return refused("event-cancelled");
  if (type.isDeleted) return refused("ticket-type-not-found");
  touchAll(office, event);
  Object.assign(type, change);
  touchAll(office, event);
  return granted;
}

export function addType(office: Office, event: Event, id: string, type: WorldType): Verdict {
  if (event.isCancelled) return refused("event-cancelled");
  touchAll(office, event);
  const { currency } = typeOf(office, known(event.typeIds[0]));
  office.types.set(id, newType(id, event.id, currency, type));
  event.typeIds.push(id);
  return granted;
}

export function deleteType(office: Office, typeId: string): Verdict {
  const type = typeOf(office, typeId);
  const event = eventOf(office, type);
  if (event.isCancelled) return refused("event-cancelled");
  const others = event.typeIds.filter((id) => id !== typeId && !typeOf(office, id).isDeleted);
  touch(office, type);
  const committed = type.capacity - freeIn(type);
  const waiting = type.waiting.length;
  if (committed + waiting > 0) return refused("has-commitments", { committed, waiting });
  if (!type.isDeleted && others.length === 0) return refused("last-ticket-type");
  touchAll(office, event);
  type.isDeleted = true;
  type.capacity = 0;
  return granted;
}
