/**
 * Where tickets of an event are bought: seats from a map, or so many of a kind; held, paid for, shown.
 *
 * @import { TicketType, Wish } from "./choosing.js"
 * @import { Booking } from "./buying.js"
 * @import { Reservation } from "./holding.js"
 * @import { Picking } from "./picking.js"
 */
import { createLine } from "../shared/admission.js";
import { createApi, newKey, Refused } from "../shared/api.js";
import { button, byId, element } from "../shared/elements.js";
import { saidPrices, saidTime } from "../shared/said.js";
import { createSessions } from "../shared/session.js";
import { GUEST, signInForm, whoIsIn } from "../shared/sign-in.js";
import { bookingsOf, purchaseOf, settled } from "./buying.js";
import { heading, mostOf, quantityPanel, seatsPanel, whyNot } from "./choosing.js";
import { boughtPanel, holdingPanel } from "./holding.js";
import { startPicking } from "./picking.js";
import { saidRefusal } from "./refused.js";
import { saidSeat } from "./seat-map.js";

const eventId = location.pathname.split("/").at(-1) ?? "";
const sessions = createSessions();
const line = createLine(eventId);
const api = createApi({ sessions, onSignedOut: showWho });
const panel = byId("panel", HTMLElement);

/** @type {{ name: string, startsAt: string | null, timeZone: string | null, venue: { name: string, city: string | null } | null, status: string, guestsAllowed: boolean, ticketTypes: TicketType[] }} */
let event;
/** @type {TicketType} */
let ticketType;
/** @type {Picking | null} */
let picking = null;
/** Ends what belongs to the ticket type that is shown. */
let ofType = new AbortController();
/** Ends what belongs to the panel that is shown. */
let ofPanel = new AbortController();
/** Whether seats may be looked at and held: nobody waits for this event, or the reader was let in. */
let isIn = false;
/** What the panel of seats shows anew when others are chosen. */
let showChosen = () => {};

void begin();

async function begin() {
  showWho();
  try {
    event = await api.get(`/events/${encodeURIComponent(eventId)}`);
    showEvent();
    const room = await api.get(`/events/${eventId}/waiting-room`);
    const held = await heldAlready();
    const [first] = event.ticketTypes;
    ticketType =
      event.ticketTypes.find(({ ticketTypeId }) => ticketTypeId === held?.ticketTypeId) ?? first ?? ticketType;
    const bookings = sessions.current() === null ? [] : await bookingsAtRest(held);
    const bought = bookings.flatMap(withTickets);
    isIn = room.state === "CLOSED" || showAdmission();
    if (!isIn && held === null && bought.length === 0) return goWait("admission-required");
    if (isIn) await showType(ticketType);
    if (held !== null) showHeld(held, purchaseOf(bookings, held.reservationId));
    else if (bought.length > 0) showBought(bought);
  } catch (error) {
    explain(error);
  }
}

function showWho() {
  byId("who", HTMLElement).replaceChildren(whoIsIn({ api, sessions, onSignedOut: () => location.reload() }));
}

function showEvent() {
  const { name, startsAt, timeZone, venue, status, ticketTypes } = event;
  document.title = `Tickets for ${name}`;
  byId("name", HTMLElement).textContent = name;
  const where = venue === null ? null : [venue.name, venue.city].filter(Boolean).join(", ");
  const when = startsAt === null ? null : saidTime(startsAt, timeZone);
  byId("when", HTMLElement).textContent = [when, where, status === "ACTIVE" ? null : status.toLowerCase()]
    .filter(Boolean)
    .join(" · ");
  const types = byId("ticket-types", HTMLFieldSetElement);
  types.hidden = ticketTypes.length < 2;
  if (types.hidden) return; // there is nothing to choose
  for (const one of ticketTypes) {
    const radio = element("input", { type: "radio", name: "ticket-type", value: one.ticketTypeId });
    radio.addEventListener("change", () => showType(one).catch(explain));
    types.append(
      element(
        "label",
        {},
        radio,
        element("span", {}, `${one.name}, ${saidPrices(one)}`),
        element("span", { className: "quiet" }, one.description ?? ""),
      ),
    );
  }
}

/** What the reader holds of this event, e.g. after the page was loaded again. @returns {Promise<Reservation | null>} */
async function heldAlready() {
  if (sessions.current() === null) return null;
  const { items } = await api.get("/reservations?status=HELD");
  return items.find((/** @type {Reservation} */ one) => one.eventId === eventId) ?? null;
}

/**
 * What the reader has bought of this event, or is buying of what is held. Loaded again in the moment of a purchase the page
 * may find it confirmed and not quite paid.
 * @param {Reservation | null} held
 */
async function bookingsAtRest(held) {
  const bookings = await bookingsOf(api, eventId);
  const open = bookings.find(({ status }) => status === "PENDING_PAYMENT");
  if (held !== null || open === undefined) return bookings;
  show(() => [heading("The payment is under way.")]);
  await settled(api, open, ofType.signal);
  return bookingsOf(api, eventId);
}

/** @param {TicketType} shown */
async function showType(shown) {
  ofType.abort();
  ofType = new AbortController();
  ticketType = shown;
  picking = null;
  const radio = document.querySelector(`input[value="${CSS.escape(shown.ticketTypeId)}"]`);
  if (radio instanceof HTMLInputElement) radio.checked = true;
  byId("seating", HTMLElement).hidden = !shown.reservedSeating;
  document.querySelector("main")?.classList.toggle("plain", !shown.reservedSeating);
  if (shown.reservedSeating) {
    picking = await startPicking({
      api,
      path: `/events/${eventId}/ticket-types/${shown.ticketTypeId}/seats`,
      headers: admissionHeaders,
      most: mostOf(shown),
      signal: ofType.signal,
      onChosen: () => showChosen(),
      onSaid: say,
      onRefused: explain,
    });
  }
  showChoice("");
}

/** @param {string} said above all else, when something has happened */
function showChoice(said) {
  if (!isIn) {
    const wait = button("Stand in line", () => goWait("admission-required"));
    show(() => [heading(ticketType.name), element("p", {}, "Many want to buy. For more, stand in line."), wait], said);
    return;
  }
  const reason = event.status === "CANCELLED" ? "This event was called off." : whyNot(ticketType);
  if (reason !== null && !ticketType.reservedSeating) {
    show(() => [heading(ticketType.name), element("p", {}, reason)], said);
    return;
  }
  if (picking === null) return show(() => quantityPanel(ticketType, reserve), said);
  const { content, show: again } = seatsPanel({ picking, most: mostOf(ticketType), onWish: reserve });
  showChosen = again;
  show(() => content, said === "" ? (reason ?? "") : said); // seats can be looked at before and after the sale
}

/**
 * Changes the panel. Whoever reads with the keyboard or a screen reader goes on from its beginning.
 * @param {(signal: AbortSignal) => readonly Node[]} content ended by the panel that comes after it
 * @param {string} [said]
 */
function show(content, said = "") {
  ofPanel.abort();
  ofPanel = new AbortController();
  const isFirst = panel.childElementCount === 0;
  panel.replaceChildren(element("p", { id: "said", role: "alert" }, said), ...content(ofPanel.signal));
  if (!isFirst) panel.querySelector("h2")?.focus();
}

/** @param {string} said */
function say(said) {
  const place = panel.querySelector("#said");
  if (place !== null && place.textContent !== said) place.textContent = said;
}

const admissionHeaders = () => {
  const admission = line.admission();
  /** @type {Record<string, string>} */
  const headers = admission === null ? {} : { "admission-token": admission.token };
  return headers;
};

/** @param {Wish} wish @returns {Promise<void>} */
async function reserve(wish) {
  if (sessions.current() === null) return askWho(wish);
  say("");
  const body = { ticketTypeId: ticketType.ticketTypeId, ...wish };
  const post = async () => {
    /** @type {Reservation} */
    const held = await api.ask("POST", `/events/${eventId}/reservations`, {
      body,
      key: newKey(),
      headers: admissionHeaders(),
    });
    showHeld(held);
  };
  try {
    await (picking === null ? post() : picking.reserving(post).catch(sayTaken));
  } catch (error) {
    explain(error);
  }
}

/** Names the seats that others have; the rest stay chosen. @param {unknown} error */
function sayTaken(error) {
  if (!(error instanceof Refused && error.code === "seat-taken")) throw error;
  const taken = /** @type {string[]} */ (error.members.seats ?? []);
  picking?.drop(taken);
  const left = picking?.chosen.size ?? 0;
  const rest =
    left === 0
      ? "Nothing was held."
      : `Nothing was held; your other ${left === 1 ? "seat is" : `${left} seats are`} still chosen.`;
  say(`Somebody else was faster: ${taken.map(saidSeat).join("; ")}. ${rest}`);
}

/** @param {Reservation} held @param {Booking | null} [begun] by which it is being bought already */
function showHeld(held, begun = null) {
  picking?.setMine(held.seats ?? []);
  show((signal) =>
    holdingPanel({
      api,
      reservation: held,
      begun,
      saidSeat,
      signal,
      onBought: (booking) => showBought(withTickets(booking)),
      onGone(said) {
        picking?.setMine([]);
        showChoice(said);
      },
    }),
  );
  showWho();
}

/** With its tickets of this event that are good; nothing where there are none. @param {Booking} booking */
function withTickets(booking) {
  const types = new Set(event.ticketTypes.map(({ ticketTypeId }) => ticketTypeId));
  const tickets = booking.tickets.filter(({ status, ticketTypeId }) => status === "VALID" && types.has(ticketTypeId));
  return tickets.length === 0 ? [] : [{ ...booking, tickets }];
}

/** @param {readonly Booking[]} bookings */
function showBought(bookings) {
  const onMore = () => {
    if (!isIn) return goWait("admission-required");
    picking?.setMine([]);
    showChoice("");
  };
  show(() => boughtPanel({ bookings, saidSeat, isGuest: sessions.current()?.name === GUEST, onMore }));
}

/** @param {Wish} wish what is wished for as soon as it is known who wishes it */
function askWho(wish) {
  const form = signInForm({
    api,
    sessions,
    guests: event.guestsAllowed,
    onSignedIn() {
      showWho();
      showChoice("");
      void reserve("seats" in wish ? { seats: picking?.ids() ?? [] } : wish);
    },
  });
  show(() => [heading("Who is buying?"), form]);
  form.querySelector("input")?.focus();
}

/** @param {unknown} error */
function explain(error) {
  if (!(error instanceof Refused)) throw error;
  if (error.code.startsWith("admission-")) return void leave(error.code);
  if (panel.childElementCount > 0) say(saidRefusal(error));
  else show(() => [heading("Not now"), element("p", {}, saidRefusal(error))]);
}

/** Until when the reader may buy, if he was let in. */
function showAdmission() {
  const admission = line.admission();
  if (admission === null) return false;
  const until = new Intl.DateTimeFormat(undefined, { timeStyle: "short" }).format(new Date(admission.expiresAt));
  byId("admitted", HTMLElement).textContent = `It is your turn: you may hold tickets until ${until}, once.`;
  return true;
}

/** That turn is over; what was held by it in another tab is still the reader's. @param {string} code why */
async function leave(code) {
  const held = await heldAlready().catch(() => null);
  if (held === null) goWait(code);
  else showHeld(held);
}

/** People wait for this event: so does the reader. @param {string} code why; the page says it */
function goWait(code) {
  if (code === "admission-used") line.forgetEntry(); // that turn is over
  line.forgetAdmission();
  location.assign(`${eventId}/waiting-room#${code}`);
}
