/**
 * Seats of a ticket type as they stand now, and those that the reader has chosen: on the map and in the list.
 *
 * @import { Api } from "../shared/api.js"
 */
import { byId, element } from "../shared/elements.js";
import { saidMoney } from "../shared/said.js";
import { followEvents } from "../shared/server-events.js";
import { createMapCanvas } from "./map-canvas.js";
import { createSeatList, saidStatus } from "./seat-list.js";
import { ACCESSIBLE, createSeatMap, FREE } from "./seat-map.js";

/**
 * @param {object} options
 * @param {Api} options.api
 * @param {string} options.path of the seats, e.g. `/events/E/ticket-types/T/seats`
 * @param {() => Record<string, string>} options.headers
 * @param {number} options.most seats that an order may have
 * @param {AbortSignal} options.signal ends it
 * @param {() => void} options.onChosen
 * @param {(said: string) => void} options.onSaid something about a seat that was not asked for
 * @param {(error: unknown) => void} options.onRefused the seats can't be followed any more
 * @throws {import("../shared/api.js").Refused}
 */
export async function startPicking({ api, path, headers, most, signal, onChosen, onSaid, onRefused }) {
  const map = createSeatMap(await api.get(path, { headers: headers(), signal }));
  /** @type {Set<number>} */
  const chosen = new Set();
  /** @type {Set<number>} */
  const mine = new Set();
  const canvas = byId("map", HTMLCanvasElement);
  const about = byId("about-seat", HTMLParagraphElement);
  const connection = byId("connection", HTMLParagraphElement);

  /** Where the reader is on the map. @type {number | null} */
  let at = null;

  /** @param {number} seat */
  const said = (seat) =>
    `${map.said(seat)}: ${saidMoney(map.priceOf(seat))}, ${saidStatus(map, seat, chosen.has(seat) || mine.has(seat))}`;

  /** @param {number} seat */
  function pick(seat) {
    if (mine.size > 0) onSaid("First pay for the seats that you hold, or give them back.");
    else if (chosen.delete(seat)) onSaid("");
    else if (map.statuses[seat] !== FREE) onSaid(`${map.said(seat)} is ${saidStatus(map, seat, false)}.`);
    else if (chosen.size >= most) onSaid(`An order has at most ${most} ${most === 1 ? "seat" : "seats"}.`);
    else {
      chosen.add(seat);
      onSaid("");
    }
    at = seat;
    refresh();
    onChosen();
  }

  const parts = { map, chosen, mine, onPick: pick, signal };
  const drawn = createMapCanvas({
    ...parts,
    canvas,
    keyboard: byId("map-keyboard", HTMLDivElement),
    onAt(seat) {
      at = seat;
      tellAbout();
    },
  });
  const list = createSeatList(parts);
  showLegend(map);
  for (const [id, act] of /** @type {const} */ ([
    ["closer", drawn.closer],
    ["farther", drawn.farther],
    ["whole", drawn.showWhole],
  ])) {
    byId(id, HTMLButtonElement).addEventListener("click", act, { signal });
  }

  function tellAbout() {
    const text = at === null ? "" : said(at);
    if (about.textContent !== text) about.textContent = text;
  }

  function refresh() {
    tellAbout();
    drawn.draw();
    list.refresh();
  }

  /** While a reservation is under way: what is held meanwhile may be held for the reader. */
  let isReserving = false;

  /** @param {import("./seat-map.js").Told} told */
  function take(told) {
    map.take(told);
    refresh();
    if (!isReserving) giveUpLost();
  }

  function giveUpLost() {
    const lost = [...chosen].filter((seat) => map.statuses[seat] !== FREE);
    for (const seat of lost) chosen.delete(seat);
    refresh();
    if (lost.length === 0) return;
    onSaid(`Somebody else was faster: ${lost.map(map.said).join("; ")}.`);
    onChosen();
  }

  followEvents(api, `${path}/stream`, {
    lastId: String(map.revision),
    headers: headers(),
    signal,
    onEvent({ name, data }) {
      if (name === "message") take(JSON.parse(data));
    },
    onConnection(isOn) {
      connection.textContent = isOn ? "" : "The connection was lost; how seats stand may be older.";
    },
  }).catch(onRefused);

  return {
    map,
    chosen,
    hasAccessible: map.kinds.includes(ACCESSIBLE),
    pick,
    /** Seats are not the reader's to choose any more. @param {readonly string[]} ids */
    drop(ids) {
      for (const id of ids) chosen.delete(map.placeOf(id) ?? -1);
      refresh();
      onChosen();
    },
    /** @param {readonly string[]} ids what the reader holds now; nothing is chosen beside it */
    setMine(ids) {
      chosen.clear();
      mine.clear();
      for (const id of ids) mine.add(map.placeOf(id) ?? -1);
      refresh();
      onChosen();
    },
    /**
     * @template Reply
     * @param {() => Promise<Reply>} reserve which tells by `setMine` and `drop` what came of it
     */
    async reserving(reserve) {
      isReserving = true;
      try {
        return await reserve();
      } finally {
        isReserving = false;
        giveUpLost();
      }
    },
    ids: () => [...chosen].sort((a, b) => a - b).map((seat) => /** @type {string} */ (map.ids[seat])),
  };
}

/** @typedef {Awaited<ReturnType<typeof startPicking>>} Picking */

/** @param {import("./seat-map.js").SeatMap} map */
function showLegend(map) {
  const prices = new Map(map.sections.map(({ price }) => [price.amount, price]));
  const dearestFirst = [...prices.values()].sort((a, b) => b.amount - a.amount);
  const entries = dearestFirst.map((price, index) => [`free price-${Math.min(index, 4)}`, saidMoney(price)]);
  if (map.kinds.includes(ACCESSIBLE)) entries.push(["kept", "accessible, companion"]);
  entries.push(["chosen", "yours"], ["held", "held by somebody"], ["sold", "sold"]);
  byId("legend", HTMLUListElement).replaceChildren(
    ...entries.map(([className, said]) =>
      element("li", {}, element("span", { className: `mark ${className}` }), said ?? ""),
    ),
  );
}
