/**
 * What somebody wants of a ticket type: seats that they have chosen, or so many.
 *
 * @import { Picking } from "./picking.js"
 * @import { Money } from "../shared/said.js"
 *
 * @typedef {object} TicketType as `GET /events/{eventId}` has it
 * @property {string} ticketTypeId
 * @property {string} name
 * @property {string | null} description
 * @property {Money} price
 * @property {Money} [minPrice] where sections have prices of their own
 * @property {Money} [maxPrice]
 * @property {boolean} reservedSeating
 * @property {"UPCOMING" | "OPEN" | "PAUSED" | "CLOSED" | "SOLD_OUT"} saleStatus
 * @property {string} saleStartsAt
 * @property {number | null} maxPerUser
 * @property {number} maxPerOrder
 * @property {number} available
 *
 * @typedef {{ seats: string[] } | { bestAvailable: number, split: boolean, accessible?: number } | { quantity: number }} Wish
 */
import { button, element, field } from "../shared/elements.js";
import { saidMoney, saidTime } from "../shared/said.js";

const MOST_SEATS = 1_000;

/** @param {TicketType} ticketType */
export const mostOf = ({ maxPerOrder, maxPerUser }) => Math.min(maxPerOrder, maxPerUser ?? maxPerOrder, MOST_SEATS);

/** Why it can't be bought now; null: it can. @param {TicketType} ticketType */
export function whyNot({ saleStatus, saleStartsAt }) {
  switch (saleStatus) {
    case "UPCOMING":
      return `The sale begins on ${saidTime(saleStartsAt)}.`;
    case "PAUSED":
      return "The sale is paused. Look again later.";
    case "CLOSED":
      return "The sale is over.";
    case "SOLD_OUT":
      return "All tickets are taken just now. Some may come back.";
    default:
      return null;
  }
}

/**
 * The panel while seats are being chosen.
 * @param {object} options
 * @param {Picking} options.picking
 * @param {number} options.most
 * @param {(wish: Wish) => Promise<void>} options.onWish
 */
export function seatsPanel({ picking, most, onWish }) {
  const list = element("ul");
  const total = element("p", { className: "total" });
  const hold = button("Hold these seats", () => onWish({ seats: picking.ids() }), { className: "first" });
  const few = element("p", { className: "quiet" }, "Choose seats on the map, in the list, or let us choose.");

  function show() {
    const chosen = [...picking.chosen].sort((a, b) => a - b);
    list.replaceChildren(
      ...chosen.map((seat) =>
        element(
          "li",
          {},
          `${picking.map.said(seat)}, ${saidMoney(picking.map.priceOf(seat))}`,
          element(
            "button",
            { type: "button", ariaLabel: `Give up ${picking.map.said(seat)}`, onclick: () => picking.pick(seat) },
            "×",
          ),
        ),
      ),
    );
    const currency = picking.map.sections[0]?.price.currency ?? "EUR";
    const amount = chosen.reduce((sum, seat) => sum + picking.map.priceOf(seat).amount, 0);
    total.replaceChildren(
      element("span", {}, `${chosen.length} ${chosen.length === 1 ? "seat" : "seats"}`),
      saidMoney({ amount, currency }),
    );
    hold.disabled = chosen.length === 0;
    few.hidden = chosen.length > 0;
    total.hidden = chosen.length === 0;
  }
  show();

  const count = field("How many", { type: "number", min: "1", max: String(most), value: "2", required: true });
  const accessible = field("Of them accessible", {
    type: "number",
    min: "0",
    max: String(most),
    value: "0",
    required: true,
  });
  const split = element("input", { type: "checkbox" });
  const best = element(
    "form",
    {},
    element("h2", {}, "Or the best available"),
    count.label,
    picking.hasAccessible ? accessible.label : null,
    picking.hasAccessible
      ? element("p", { className: "quiet" }, "Square seats are kept for those who need them and who comes with them.")
      : null,
    element("p", {}, element("label", {}, split, " Apart, if there is no other way")),
    element("button", { type: "submit" }, "Hold the best"),
  );
  best.addEventListener("submit", (event) => {
    event.preventDefault();
    const wish = { bestAvailable: Number(count.input.value), split: split.checked };
    const asked = Number(accessible.input.value);
    void onWish(asked > 0 ? { ...wish, accessible: asked } : wish);
  });

  return { content: [heading("Your seats"), list, few, total, hold, element("hr"), best], show };
}

/**
 * The panel for tickets that are counted.
 * @param {TicketType} ticketType
 * @param {(wish: Wish) => Promise<void>} onWish
 */
export function quantityPanel(ticketType, onWish) {
  const most = mostOf(ticketType);
  const count = field("How many", { type: "number", min: "1", max: String(most), value: "1", required: true });
  const form = element(
    "form",
    {},
    heading("Your tickets"),
    element("p", {}, `${ticketType.name}, ${saidMoney(ticketType.price)} each`),
    count.label,
    element("button", { type: "submit", className: "first" }, "Hold them"),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void onWish({ quantity: Number(count.input.value) });
  });
  return [form];
}

/** What a panel begins with; the focus goes there when the panel changes. @param {string} text */
export const heading = (text) => element("h2", { tabIndex: -1 }, text);
