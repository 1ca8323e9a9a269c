import { ticketRefs } from "../../../src/commands/tickets.ts";
import type { BookingEvent } from "../../../src/domain/booking-events.ts";
import type { InventoryEvent } from "../../../src/domain/inventory-events.ts";
import { decode } from "../../../src/eventstore/envelope.ts";
import type { StoredEvent } from "../../../src/eventstore/port.ts";
import { BOOKING_PREFIX, INVENTORY_PREFIX } from "../../../src/eventstore/streams.ts";
import { NOTHING_RECORDED, type RecordedInventory } from "../../simulation/checks/recorded-inventory.ts";
import type { Told } from "../../system/buying/told.ts";
import type { History } from "../history/history.ts";
import { NO_BOOKING, standingAfter } from "./booking-standing.ts";
import type { Findings } from "./findings.ts";
import { TicketTypeBooks } from "./laws.ts";
import { leftOver } from "./left-over.ts";
import { Moments } from "./moments.ts";
import type { TortureRecord } from "./record.ts";
import { Sweep } from "./sweep.ts";
import { shown, Testimony } from "./testimony.ts";

export interface AgainstTheLog {
  /** Of the whole log. */
  readonly record: TortureRecord;
  readonly history: Pick<History, "entries" | "heads">;
  readonly findings: Findings;
  /** Goes through the log from its beginning. */
  readonly readLog: (take: (stored: StoredEvent) => void) => Promise<void>;
  /** What the log's clock was ahead of that of the clients while they asked. */
  readonly clockAheadMs: number;
  /** When all was at rest, by the log's clock, in epoch milliseconds. */
  readonly restAtMs: number;
}

/** Of an answer that was wrong; and of so many. */
const SHOWN_CHARACTERS = 600;
const SHOWN_ATTEMPTS = 200;

/** What clients were told, as questions; then once through the log, which answers them. */
export async function holdAgainstTheLog(options: AgainstTheLog) {
  const { record, history, findings, readLog, clockAheadMs, restAtMs } = options;
  const inventories = new Sweep<RecordedInventory>(NOTHING_RECORDED);
  const bookings = new Sweep(NO_BOOKING);
  const beganAtMs = new Map<number, number>();
  for await (const { command, sentAtMs } of history.entries()) {
    beganAtMs.set(command, Math.min(sentAtMs, beganAtMs.get(command) ?? sentAtMs));
  }
  const testimony = new Testimony({
    ...{ record, findings, inventories, bookings, beganAtMs },
    moments: new Moments(history.heads),
    clockAheadMs,
  });
  for await (const entry of history.entries()) testimony.take(entry);
  testimony.conclude();

  inventories.begin();
  bookings.begin();
  const books = new Map<string, TicketTypeBooks>();
  await readLog((stored) => {
    if (stored.stream.startsWith(INVENTORY_PREFIX)) {
      const its = books.get(stored.stream) ?? new TicketTypeBooks(stored.stream, NOTHING_RECORDED);
      books.set(stored.stream, its);
      its.take(toldBy(stored));
      inventories.move(stored.stream, stored.position, its.state);
    } else if (stored.stream.startsWith(BOOKING_PREFIX)) {
      const { event } = decode<BookingEvent>(stored);
      bookings.move(stored.stream, stored.position, standingAfter(bookings.stateOf(stored.stream), event));
    }
  });
  inventories.end();
  bookings.end();
  for (const its of books.values()) {
    its.end();
    findings.addAll("inventories wrong at some revision", its.violations);
  }
  const never = await wordsOf(history, new Set([...inventories.unanswered, ...bookings.unanswered]));
  findings.addAll("told to clients and never so", never);
  for (const its of books.values()) findings.addAll("left over", leftOver(its.stream, its.state, restAtMs));
  const told: Told = { purchases: testimony.purchases, cancellations: cancelledIn(record, testimony), surprises: [] };
  const questions = inventories.asked + bookings.asked;
  return { told, counted: { ...testimony.counted, questions, keyedAnswers: testimony.keys.answered } };
}

/** What these attempts were told, by their places in the history: only now is it known which of them have to be shown. */
async function wordsOf(history: AgainstTheLog["history"], attempts: ReadonlySet<number>): Promise<readonly string[]> {
  const words: string[] = [];
  if (attempts.size === 0) return words;
  let attempt = 0;
  for await (const entry of history.entries()) {
    attempt += 1;
    if (words.length === SHOWN_ATTEMPTS) return [...words, `${attempts.size} in all`];
    if (!attempts.has(attempt) || !entry.outcome.answered) continue;
    const { status, body } = entry.outcome;
    words.push(`${shown(entry)}: ${status} ${JSON.stringify(body).slice(0, SHOWN_CHARACTERS)}`);
  }
  return words;
}

function toldBy(stored: StoredEvent) {
  const { event, envelope } = decode<InventoryEvent>(stored);
  return { revision: stored.revision, event, atMs: Date.parse(envelope.at) };
}

/** Ids of tickets, as clients have them, are made of what the log says of their booking. */
const cancelledIn = (record: TortureRecord, { cancellations }: Testimony): Told["cancellations"] =>
  cancellations.map(({ bookingId, ticketIds }) => {
    const { tickets } = ticketRefs(record.bookings.get(bookingId)?.lines ?? [], ticketIds ?? []);
    const single = tickets.flatMap(({ reservationId, ordinals }) =>
      ordinals.map((ordinal) => ({ reservationId, ordinal })),
    );
    return { bookingId, tickets: ticketIds === null ? null : single };
  });
