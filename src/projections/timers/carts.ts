import { type FeedEvent, unknownEvent } from "../feed-event.ts";
import type { Timetable } from "./timetable.ts";

/** A checkout that has neither ended nor become a booking by then has to be looked at. */
const CHECKOUT_MS = 10_000;

/** Carts expire, and a checkout that crashed gives its cart back. */
export function askForCarts(feedEvent: FeedEvent, timetable: Timetable): void {
  const recorded = feedEvent.cart();
  if (recorded === null) return;
  const { event, envelope, stored } = recorded;
  const { stream, position } = stored;
  const atMs = Date.parse(envelope.at);
  switch (event.type) {
    case "CartOpened":
      timetable.ask(stream, position, Date.parse(event.data.expiresAt));
      return;
    case "CartCheckedOut":
      timetable.ask(stream, position, atMs + CHECKOUT_MS);
      return;
    case "CartReopened": // its time may have come meanwhile
      timetable.ask(stream, position, atMs);
      return;
    case "CartCompleted":
    case "CartCleared":
    case "CartExpired":
      timetable.settle(stream);
      return;
    case "CartLineTouched":
      return;
    default:
      unknownEvent(event);
  }
}
