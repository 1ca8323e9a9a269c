import type { BookingLedger } from "./booking-ledger.ts";
import type { LogRecord } from "./log-record.ts";
import type { ProviderCharge, ProviderRecord } from "./provider-record.ts";
import type { Told } from "./told.ts";

/** Something that must not be, and where it is; nowhere when all is well. */
export interface Finding {
  readonly what: string;
  readonly violations: readonly string[];
}

/**
 * Holds what the provider has charged against the tickets in the log and against what buyers were told. Every event of
 * the sale gives the whole price back for a cancelled ticket, so that one equation says it all: what the provider keeps of
 * a booking is the price of the tickets that it has, less what was given back besides.
 */
export function verdict(provider: ProviderRecord, log: LogRecord, told: Told): readonly Finding[] {
  const { charges } = provider;
  const bookings = [...log.bookings.values()];
  return [
    {
      what: "charges without tickets or refund",
      violations: charges.filter((one) => keptOf(one) > worth(log, one)).map(named),
    },
    { what: "tickets without charge", violations: withoutCharge(charges, log) },
    { what: "double charges", violations: doubleCharges(charges, log) },
    { what: "charges that no booking asked for", violations: charges.filter((one) => isStray(one, log)).map(named) },
    {
      what: "money set aside, neither taken nor given back",
      violations: charges.filter(({ status }) => !["captured", "declined", "voided"].includes(status)).map(named),
    },
    { what: "payments that the provider and the log differ on", violations: differences(charges, log) },
    { what: "refunds that the provider and the log differ on", violations: refundDifferences(provider, log) },
    { what: "bookings not in an end state", violations: bookings.filter((one) => !isAtEnd(one)).map(shown) },
    { what: "tickets held for nobody", violations: log.held() === 0 ? [] : [`${log.held()} tickets`] },
    {
      what: "inventories wrong at some revision",
      violations: [...log.inventories.values()].flatMap((one) => one.violations),
    },
    { what: "purchases told otherwise than on record", violations: toldOtherwise(told, log) },
    { what: "cancellations told and not on record", violations: lostCancellations(told, log) },
    { what: "carts of paid bookings not completed, or left in checkout", violations: wrongCarts(log) },
    { what: "hash chains broken", violations: log.broken },
    { what: "answers that nobody should get", violations: told.surprises },
  ];
}

/** What the provider has of the buyer's money for good, in minor units. */
const keptOf = ({ status, amount, refunded }: ProviderCharge): number =>
  status === "captured" ? amount - refunded : 0;

const named = ({ attemptId, bookingId, status, amount, refunded, method }: ProviderCharge): string =>
  `charge ${attemptId} of booking ${bookingId}: ${method}, ${status}, ${amount} less ${refunded}`;

const shown = ({ bookingId, outcome, types }: BookingLedger): string =>
  `booking ${bookingId}: ${outcome}, ${[...types].join(" ")}`;

function worth(log: LogRecord, { bookingId }: ProviderCharge): number {
  const booking = bookingId === null ? undefined : log.bookings.get(bookingId);
  return booking === undefined ? 0 : log.worthOf(booking);
}

/** Also tickets that are booked for what is no booking. */
function withoutCharge(charges: readonly ProviderCharge[], log: LogRecord): string[] {
  const kept = new Map<string, number>();
  for (const charge of charges) {
    if (charge.bookingId !== null) kept.set(charge.bookingId, (kept.get(charge.bookingId) ?? 0) + keptOf(charge));
  }
  const unpaid = [...log.bookings.values()].filter(
    (one) => log.worthOf(one) > (kept.get(one.bookingId) ?? 0) + one.goodwill,
  );
  const foreign: string[] = [];
  for (const { stream, booked } of log.inventories
    .values()
    .map((one) => ({ stream: one.stream, booked: one.booked() }))) {
    for (const { reservationId, bookingId, tickets } of booked) {
      const isIts = log.bookings.get(bookingId)?.lines.some((line) => line.reservationId === reservationId) === true;
      if (!isIts)
        foreign.push(`${stream}: ${tickets} tickets of ${reservationId} for ${bookingId}, which has not bought them`);
    }
  }
  return [...unpaid.map(shown), ...foreign];
}

/** A booking has one charge at most; and of several bookings of the same reservation one keeps money at most. */
function doubleCharges(charges: readonly ProviderCharge[], log: LogRecord): string[] {
  const captured = charges.filter(({ status }) => status === "captured");
  const twice = [...Map.groupBy(captured, ({ bookingId }) => bookingId).values()].filter(({ length }) => length > 1);
  const buyers = new Map<string, string[]>();
  for (const { bookingId } of captured.filter((one) => keptOf(one) > 0)) {
    for (const { reservationId } of log.bookings.get(bookingId ?? "")?.lines ?? []) {
      buyers.set(reservationId, [...(buyers.get(reservationId) ?? []), bookingId ?? ""]);
    }
  }
  const paidTwice = [...buyers].filter(([, bookings]) => bookings.length > 1);
  return [
    ...twice.map((ones) => ones.map(named).join("; ")),
    ...paidTwice.map(([reservationId, bookings]) => `reservation ${reservationId} by ${bookings.join(" and ")}`),
  ];
}

/** The provider has it for a booking that does not know it. */
function isStray({ bookingId, attemptId, status }: ProviderCharge, log: LogRecord): boolean {
  if (status === "declined" || status === "voided") return false;
  return bookingId === null || log.bookings.get(bookingId)?.attemptId !== attemptId;
}

/** Both ways: what the provider says of a payment is on record, and what is on record the provider says. */
function differences(charges: readonly ProviderCharge[], log: LogRecord): string[] {
  const byAttempt = new Map(charges.map((one) => [one.attemptId, one]));
  return [...log.bookings.values()].flatMap((booking) => {
    const { attemptId, total, types } = booking;
    if (attemptId === null) return [];
    const charge = byAttempt.get(attemptId);
    // A booking that came to nothing has its payment on record as voided, also when the provider declined it.
    const isSettled = types.has("PaymentCaptured") || types.has("PaymentDeclined") || types.has("PaymentVoided");
    const isSameAmount = charge?.bookingId === null || charge?.amount === total;
    const isSameCapture = (charge?.status === "captured") === types.has("PaymentCaptured");
    if (isSettled && isSameAmount && isSameCapture) return [];
    return [`${shown(booking)}; ${charge === undefined ? "no charge" : named(charge)}`];
  });
}

function refundDifferences({ charges, refunds }: ProviderRecord, log: LogRecord): string[] {
  const made = new Map(refunds.map((one) => [one.refundId, one]));
  const wrong: string[] = [];
  for (const booking of log.bookings.values()) {
    for (const [refundId, { amount, done }] of booking.refunds) {
      const refund = made.get(refundId);
      const isSame = refund?.amount === amount && refund.attemptId === booking.attemptId;
      if (!done || !isSame)
        wrong.push(`${shown(booking)}: refund ${refundId} of ${amount}, the provider: ${refund?.amount}`);
      made.delete(refundId);
    }
  }
  for (const { refundId, attemptId, amount } of made.values()) {
    wrong.push(`refund ${refundId} of ${amount} for ${attemptId} is not on record`);
  }
  const sums = Map.groupBy(refunds, ({ attemptId }) => attemptId);
  for (const charge of charges) {
    const sum = (sums.get(charge.attemptId) ?? []).reduce((all, { amount }) => all + amount, 0);
    if (sum !== charge.refunded || sum > charge.amount) wrong.push(`${named(charge)}: refunds of ${sum}`);
  }
  return wrong;
}

const isAtEnd = (booking: BookingLedger): boolean =>
  booking.isAtRest() && booking.outcome !== "open" && booking.outcome !== "confirmed";

/** What a buyer is told of a purchase can't be taken back: paid stays paid, declined stays declined. */
function toldOtherwise({ purchases }: Told, log: LogRecord): string[] {
  const onRecord = ({ outcome, types }: BookingLedger, status: string): boolean => {
    switch (status) {
      case "PAID":
        return outcome === "paid";
      case "DECLINED":
        return outcome === "declined";
      case "TIMED_OUT":
        return types.has("BookingTimedOut");
      case "CANCELLED":
        return outcome === "withdrawn";
      default:
        return status === "PENDING_PAYMENT";
    }
  };
  return purchases.flatMap(({ key, bookingId, status }) => {
    const booking = log.bookings.get(bookingId);
    if (booking === undefined || booking.outcome === "missing") return [`${key}: ${status}, no booking ${bookingId}`];
    return onRecord(booking, status) ? [] : [`${key}: ${status}, ${shown(booking)}`];
  });
}

function lostCancellations({ cancellations }: Told, log: LogRecord): string[] {
  return cancellations.flatMap(({ bookingId, tickets }) => {
    const booking = log.bookings.get(bookingId);
    const isThere =
      booking !== undefined &&
      (tickets === null
        ? booking.outcome === "withdrawn" || booking.isCancelled()
        : tickets.every(({ reservationId, ordinal }) => booking.cancelled.get(reservationId)?.has(ordinal)));
    return isThere ? [] : [`booking ${bookingId}: ${tickets === null ? "all" : tickets.length} tickets`];
  });
}

/** The claims of a booking that was not paid lapse then, and its cart is its owner's again. */
const CLAIMS_LAPSE_MS = 60_000;

function wrongCarts(log: LogRecord): string[] {
  const left = log.cartsInCheckout().map((cartId) => `cart ${cartId} is in checkout`);
  const paid = [...log.bookings.values()].filter(({ cartId, outcome }) => cartId !== null && outcome === "paid");
  const wrong = paid.flatMap(({ cartId, bookingId, revivedAfterMs }) => {
    if (revivedAfterMs >= CLAIMS_LAPSE_MS) return [];
    const cart = log.carts.get(cartId ?? "");
    if (cart?.status === "completed" && cart.bookingId === bookingId) return [];
    const found = cart === undefined ? "not there" : `${cart.status}, with booking ${cart.bookingId}`;
    return [`cart ${cartId} of paid booking ${bookingId}, paid ${revivedAfterMs} ms late, is ${found}`];
  });
  return [...left, ...wrong];
}
