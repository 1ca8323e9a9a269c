import type { BookedEvent } from "./booking-events.ts";
import type { Money } from "./money.ts";

/**
 * The least amount, in minor units, that cards can be given back in where it is not one: currencies of three decimals
 * are settled without the third, and the ariary has a minor unit in ISO 4217 alone.
 */
const LEAST_PAYABLE: Readonly<Record<string, number>> = { BHD: 10, JOD: 10, KWD: 10, OMR: 10, TND: 10, MGA: 100 };

/**
 * What cancelling one ticket gives back at this time, by what the event said when it was bought: the share of the first
 * step whose time has not come yet, in order of time; nothing after the last. Without a policy it is all until the event
 * starts, for ever when it has no start. A share that does not come out even is rounded to the nearest amount that can
 * be paid, halves up, and is never more than the price.
 */
export function refundFor({ startsAt, refundPolicy }: BookedEvent, unitPrice: Money, atMs: number): Money {
  return shareOf(unitPrice, percentAt(startsAt, refundPolicy, atMs));
}

/** The next time at which one of these events may give back another share, in epoch milliseconds; null: never again. */
export function nextBoundaryMs(events: readonly BookedEvent[], atMs: number): number | null {
  const boundaries = events.flatMap(({ startsAt, refundPolicy }) =>
    refundPolicy === null ? (startsAt === null ? [] : [startsAt]) : refundPolicy.map(({ until }) => until),
  );
  const ahead = boundaries.map((time) => Date.parse(time)).filter((ms) => ms > atMs);
  return ahead.length === 0 ? null : Math.min(...ahead);
}

function percentAt(startsAt: BookedEvent["startsAt"], policy: BookedEvent["refundPolicy"], atMs: number): number {
  if (policy === null) return startsAt === null || atMs < Date.parse(startsAt) ? 100 : 0;
  const ahead = policy.filter(({ until }) => atMs < Date.parse(until));
  const next = ahead.sort((a, b) => Date.parse(a.until) - Date.parse(b.until))[0];
  return next?.percent ?? 0;
}

/** In whole numbers only: the price of an expensive ticket times a hundred is more than a number holds exactly. */
function shareOf({ amount, currency }: Money, percent: number): Money {
  if (percent === 100) return { amount, currency };
  const least = LEAST_PAYABLE[currency] ?? 1;
  const parts = 100 * least;
  const whole = Math.floor(amount / parts) * percent;
  const rest = Math.round(((amount % parts) * percent) / parts);
  return { amount: Math.min((whole + rest) * least, amount), currency };
}
