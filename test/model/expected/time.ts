import type { Office } from "./office.ts";
import { endOf } from "./tickets.ts";

/** The next instant at which something is due; null: nothing ever is. */
export function nextDueMs({ nowMs, types, carts, bookings, events }: Office): number | null {
  const times = [
    ...[...types.values()].flatMap(({ held }) => [...held.values()].map(endOf)),
    ...[...carts.values()].map(({ endsAtMs }) => endsAtMs),
    ...[...bookings.values()].map(({ deadlineMs }) => deadlineMs),
    ...[...events.values()].flatMap(({ saleEndsAtMs, startsAtMs, policy }) => [
      saleEndsAtMs,
      startsAtMs,
      ...(policy ?? []).map(({ untilMs }) => untilMs),
    ]),
  ].filter((time) => time !== null && time > nowMs);
  return times.length === 0 ? null : Math.min(...(times as number[]));
}
