import { ticketRefs } from "../../../src/commands/tickets.ts";
import type { BookingEvent } from "../../../src/domain/booking-events.ts";
import type { InventoryEvent } from "../../../src/domain/inventory-events.ts";
import { decode } from "../../../src/eventstore/envelope.ts";
import type { EventStore, StoredEvent } from "../../../src/eventstore/port.ts";
import { BOOKING_PREFIX, INVENTORY_PREFIX } from "../../../src/eventstore/streams.ts";
import { NOTHING_RECORDED, type RecordedInventory } from "../../simulation/checks/recorded-inventory.ts";
import type { Told } from "../../system/buying/told.ts";
import { type Finding, verdict } from "../../system/buying/verdict.ts";
import type { Entry, History } from "../history/history.ts";
import { openLog } from "../log.ts";
import type { Town } from "../town.ts";
import { NO_BOOKING, standingAfter } from "./booking-standing.ts";
import { Findings } from "./findings.ts";
import { TicketTypeBooks } from "./laws.ts";
import { leftOver } from "./left-over.ts";
import { Moments } from "./moments.ts";
import { readAll } from "./read-all.ts";
import { compareRebuilt } from "./rebuilt.ts";
import { TortureRecord } from "./record.ts";
import { comeToRest } from "./rest.ts";
import { Sweep } from "./sweep.ts";
import { Testimony } from "./testimony.ts";

export interface CheckOptions {
  readonly town: Town;
  /** Closed: all that was asked has its answer. */
  readonly history: History;
  readonly say?: (line: string) => void;
}

export interface CheckResult {
  /** What must not be and is, each with its first violations; none: all is well. */
  readonly findings: readonly Finding[];
  /** How much was looked at, by its name, so that a check that saw nothing is not taken for one that found nothing. */
  readonly counted: Readonly<Record<string, number>>;
}

/** What the workload's clock was ahead of clients', beside that it was moved for rest. */
const HOUR_MS = 3_600_000;

/**
 * Holds what clients saw, the log, the provider's record and the read models against each other. Called once all was
 * healed; it waits for rest itself, and what does not come to rest is a finding.
 */
export async function check({ town, history, say = () => undefined }: CheckOptions): Promise<CheckResult> {
  const findings = new Findings();
  const record = new TortureRecord();
  const store = await openLog(town);
  try {
    const rest = await comeToRest({ town, store, record, say });
    findings.add("not at rest", ...rest.stuck);
    const { counted, told, nowMs } = await holdAgainstTheLog(store, record, history, findings, rest.clockAheadMs);
    say("clients are held against the log");
    const provider = await town.providerRecord();
    // Holds that are not due are nobody's fault, and what is due is looked at by time.
    for (const finding of verdict(provider, record, told)) {
      if (finding.what !== "tickets held for nobody") findings.add(finding.what, ...finding.violations);
    }
    const rebuilt = await compareRebuilt(store, town.databaseUrl);
    findings.add("read models that are not what the log says", ...rebuilt.differences);
    const money = { charges: provider.charges.length, refunds: provider.refunds.length };
    const log = { events: record.events, bookings: record.bookings.size, inventories: record.inventories.size };
    const seconds = { restSeconds: Math.round(rest.seconds) };
    return {
      findings: findings.all(),
      counted: { ...counted, ...log, ...money, rows: rebuilt.rows, ...seconds, nowMs },
    };
  } finally {
    await store.close();
  }
}

/** What clients were told, as questions; then once through the log, which answers them. */
async function holdAgainstTheLog(
  store: EventStore,
  record: TortureRecord,
  history: History,
  findings: Findings,
  clockAheadMs: number,
) {
  const inventories = new Sweep<RecordedInventory>(NOTHING_RECORDED);
  const bookings = new Sweep(NO_BOOKING);
  const beganAtMs = new Map<number, number>();
  for await (const { command, sentAtMs } of history.entries()) {
    beganAtMs.set(command, Math.min(sentAtMs, beganAtMs.get(command) ?? sentAtMs));
  }
  const testimony = new Testimony({
    ...{ record, findings, inventories, bookings, beganAtMs },
    moments: new Moments(history.heads),
    clockAheadMs: clockAheadMs - HOUR_MS,
  });
  for await (const entry of history.entries()) testimony.take(entry satisfies Entry);
  testimony.conclude();

  inventories.begin();
  bookings.begin();
  const books = new Map<string, TicketTypeBooks>();
  await readAll(store, (stored) => {
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
    findings.add("inventories wrong at some revision", ...its.violations);
  }
  findings.add("told to clients and never so", ...inventories.unanswered, ...bookings.unanswered);
  const nowMs = Date.now() + clockAheadMs;
  findings.add("left over", ...[...books.values()].flatMap((its) => leftOver(its.stream, its.state, nowMs)));
  const told: Told = { purchases: testimony.purchases, cancellations: cancelledIn(record, testimony), surprises: [] };
  const questions = inventories.asked + bookings.asked;
  return { told, nowMs, counted: { ...testimony.counted, questions, keyedAnswers: testimony.keys.answered } };
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
