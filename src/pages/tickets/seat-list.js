/**
 * The same seats without a picture: one row of a section at a time, a box to tick for each seat.
 *
 * @import { SeatMap } from "./seat-map.js"
 */
import { byId, element } from "../shared/elements.js";
import { saidMoney } from "../shared/said.js";
import { ACCESSIBLE, COMPANION, FREE, HELD, SOLD } from "./seat-map.js";

/** @param {SeatMap} map @param {number} seat @param {boolean} isYours */
export function saidStatus(map, seat, isYours) {
  if (isYours) return "yours";
  const status = map.statuses[seat];
  if (status === HELD) return "held by somebody";
  if (status === SOLD) return "sold";
  if (status !== FREE) return "not for sale";
  const kind = map.kinds[seat];
  return kind === ACCESSIBLE ? "free, accessible" : kind === COMPANION ? "free, for a companion" : "free";
}

/**
 * @param {object} options
 * @param {SeatMap} options.map
 * @param {ReadonlySet<number>} options.chosen
 * @param {ReadonlySet<number>} options.mine
 * @param {(seat: number) => void} options.onPick
 * @param {AbortSignal} options.signal
 */
export function createSeatList({ map, chosen, mine, onPick, signal }) {
  const sections = byId("list-section", HTMLSelectElement);
  const rows = byId("list-row", HTMLSelectElement);
  const seats = byId("list-seats", HTMLFieldSetElement);

  sections.replaceChildren(
    ...map.sections.map(({ name, price }, index) =>
      element("option", { value: String(index) }, `${name}, ${saidMoney(price)}`),
    ),
  );
  const section = () => map.sections[Number(sections.value)];

  function showRows() {
    const { firstRow = 0, endRow = 0 } = section() ?? {};
    rows.replaceChildren(
      ...map.rows
        .slice(firstRow, endRow)
        .map(({ name }, index) => element("option", { value: String(firstRow + index) }, name)),
    );
    showSeats();
  }

  /** Boxes of the row that is shown, by seat. @type {Map<number, { box: HTMLInputElement, status: HTMLSpanElement }>} */
  const boxes = new Map();

  function showSeats() {
    const { start = 0, end = 0, name = "" } = map.rows[Number(rows.value)] ?? {};
    boxes.clear();
    const labels = [];
    for (let seat = start; seat < end; seat += 1) {
      const box = element("input", { type: "checkbox", onchange: () => onPick(seat) });
      const status = element("span", { className: "quiet" });
      boxes.set(seat, { box, status });
      labels.push(element("label", {}, box, ` ${map.nameOf(seat)} `, status));
    }
    seats.replaceChildren(element("legend", {}, `Row ${name}`), ...labels);
    refresh();
  }

  /** Says of the row that is shown how its seats stand now. */
  function refresh() {
    for (const [seat, { box, status }] of boxes) {
      const isYours = chosen.has(seat) || mine.has(seat);
      box.checked = isYours;
      box.disabled = mine.has(seat) || (!isYours && map.statuses[seat] !== FREE);
      const said = saidStatus(map, seat, isYours);
      if (status.textContent !== said) status.textContent = said;
    }
  }

  sections.addEventListener("change", showRows, { signal });
  rows.addEventListener("change", showSeats, { signal });
  showRows();
  return { refresh };
}
