/**
 * Draws a seat map on a canvas: 50,000 seats in some milliseconds, because seats that look alike are one path. How a seat
 * stands is told by its shape too, for those who see no difference in colours.
 *
 * @import { SeatMap } from "./seat-map.js"
 * @import { Layout } from "./map-layout.js"
 * @import { View } from "./map-view.js"
 *
 * @typedef {object} Shown
 * @property {SeatMap} map
 * @property {Layout} layout
 * @property {View} view
 * @property {ReadonlySet<number>} chosen
 * @property {ReadonlySet<number>} mine held by the reader
 * @property {number | null} cursor where the keyboard is
 * @property {readonly number[]} prices amounts, each a colour, the dearest first
 */

import { middleOf } from "./map-layout.js";
import { FREE, HELD, ORDINARY, SOLD } from "./seat-map.js";

/** Smaller than this, a seat is a plain square. */
const PLAIN = 6;
/** From this on, it has its name in it. */
const NAMED = 22;
const COLOURS = 5;
/** Names of sections may reach so far beyond them. */
const GAP = 1;

/**
 * The page's colours, as its style has them now.
 * @param {HTMLElement} element
 */
export function paletteOf(element) {
  const style = getComputedStyle(element);
  const colour = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
  return {
    prices: Array.from({ length: COLOURS }, (_, index) => colour(`--price-${index}`)),
    text: colour("--map-text"),
    quiet: colour("--map-quiet"),
    words: colour("--map-words"),
    ground: colour("--map-ground"),
    held: colour("--map-held"),
    chosen: colour("--map-chosen"),
    onSeat: colour("--map-on-seat"),
  };
}

/** @typedef {ReturnType<typeof paletteOf>} Palette */

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Shown} shown
 * @param {Palette} palette
 * @param {{ width: number, height: number }} screen in CSS pixels
 */
export function drawMap(context, shown, palette, screen) {
  const { view } = shown;
  const toScreen = (/** @type {number} */ x, /** @type {number} */ y) => ({
    x: (x - view.x) * view.scale,
    y: (y - view.y) * view.scale,
  });
  context.clearRect(0, 0, screen.width, screen.height);
  drawWords(context, shown, palette, toScreen);
  const layers = sorted(shown, screen);
  for (const [name, seats] of layers) {
    context.beginPath();
    for (const seat of seats) outline(context, shown, seat, name, toScreen);
    paint(context, name, palette, view.scale);
  }
  if (view.scale >= NAMED) drawNames(context, shown, palette, layers, toScreen);
  if (shown.cursor !== null) drawCursor(context, toScreen(...corner(shown, shown.cursor)), view.scale, palette);
}

/**
 * Seats that are seen, by what they look like.
 * @param {Shown} shown
 * @param {{ width: number, height: number }} screen
 * @returns {Map<string, number[]>}
 */
function sorted({ map, layout, view, chosen, mine, prices }, screen) {
  /** @type {Map<string, number[]>} */
  const layers = new Map();
  for (const [index, { start, end, section }] of map.rows.entries()) {
    const top = layout.top[index] ?? 0;
    if (top + 1 < view.y || top > view.y + screen.height / view.scale) continue;
    const left = layout.left[index] ?? 0;
    const from = Math.max(start, start + Math.floor(view.x - left));
    const to = Math.min(end, start + Math.ceil(view.x + screen.width / view.scale - left));
    const price = prices.indexOf(map.sections[section]?.price.amount ?? 0);
    const free = `price ${Math.min(price, COLOURS - 1)}`;
    for (let seat = from; seat < to; seat += 1) {
      const layer = chosen.has(seat) || mine.has(seat) ? "chosen" : statusLayer(map, seat, free);
      const seats = layers.get(layer);
      if (seats === undefined) layers.set(layer, [seat]);
      else seats.push(seat);
    }
  }
  return layers;
}

/** @param {SeatMap} map @param {number} seat @param {string} free */
function statusLayer(map, seat, free) {
  const status = map.statuses[seat];
  if (status === FREE) return map.kinds[seat] === ORDINARY ? free : `${free} kept`;
  return status === HELD ? "held" : status === SOLD ? "sold" : "blocked";
}

/** @param {Shown} shown @param {number} seat @returns {[x: number, y: number]} */
function corner({ map, layout }, seat) {
  const { x, y } = middleOf(map, layout, seat);
  return [x - 0.5, y - 0.5];
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Shown} shown
 * @param {number} seat
 * @param {string} layer
 * @param {(x: number, y: number) => { x: number, y: number }} toScreen
 */
function outline(context, shown, seat, layer, toScreen) {
  const { scale } = shown.view;
  const { x, y } = toScreen(...corner(shown, seat));
  if (scale < PLAIN) {
    // On whole pixels, so that neither gaps nor seats are blurred; nothing is where nobody can sit.
    const gap = scale < 4 ? 0 : 1;
    const [left, top] = [Math.round(x), Math.round(y)];
    const size = layer === "sold" || layer === "blocked" ? 0 : 1;
    context.rect(left, top, size * (Math.round(x + scale) - left - gap), size * (Math.round(y + scale) - top - gap));
    return;
  }
  const [middleX, middleY] = [x + scale / 2, y + scale / 2];
  if (layer === "sold" || layer === "blocked") {
    const arm = scale * (layer === "sold" ? 0.16 : 0.08);
    context.moveTo(middleX - arm, middleY - arm);
    context.lineTo(middleX + arm, middleY + arm);
    context.moveTo(middleX + arm, middleY - arm);
    context.lineTo(middleX - arm, middleY + arm);
    return;
  }
  const radius = scale * (layer === "held" ? 0.32 : 0.4);
  if (layer.endsWith("kept")) {
    context.rect(middleX - radius, middleY - radius, 2 * radius, 2 * radius);
  } else {
    context.moveTo(middleX + radius, middleY);
    context.arc(middleX, middleY, radius, 0, 2 * Math.PI);
  }
}

/** @param {CanvasRenderingContext2D} context @param {string} layer @param {Palette} palette @param {number} scale */
function paint(context, layer, palette, scale) {
  if (layer === "chosen") {
    context.fillStyle = palette.chosen;
    context.fill();
    return;
  }
  if (layer.startsWith("price")) {
    context.fillStyle = palette.prices[Number(layer.split(" ")[1])] ?? palette.text;
    context.fill();
    return;
  }
  const colour = layer === "held" ? palette.held : palette.quiet;
  if (scale < PLAIN) {
    context.fillStyle = colour;
    context.fill();
    return;
  }
  context.strokeStyle = colour;
  context.lineWidth = Math.max(1.2, scale * 0.1);
  context.stroke();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Shown} shown
 * @param {Palette} palette
 * @param {ReadonlyMap<string, readonly number[]>} layers
 * @param {(x: number, y: number) => { x: number, y: number }} toScreen
 */
function drawNames(context, shown, palette, layers, toScreen) {
  const { map, view, chosen, mine } = shown;
  context.font = `${Math.min(14, view.scale * 0.42)}px system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (const seats of layers.values()) {
    for (const seat of seats) {
      const isYours = chosen.has(seat) || mine.has(seat);
      if (!isYours && map.statuses[seat] !== FREE) continue;
      const { x, y } = toScreen(...corner(shown, seat));
      context.fillStyle = isYours ? palette.ground : palette.onSeat;
      context.fillText(map.nameOf(seat), x + view.scale / 2, y + view.scale / 2 + 0.5, view.scale * 0.75);
    }
  }
}

/**
 * The stage, sections and, where there is room, rows.
 * @param {CanvasRenderingContext2D} context
 * @param {Shown} shown
 * @param {Palette} palette
 * @param {(x: number, y: number) => { x: number, y: number }} toScreen
 */
function drawWords(context, { map, layout, view }, palette, toScreen) {
  const { scale } = view;
  const height = layout.word * scale;
  const stage = toScreen(layout.width * 0.2, layout.word * 0.2);
  context.fillStyle = palette.quiet;
  context.globalAlpha = 0.25;
  context.fillRect(stage.x, stage.y, layout.width * 0.6 * scale, height);
  context.globalAlpha = 1;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.font = `${Math.min(15, height * 0.75)}px system-ui, sans-serif`;
  context.fillStyle = palette.text;
  const middle = toScreen(layout.width / 2, layout.word * 0.7);
  context.fillText("Stage", middle.x, middle.y);
  for (const [index, block] of layout.blocks.entries()) {
    const at = toScreen(block.x + block.width / 2, block.y - layout.word / 2);
    context.fillText(map.sections[index]?.name ?? "", at.x, at.y, (block.width + GAP) * scale);
  }
  if (scale < 11) return;
  context.textAlign = "right";
  context.fillStyle = palette.words;
  context.font = `${Math.min(12, scale * 0.6)}px system-ui, sans-serif`;
  for (const [index, row] of map.rows.entries()) {
    const at = toScreen((layout.left[index] ?? 0) - 0.25, (layout.top[index] ?? 0) + 0.5);
    context.fillText(row.name, at.x, at.y);
  }
}

/** @param {CanvasRenderingContext2D} context @param {{ x: number, y: number }} at @param {number} scale @param {Palette} palette */
function drawCursor(context, at, scale, palette) {
  context.strokeStyle = palette.text;
  context.lineWidth = 2.5;
  context.strokeRect(at.x, at.y, scale, scale);
}
