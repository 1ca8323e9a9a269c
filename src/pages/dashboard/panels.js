/**
 * The parts of the dashboard, each a section with a heading, a chart, a table and a file.
 *
 * @import { Api } from "../shared/api.js"
 * @import { Bucket } from "./series.js"
 *
 * @typedef {object} Asked
 * @property {Api} api
 * @property {string} query `eventId=...`, or nothing for all events
 * @property {string} bucket
 * @property {string} timeZone
 * @property {(eventId: string, ticketTypeId: string | null) => string} nameOf
 */
import { element } from "../shared/elements.js";
import { timeChart } from "./charts.js";
import { mainCurrency, soFar, summed, together, units } from "./series.js";
import { behind, table } from "./tables.js";

/** In seconds; where clocks are changed a day has an hour more or less. @type {Readonly<Record<string, number>>} */
const LENGTHS = { hour: 3_600, day: 86_400, week: 604_800 };
const whole = new Intl.NumberFormat();
/** @param {number} count */
const said = (count) => whole.format(count);
/** @param {{ amount: number, currency: string }} money */
const saidMoney = (money) =>
  new Intl.NumberFormat(undefined, { style: "currency", currency: money.currency }).format(units(money));

/** @param {string} heading @param {string} className @param {...(Node | string | null)} children */
function section(heading, className, ...children) {
  const title = element("h2", {}, heading);
  return element("section", { className: `panel ${className}`, ariaLabel: heading }, title, ...children);
}

/**
 * Pace and revenue: both are of the same answer.
 * @param {Asked} asked
 * @param {readonly Bucket[]} items
 */
export function salesPanels({ api, query, bucket, timeZone }, items) {
  const { currency, others, buckets } = mainCurrency(items);
  const path = `/analytics/sales?${query}${query === "" ? "" : "&"}bucket=${bucket}&timeZone=${encodeURIComponent(timeZone)}`;
  if (currency === null)
    return {
      panels: [section("Sales", "wide", element("p", { className: "quiet" }, "Nothing has been sold yet."))],
      draw: () => {},
    };
  const timesOf = (/** @type {readonly Bucket[]} */ several) => several.map(({ from }) => Date.parse(from) / 1_000);
  const length = LENGTHS[bucket] ?? 3_600;
  const all = together(items);
  const tickets = all.map((one) => one.tickets);
  const saidTime = new Intl.DateTimeFormat(undefined, {
    dateStyle: "medium",
    ...(bucket === "hour" && { timeStyle: "short" }),
    timeZone,
  });
  const saidTick = new Intl.DateTimeFormat(undefined, {
    day: "numeric",
    month: "short",
    ...(bucket === "hour" && { hour: "numeric" }),
    timeZone,
  });
  const when = (/** @type {Bucket} */ { from }) => saidTime.format(new Date(from));
  const sold = tickets.reduce((sum, one) => sum + one, 0);
  const pace = timeChart({
    label: `${said(sold)} tickets sold, by ${bucket}, from ${when(/** @type {Bucket} */ (all[0]))} to ${when(/** @type {Bucket} */ (all.at(-1)))}`,
    timeZone,
    times: timesOf(all),
    length,
    lines: [
      { label: `Tickets a ${bucket}`, colour: "--tickets", values: tickets, bars: true },
      { label: "So far", colour: "--held", values: soFar(tickets), side: "right" },
    ],
    said,
    saidTime: saidTick,
  });
  const money = { currency, amount: buckets.reduce((sum, { net }) => sum + net.amount, 0) };
  const revenue = timeChart({
    label: `${saidMoney(money)} net, by ${bucket}`,
    timeZone,
    times: timesOf(buckets),
    length,
    lines: [
      { label: "Gross", colour: "--money", values: buckets.map(({ gross }) => units(gross)), bars: true },
      { label: "Refunds", colour: "--back", values: buckets.map(({ refunds }) => units(refunds)) },
      { label: "Net so far", colour: "--held", values: soFar(buckets.map(({ net }) => units(net))), side: "right" },
    ],
    said: (amount) =>
      new Intl.NumberFormat(undefined, { notation: "compact", maximumFractionDigits: 1 }).format(amount),
    saidTime: saidTick,
  });
  const others1 =
    others.length === 0
      ? null
      : element("p", { className: "quiet" }, `In ${currency}; the table has ${others.join(", ")}, too.`);
  const sales = table(
    `Tickets sold by ${bucket} (${timeZone})`,
    ["From", "Sold", "Cancelled", "Gross", "Refunds", "Net"],
    items.map((one) => [
      when(one),
      said(one.tickets),
      said(one.cancelledTickets),
      saidMoney(one.gross),
      saidMoney(one.refunds),
      saidMoney(one.net),
    ]),
  );
  const amounts = table(
    `Money by ${bucket} (${timeZone})`,
    ["From", "Gross", "Refunds", "Net"],
    items.map((one) => [when(one), saidMoney(one.gross), saidMoney(one.refunds), saidMoney(one.net)]),
  );
  return {
    panels: [
      section("Sales pace", "", pace.figure, behind({ api, name: "Sales", path, table: sales })),
      section(
        "Revenue",
        "",
        revenue.figure,
        others1,
        behind({ api, name: "Revenue", path: `/analytics/revenue?${query}`, table: amounts }),
      ),
    ],
    draw() {
      pace.draw();
      revenue.draw();
    },
  };
}

const STAGES = /** @type {const} */ ([
  ["made", "Reserved"],
  ["bought", "Bought"],
  ["declined", "Payment declined"],
  ["expired", "Expired"],
  ["released", "Given back"],
  ["withdrawn", "Called off"],
]);

/** @param {Asked} asked @param {readonly any[]} items */
export function funnelPanel({ api, query, nameOf }, items) {
  const names = STAGES.map(([name]) => name);
  const sums = summed(
    items.map(({ reservations }) => reservations),
    names,
  );
  const shown = table(
    "Reservations by what became of them",
    ["Tickets", ...STAGES.map(([, label]) => label)],
    items.map((item) => [
      nameOf(item.eventId, item.ticketTypeId),
      ...names.map((name) => said(item.reservations[name])),
    ]),
  );
  return section(
    "From reserved to bought",
    "",
    bars(
      STAGES.map(([name, label]) => ({
        label,
        value: sums[name],
        most: sums.made,
        said: `${said(sums[name])}${share(sums[name], sums.made)}`,
      })),
    ),
    behind({ api, name: "Funnel", path: `/analytics/funnel?${query}`, table: shown }),
  );
}

/** @param {Asked} asked @param {readonly any[]} items */
export function occupancyPanel({ api, query, nameOf }, items) {
  const shown = table(
    "Tickets as recorded",
    ["Tickets", "Total", "Booked", "Held", "Available", "Sold out after"],
    items.map((item) => [
      nameOf(item.eventId, item.ticketTypeId),
      said(item.total),
      said(item.booked),
      said(item.held),
      said(item.available),
      item.secondsToSellOut === null ? "–" : saidDuration(item.secondsToSellOut),
    ]),
  );
  return section(
    "Occupancy",
    "",
    bars(
      items.slice(0, MOST_BARS).map((item) => ({
        label: nameOf(item.eventId, item.ticketTypeId),
        value: item.booked,
        most: item.total,
        said: `${said(item.booked)} of ${said(item.total)}${share(item.booked, item.total)}`,
      })),
    ),
    behind({ api, name: "Occupancy", path: `/analytics/occupancy?${query}`, table: shown }),
  );
}

const MOST_BARS = 12;

/** @param {number} part @param {number} all */
const share = (part, all) => (all === 0 ? "" : ` (${Math.round((100 * part) / all)} %)`);

/** @param {number} seconds */
function saidDuration(seconds) {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} days`;
}

/** @param {readonly { label: string, value: number, most: number, said: string }[]} several */
function bars(several) {
  return element(
    "div",
    { className: "bars" },
    ...several.flatMap(({ label, value, most, said: text }) => [
      element("span", {}, label),
      element("progress", { value: Math.min(value, most), max: Math.max(1, most), ariaLabel: `${label}: ${text}` }),
      element("span", { className: "number" }, text),
    ]),
  );
}
