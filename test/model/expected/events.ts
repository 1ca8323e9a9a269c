import { type Event, granted, type Office, refused, type Verdict } from "./office.ts";
import { touchAll } from "./tickets.ts";

/** What an organizer may change of an event while it is on. */
export type EventChange = Partial<Pick<Event, "holdTtlMs" | "saleEndsAtMs" | "policy" | "guestsAllowed">>;

/** Its ticket types hear of it one by one, before the answer. */
export function changeEvent(office: Office, event: Event, change: EventChange): Verdict {
  if (event.isCancelled) return refused("event-cancelled");
  touchAll(office, event);
  Object.assign(event, change);
  touchAll(office, event);
  return granted;
}

export function publish(office: Office, event: Event): Verdict {
  if (event.isCancelled) return refused("event-cancelled");
  touchAll(office, event);
  event.isDraft = false;
  return granted;
}

/** Nothing is sold from here on; what is held ends when its ticket type is seen to next. */
export function callOff(office: Office, event: Event): Verdict {
  touchAll(office, event);
  event.isCancelled = true;
  return granted;
}
