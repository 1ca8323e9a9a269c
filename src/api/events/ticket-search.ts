import { setImmediate as otherWork } from "node:timers/promises";
import { type TicketCodes, ticketId } from "../../commands/tickets.ts";
import { Turns } from "../../commands/turns.ts";
import type { Position } from "../../eventstore/port.ts";
import type { SoldQueries } from "../../projections/bookings/sold.ts";
import { isUuid } from "../../projections/uuid.ts";
import { invalid } from "../problems/problem.ts";

/**
 * The booking of the event that has the ticket with this id or code, null when there is none. `like`: as it was typed.
 * @throws Busy
 * @throws ReadModelBehind
 * @throws Problem `invalid`: the event has more tickets than are gone through
 */
export type FindTicket = (eventId: string, like: string, minPosition: Position | null) => Promise<string | null>;

/** As many tickets are gone through, the newest first: about two seconds on a busy machine. */
const MOST_TICKETS = 250_000;
/** Between so many the process does other work; each takes 5 to 15 µs. */
const AT_ONCE = 200;
const CODE = /^[0-9A-HJKMNP-TV-Z]{20}$/;

/**
 * Ids of tickets are derived from those of reservations, and codes from them: neither is kept anywhere, and neither tells
 * where it comes from. So the tickets of the event are made again until one is the one that is looked for. One search
 * runs at a time, the others wait for it.
 */
export function ticketFinder({
  sold,
  codeOf,
}: {
  readonly sold: Pick<SoldQueries, "lines">;
  readonly codeOf: TicketCodes;
}): FindTicket {
  const turns = new Turns();

  async function search(eventId: string, isIt: (ticketId: string) => boolean, minPosition: Position | null) {
    let looked = 0;
    for await (const { bookingId, reservationId, quantity } of sold.lines(eventId, { minPosition })) {
      for (let ordinal = 0; ordinal < quantity; ordinal += 1) {
        if (isIt(ticketId(reservationId, ordinal))) return bookingId;
        looked += 1;
        if (looked % AT_ONCE === 0) await otherWork();
        if (looked >= MOST_TICKETS) {
          throw invalid("query", "/q", "takes a booking, a reservation or a buyer where there are so many tickets");
        }
      }
    }
    return null;
  }

  return async (eventId, like, minPosition) => {
    const id = like.toLowerCase();
    const code = readCode(like);
    const isIt = isUuid(id)
      ? (one: string) => one === id
      : CODE.test(code)
        ? (one: string) => codeOf(one) === code
        : null;
    return isIt === null ? null : turns.take("tickets", () => search(eventId, isIt, minPosition));
  };
}

/** A code as somebody reads it off a ticket: in groups or not, and letters that look like digits are those digits. */
const readCode = (typed: string): string =>
  typed.toUpperCase().replace(/[\s-]/g, "").replace(/[IL]/g, "1").replace(/O/g, "0");
