/**
 * What the reader has bought of an event, or is buying: looked up, because another tab may have begun it, or this page
 * before it was loaded again.
 *
 * @import { Api } from "../shared/api.js"
 *
 * @typedef {object} Booking
 * @property {string} bookingId
 * @property {readonly string[]} eventIds
 * @property {"PENDING_PAYMENT" | "PAID" | "DECLINED" | "TIMED_OUT" | "CANCELLED"} status
 * @property {readonly { reservationId: string }[]} lines
 * @property {readonly Ticket[]} tickets
 * @property {import("../shared/said.js").Money} total
 *
 * @typedef {{ ticketId: string, ticketTypeId: string, code: string, seat?: string, status: "VALID" | "CANCELLED" }} Ticket
 */

const LOOK_AGAIN_MS = 1_000;

/**
 * The newest first.
 * @param {Api} api
 * @param {string} eventId
 * @returns {Promise<Booking[]>}
 */
export async function bookingsOf(api, eventId) {
  const { items } = await api.get("/bookings");
  return items.filter((/** @type {Booking} */ one) => one.eventIds.includes(eventId));
}

/**
 * By which a reservation is being bought, or was.
 * @param {readonly Booking[]} bookings
 * @param {string} reservationId
 * @returns {Booking | null}
 */
export const purchaseOf = (bookings, reservationId) =>
  bookings.find(
    ({ status, lines }) =>
      (status === "PENDING_PAYMENT" || status === "PAID") && lines.some((line) => line.reservationId === reservationId),
  ) ?? null;

/**
 * Looks until the payment has come to an end.
 * @param {Api} api
 * @param {Booking} begun
 * @param {AbortSignal} signal
 * @returns {Promise<Booking | null>} null: the signal ended it
 */
export async function settled(api, begun, signal) {
  let booking = begun;
  while (booking.status === "PENDING_PAYMENT" && !signal.aborted) {
    await new Promise((done) => setTimeout(done, LOOK_AGAIN_MS));
    if (!signal.aborted) booking = await api.get(`/bookings/${booking.bookingId}`);
  }
  return signal.aborted ? null : booking;
}
