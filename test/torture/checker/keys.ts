import { sha256 } from "../../../src/eventstore/envelope.ts";
import { type Entry, sameness } from "../history/history.ts";
import type { Findings } from "./findings.ts";
import type { Span } from "./moments.ts";
import type { TortureRecord } from "./record.ts";

/** What is always recorded anew where it is granted, on the event that answers the key. */
const LEAVES_A_RECORD: ReadonlySet<string> = new Set([
  "/events/:eventId/reservations",
  "/events/:eventId/waitlist",
  "/reservations/:reservationId/extend",
  "/ticket/reserve",
  "/holds",
  "/events/reserve",
  "/events",
  "/bookings/:bookingId/refunds",
]);

/** Answered from what was recorded and from nothing that goes on: each time the same, to the last field. */
const TO_THE_LAST_FIELD: ReadonlySet<string> = new Set([
  "/events/:eventId/reservations",
  "/events/:eventId/waitlist",
  "/ticket/reserve",
  "/holds",
  "/events/reserve",
  "/events",
]);

interface Kept {
  readonly name: string;
  readonly route: string;
  readonly hash: string;
  beganAtMs: number;
  /** What was granted first; null: nothing was. */
  same: string | null;
  fresh: number;
  granted: number;
  isOpen: boolean;
  /** It was refused with the id of a booking that is on record, and that came to nothing while the buyer waited. */
  cameToNothing: boolean;
  /** When it was last told: nobody knows whether it is on record yet before that. */
  endedAtMs: number;
}

/** A key has one effect and one answer, however often and wherever it was sent; and none where all were told so. */
export class Keys {
  readonly #kept = new Map<number, Kept>();
  readonly #findings: Findings;
  answered = 0;

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  take(entry: Entry): void {
    const { command, name, route, key, sentAtMs, outcome } = entry;
    if (key === null || isAnotherBody(entry)) return;
    const kept = this.#kept.get(command) ?? {
      ...{ name, route, hash: hashOf(entry), beganAtMs: sentAtMs, same: null, fresh: 0, granted: 0 },
      ...{ isOpen: false, cameToNothing: false, endedAtMs: 0 },
    };
    this.#kept.set(command, kept);
    kept.beganAtMs = Math.min(kept.beganAtMs, sentAtMs);
    kept.endedAtMs = Math.max(kept.endedAtMs, outcome.endedAtMs);
    if (!outcome.answered) {
      kept.isOpen = true;
      return;
    }
    if (isOfABooking(entry)) kept.cameToNothing = true;
    if (outcome.status >= 300 && outcome.status !== 402) return;
    this.answered += 1;
    kept.granted += 1;
    if (!outcome.replayed) kept.fresh += 1;
    const same = sameOf(route, outcome.status, outcome.body);
    if (kept.same !== null && kept.same !== same) {
      this.#findings.add("keys with several answers", `${name} with ${key}: ${kept.same} and ${same}`);
    }
    kept.same ??= same;
  }

  /** Holds them against the log. */
  conclude(record: TortureRecord, spanOf: (beganAtMs: number, endedAtMs: number) => Span): void {
    for (const { name, route, hash, beganAtMs, fresh, granted, ...told } of this.#kept.values()) {
      const { isOpen, cameToNothing, endedAtMs } = told;
      const events = record.keyed.get(hash) ?? [];
      const about = (what: string, fault: string) => this.#findings.add(what, `${name}, key hash ${hash}: ${fault}`);
      const isRecorded = LEAVES_A_RECORD.has(route);
      if (granted > 0 && isRecorded && events.length === 0)
        about("acknowledged and lost", "granted, and not on record");
      if (fresh > 1 && isRecorded)
        about("keys with several effects", `granted ${fresh} times as if for the first time`);
      if (granted === 0 && !isOpen && !cameToNothing && events.length > 0) {
        about("refused and yet recorded", `${events[0]?.type} in ${events[0]?.stream}`);
      }
      const { from, to } = spanOf(beganAtMs, endedAtMs);
      for (const { type, stream, position } of events) {
        if (position <= from) about("recorded before it was asked for", `${type} in ${stream} at ${position}`);
        if (!isOpen && to !== null && position > to)
          about("recorded after the answer", `${type} in ${stream} at ${position}`);
      }
    }
    for (const [hash, events] of record.keyed) {
      const streams = new Set(events.map(({ stream }) => stream));
      const isSpread = events.some(({ type }) => type === "ListingCreated" || type === "TicketTypeAdded");
      if (streams.size < events.length || (events.length > 1 && !isSpread && !isOfOneCommand(events))) {
        const said = events.map(({ type, stream }) => `${type} in ${stream}`).join(", ");
        this.#findings.add("keys with several effects", `key hash ${hash}: ${said}`);
      }
    }
  }
}

/** Some commands are about several streams, each of which answers for itself. */
const isOfOneCommand = (events: readonly { readonly type: string }[]): boolean =>
  new Set(events.map(({ type }) => type)).size === events.length || events.every(({ type }) => SPREAD.has(type));

const SPREAD: ReadonlySet<string> = new Set([
  "InventoryOpened",
  "InventoryClosed",
  "ReservationClaimed",
  "SalePaused",
  "SaleResumed",
]);

/** A key that comes again with something else. */
export const isAnotherBody = ({ name }: Pick<Entry, "name">): boolean => name.endsWith(": another body");

/** A 409 with a `bookingId`: the event was called off, or the tickets lapsed, while the payment was on its way. */
const isOfABooking = ({ outcome }: Entry): boolean =>
  outcome.answered &&
  outcome.status === 409 &&
  (outcome.body as { bookingId?: string } | null)?.bookingId !== undefined;

/** As the envelope has it: SHA-256 of caller, route, path and key. */
const hashOf = ({ account, method, route, path, key }: Entry): string =>
  sha256(`${account ?? ""}\n${method} ${route}\n${path}\n${key}`);

function sameOf(route: string, status: number, body: unknown): string {
  if (TO_THE_LAST_FIELD.has(route)) return `${status} ${sameness(body)}`;
  const { bookingId, booking_id, reservationId, eventId } = (body ?? {}) as Record<string, string | undefined>;
  return bookingId ?? booking_id ?? reservationId ?? eventId ?? "nothing";
}
