import { createHmac } from "node:crypto";
import type { Logged } from "../../bench/rehearsal/checker/books.ts";
import type { Evidence } from "../../bench/rehearsal/checker/verdict.ts";
import { type BuyerRecord, newRecord } from "../../bench/rehearsal/crowd/record.ts";
import type { InventoryEvent } from "../../src/domain/inventory-events.ts";

export const OPENS_AT_MS = Date.parse("2026-12-24T18:00:00.000Z");
export const SEEDS = { draw: "d".repeat(64), later: "e".repeat(64) };
const EVERY_MS = 1_000;
const PRICE = { amount: 4_500, currency: "EUR" };

/** A small on-sale in which all went well: twelve people who came before the opening, called one a second, for nine tickets. */
export interface Planted {
  readonly evidence: Evidence;
  /** By rank; to be changed for what must not be. */
  readonly people: BuyerRecord[];
  readonly log: Logged[];
}

const PEOPLE = 12;
const TICKETS = 9;

const lotOf = (accountId: string): number =>
  createHmac("sha256", SEEDS.draw).update(accountId).digest().readUInt32BE(0) % 2 ** 28;

export const atMs = (seconds: number): number => OPENS_AT_MS + seconds * 1_000;

/** What an inventory says to it, each a second after the other from `seconds` on. */
export function logged(events: readonly (readonly [seconds: number, event: InventoryEvent])[], from = 0): Logged[] {
  return events.map(([seconds, event], index) => ({ revision: from + index, atMs: atMs(seconds), event }));
}

export const opened = (capacity: number): InventoryEvent =>
  ({ type: "InventoryOpened", data: { capacity } }) as unknown as InventoryEvent;
export const reserved = (reservationId: string, quantity = 1): InventoryEvent => ({
  type: "TicketsReserved",
  data: { reservationId, accountId: reservationId, quantity, unitPrice: PRICE, expiresAt: "2026-12-24T19:00:00.000Z" },
});
export const bought = (reservationId: string, quantity = 1): InventoryEvent => ({
  type: "ReservationConfirmed",
  data: { reservationId, bookingId: `b-${reservationId}`, accountId: reservationId, quantity },
});

/** @param more seconds that it goes on for after the last was called */
export function wellDone(more = 10): Planted {
  const people = Array.from({ length: PEOPLE }, (_, n) =>
    newRecord(`019f0000-0000-7000-8000-${n + 100_000_000_000}`, 1),
  );
  people.sort((a, b) => lotOf(a.accountId) - lotOf(b.accountId));
  const events: [number, InventoryEvent][] = [[-60, opened(TICKETS)]];
  for (const [index, record] of people.entries()) {
    record.second = 0;
    record.enteredAtMs = atMs(-5);
    const calledAtS = 3 + index;
    record.waitedAtMs = atMs(calledAtS) - 600;
    if (index >= TICKETS) {
      record.leftAtMs = atMs(3 + TICKETS + 1);
      record.ending = "told in the line that all are gone";
      continue;
    }
    record.calledAtMs = atMs(calledAtS);
    record.reservationId = `r-${index}`;
    record.reservedAtMs = record.boughtAtMs = record.leftAtMs = atMs(calledAtS + 1);
    record.ending = "bought";
    events.push([calledAtS + 0.5, reserved(`r-${index}`)], [calledAtS + 1, bought(`r-${index}`)]);
  }
  const log = logged(events);
  const overAtMs = atMs(3 + PEOPLE + more);
  const terms = { opensAtMs: OPENS_AT_MS, overAtMs, admitPerMinute: 60_000 / EVERY_MS };
  return {
    evidence: { terms, log, records: people, seeds: SEEDS, answers: new Map([["place: 200", 12]]) },
    people,
    log,
  };
}
