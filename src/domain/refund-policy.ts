import type { BookedEvent } from "./booking-events.ts";
import type { Money } from "./money.ts";

/** What cancelling one ticket gives back at this time, by what the event said when it was bought. */
export function refundFor({ startsAt, refundPolicy }: BookedEvent, unitPrice: Money, atMs: number): Money {
  return {
    amount: Math.round((unitPrice.amount * percentAt(startsAt, refundPolicy, atMs)) / 100),
    currency: unitPrice.currency,
  };
}

function percentAt(startsAt: BookedEvent["startsAt"], policy: BookedEvent["refundPolicy"], atMs: number): number {
  if (policy === null) return startsAt === null || atMs < Date.parse(startsAt) ? 100 : 0;
  const ahead = policy.filter(({ until }) => atMs < Date.parse(until));
  const next = ahead.sort((a, b) => Date.parse(a.until) - Date.parse(b.until))[0];
  return next?.percent ?? 0;
}

/** The next time at which one of these events gives back another share, in epoch milliseconds; null: never again. */
export function nextBoundaryMs(events: readonly BookedEvent[], atMs: number): number | null {
  const boundaries = events.flatMap(({ startsAt, refundPolicy }) =>
    refundPolicy === null ? (startsAt === null ? [] : [startsAt]) : refundPolicy.map(({ until }) => until),
  );
  const ahead = boundaries.map((time) => Date.parse(time)).filter((ms) => ms > atMs);
  return ahead.length === 0 ? null : Math.min(...ahead);
}
