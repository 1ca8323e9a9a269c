/**
 * Tickets that are held: for how long, paying for them, giving them back.
 *
 * @import { Api } from "../shared/api.js"
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
 *
 * @typedef {object} Booking
 * @property {string} bookingId
 * @property {"PENDING_PAYMENT" | "PAID" | "DECLINED" | "TIMED_OUT" | "CANCELLED"} status
 * @property {{ ticketId: string, code: string, seat?: string }[]} tickets
 * @property {Money} total
 */
import { newKey, Refused } from "../shared/api.js";
import { button, element } from "../shared/elements.js";
import { saidCountdown, saidMoney } from "../shared/said.js";
import { heading } from "./choosing.js";
import { saidRefusal } from "./refused.js";

const CARDS = [
  ["sandbox-ok", "a card that works"],
  ["sandbox-decline", "a card that is declined"],
  ["sandbox-slow", "a card that takes three seconds"],
];
const LOOK_AGAIN_MS = 1_000;
/** Screen readers are told how much time is left at these seconds, not at each. */
const TELL_AT = new Set([300, 120, 60, 30, 10]);

/**
 * @param {object} options
 * @param {Api} options.api
 * @param {Reservation} options.reservation
 * @param {(seat: string) => string} options.saidSeat
 * @param {AbortSignal} options.signal
 * @param {(booking: Booking) => void} options.onBought
 * @param {(said: string) => void} options.onGone the tickets are not held any more
 */
export function holdingPanel({ api, reservation, saidSeat, signal, onBought, onGone }) {
  const { reservationId, quantity, seats, lines, unitPrice, total } = reservation;
  let { expiresAt } = reservation;
  const isFree = total.amount === 0;
  const said = element("p", { role: "alert", className: "wrong" });
  const countdown = element("p", { className: "countdown" });
  const told = element("p", { role: "status", className: "heard" });
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
      if (!(error instanceof Refused)) throw error;
      if (["reservation-expired", "reservation-not-held", "reservation-not-found"].includes(error.code)) {
        onGone("The time was over, and the tickets went back.");
      } else said.textContent = saidRefusal(error);
    }
  };

  const pay = async () => {
    said.textContent = "";
    const payment = isFree ? {} : { payment: { method: card.value } };
    const body = { reservationIds: [reservationId], ...payment };
    /** @type {Booking} */
    let booking = await api.ask("POST", "/purchases", { body, key: newKey() });
    while (booking.status === "PENDING_PAYMENT" && !signal.aborted) {
      told.textContent = "The payment is under way.";
      await new Promise((done) => setTimeout(done, LOOK_AGAIN_MS));
      booking = await api.get(`/bookings/${booking.bookingId}`, { signal });
    }
    if (signal.aborted) return;
    if (booking.status === "PAID") onBought(booking);
    else said.textContent = saidRefusal(new Refused("payment-declined", ""));
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
      if (now.status === "HELD" && Date.parse(now.expiresAt) > api.nowMs()) expiresAt = now.expiresAt;
      else if (now.status !== "CONFIRMED") onGone("The time was over, and the tickets went back.");
      isLooking = false;
    })();
  }
  tick();
  const timer = setInterval(tick, 1_000);
  signal.addEventListener("abort", () => clearInterval(timer));

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
    element(
      "p",
      { className: "buttons" },
      button(isFree ? "Take them" : `Pay ${saidMoney(total)}`, saying(pay), { className: "first" }),
      more,
      button("Give them back", saying(release)),
    ),
  ].filter((part) => part !== null);
}

/**
 * The panel at the end.
 * @param {Booking} booking
 * @param {(seat: string) => string} saidSeat
 * @param {() => void} onMore
 */
export function boughtPanel({ bookingId, tickets, total }, saidSeat, onMore) {
  return [
    heading(tickets.length === 1 ? "Your ticket" : `Your ${tickets.length} tickets`),
    element("p", { className: "good" }, total.amount === 0 ? "They are yours." : `Paid: ${saidMoney(total)}.`),
    element(
      "ul",
      {},
      ...tickets.map(({ code, seat }) =>
        element("li", {}, seat === undefined ? "Ticket" : saidSeat(seat), element("span", { className: "code" }, code)),
      ),
    ),
    element("p", { className: "quiet" }, `Booking ${bookingId}`),
    button("Buy more", onMore),
  ];
}
