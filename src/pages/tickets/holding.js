/**
 * Tickets that are held: for how long, paying for them, giving them back.
 *
 * @import { Api } from "../shared/api.js"
 * @import { Booking } from "./buying.js"
 * @import { Money } from "../shared/said.js"
 *
 * @typedef {object} Reservation as the API answers it
 * @property {string} reservationId
 * @property {string} eventId
 * @property {string} ticketTypeId
 * @property {number} quantity
 * @property {string[]} [seats]
 * @property {Money | null} unitPrice
 * @property {{ seat: string, price: Money }[]} [lines]
 * @property {Money} total
 * @property {"HELD" | "CONFIRMED" | "RELEASED" | "EXPIRED"} status
 * @property {string} expiresAt
 */
import { newKey, Refused } from "../shared/api.js";
import { button, element } from "../shared/elements.js";
import { saidCountdown, saidMoney } from "../shared/said.js";
import { bookingsOf, purchaseOf, settled } from "./buying.js";
import { heading } from "./choosing.js";
import { saidRefusal } from "./refused.js";

const CARDS = [
  ["sandbox-ok", "a card that works"],
  ["sandbox-decline", "a card that is declined"],
  ["sandbox-slow", "a card that takes three seconds"],
];
/** Of tickets that are not held any more: they went back, or are bought. */
const NOT_HELD = ["reservation-expired", "reservation-not-held", "reservation-not-found"];
/** Screen readers are told how much time is left at these seconds, not at each. */
const TELL_AT = new Set([300, 120, 60, 30, 10]);

/**
 * @param {object} options
 * @param {Api} options.api
 * @param {Reservation} options.reservation
 * @param {Booking | null} [options.begun] a purchase of it that was begun before
 * @param {(seat: string) => string} options.saidSeat
 * @param {AbortSignal} options.signal
 * @param {(booking: Booking) => void} options.onBought
 * @param {(said: string) => void} options.onGone the tickets are not held any more
 */
export function holdingPanel({ api, reservation, begun = null, saidSeat, signal, onBought, onGone }) {
  const { reservationId, eventId, quantity, seats, lines, unitPrice, total } = reservation;
  let { expiresAt } = reservation;
  const isFree = total.amount === 0;
  const said = element("p", { role: "alert", className: "wrong" });
  const countdown = element("p", { className: "countdown" });
  const told = element("p", { role: "status", className: "heard" });
  const paying = element("p", { role: "status" });
  const card = element(
    "select",
    {},
    ...CARDS.map(([value, name]) => element("option", { value: value ?? "" }, name ?? "")),
  );

  const prices = new Map(lines?.map(({ seat, price }) => [seat, price]));
  const entries = seats?.map((seat) => {
    const price = prices.get(seat) ?? unitPrice;
    return element("li", {}, saidSeat(seat), element("span", {}, price === null ? "" : saidMoney(price)));
  });

  /** @param {() => Promise<void>} act */
  const saying = (act) => async () => {
    said.textContent = "";
    try {
      await act();
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof Refused)) throw error;
      const isGone = NOT_HELD.includes(error.code);
      const other = isGone || error.code === "payment-in-progress" ? await purchaseElsewhere() : null;
      if (other !== null) await saying(() => follow(other))();
      else if (isGone) onGone("The time was over, and the tickets went back.");
      else said.textContent = saidRefusal(error);
    }
  };

  /** Begun in another tab. */
  const purchaseElsewhere = async () => purchaseOf(await bookingsOf(api, eventId).catch(() => []), reservationId);

  /** @param {Booking} booking */
  const follow = async (booking) => {
    const isOpen = booking.status === "PENDING_PAYMENT";
    paying.textContent = isOpen ? "The payment is under way." : "";
    for (const one of buttons) one.disabled = isOpen;
    try {
      const end = await settled(api, booking, signal);
      if (end?.status === "PAID") onBought(end);
      else if (end !== null) said.textContent = saidRefusal(new Refused("payment-declined", ""));
    } finally {
      paying.textContent = "";
      for (const one of buttons) one.disabled = false;
    }
  };

  const pay = async () => {
    const payment = isFree ? {} : { payment: { method: card.value } };
    const body = { reservationIds: [reservationId], ...payment };
    await follow(await api.ask("POST", "/purchases", { body, key: newKey() }));
  };
  const release = async () => {
    await api.ask("DELETE", `/reservations/${reservationId}`);
    onGone("The tickets are free again.");
  };
  const extend = async () => {
    ({ expiresAt } = await api.ask("POST", `/reservations/${reservationId}/extend`, { body: {}, key: newKey() }));
    more.hidden = true;
    tick();
  };
  const more = button("More time", saying(extend));
  const first = button(isFree ? "Take them" : `Pay ${saidMoney(total)}`, saying(pay), { className: "first" });
  const buttons = [first, more, button("Give them back", saying(release))];

  let isLooking = false;
  function tick() {
    const left = Math.ceil((Date.parse(expiresAt) - api.nowMs()) / 1_000);
    countdown.textContent = saidCountdown(left);
    if (TELL_AT.has(left)) told.textContent = `${left} seconds left.`;
    if (left > 0 || isLooking) return;
    isLooking = true; // by the server's word alone the time is over
    void saying(async () => {
      /** @type {Reservation} */
      const now = await api.get(`/reservations/${reservationId}`, { signal });
      if (now.status !== "HELD" || Date.parse(now.expiresAt) <= api.nowMs())
        throw new Refused("reservation-not-held", "");
      expiresAt = now.expiresAt;
    })().finally(() => {
      isLooking = false;
    });
  }
  tick();
  const timer = setInterval(tick, 1_000);
  signal.addEventListener("abort", () => clearInterval(timer));
  if (begun !== null) void saying(() => follow(begun))();

  return [
    heading(`${quantity} ${quantity === 1 ? "ticket is" : "tickets are"} held for you`),
    countdown,
    element("p", { className: "quiet" }, "Until then nobody else can have them."),
    told,
    element("ul", {}, ...(entries ?? [])),
    element("p", { className: "total" }, element("span", {}, "Together"), saidMoney(total)),
    isFree ? null : element("label", { className: "field" }, element("span", {}, "Pay by"), card),
    isFree ? null : element("p", { className: "quiet" }, "This is the sandbox: no money moves."),
    said,
    paying,
    element("p", { className: "buttons" }, ...buttons),
  ].filter((part) => part !== null);
}

/**
 * The panel at the end.
 * @param {object} options
 * @param {readonly Booking[]} options.bookings with the tickets to be shown
 * @param {(seat: string) => string} options.saidSeat
 * @param {boolean} options.isGuest nobody else can show him his tickets again
 * @param {() => void} options.onMore
 */
export function boughtPanel({ bookings, saidSeat, isGuest, onMore }) {
  const count = bookings.reduce((sum, { tickets }) => sum + tickets.length, 0);
  return [
    heading(count === 1 ? "Your ticket" : `Your ${count} tickets`),
    ...bookings.flatMap(({ bookingId, tickets, total }) => [
      element("p", { className: "good" }, total.amount === 0 ? "They are yours." : `Paid: ${saidMoney(total)}.`),
      element(
        "ul",
        {},
        ...tickets.map(({ code, seat }) =>
          element(
            "li",
            {},
            seat === undefined ? "Ticket" : saidSeat(seat),
            element("span", { className: "code" }, code),
          ),
        ),
      ),
      element("p", { className: "quiet" }, `Booking ${bookingId}`),
    ]),
    isGuest ? element("p", {}, "Keep the codes: as a guest you are known to this browser alone.") : null,
    button("Buy more", onMore),
  ].filter((part) => part !== null);
}
