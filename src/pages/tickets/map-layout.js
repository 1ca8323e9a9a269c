/**
 * Where seats are on the screen. A map says only which seats stand side by side and which rows follow each other, so
 * sections become blocks, those that come first nearest to the stage, as many beside each other as fit the screen best.
 * One is the distance from seat to seat.
 *
 * @import { SeatMap } from "./seat-map.js"
 *
 * @typedef {object} Block a section
 * @property {number} x
 * @property {number} y of its first row; its name stands above
 * @property {number} width
 * @property {number} height
 *
 * @typedef {object} Layout
 * @property {number} width
 * @property {number} height
 * @property {number} word how high words stand: on a large map, where seats are dots, over several rows
 * @property {readonly Block[]} blocks by section
 * @property {Float32Array} left by row, where its first seat begins
 * @property {Float32Array} top by row
 */

const GAP = 2;
/** A map of so many by so many seats has words as high as one. */
const SEATS_A_WORD = 50;

/**
 * @param {SeatMap} map
 * @param {number} [aspect] width by height of what it is drawn on
 * @returns {Layout}
 */
export function layoutOf(map, aspect = 1.4) {
  const sizes = map.sections.map(({ firstRow, endRow }) => {
    const lengths = map.rows.slice(firstRow, endRow).map(({ start, end }) => end - start);
    return { width: Math.max(...lengths, 4), height: endRow - firstRow };
  });
  const word = 1.8 * Math.max(1, Math.sqrt(map.ids.length) / SEATS_A_WORD);
  const [first, ...others] = sizes.map((_, index) => shelved(sizes, index + 1, word));
  const distance = (/** @type {Shelved} */ { width, height }) => Math.abs(Math.log(width / height / aspect));
  const best = others.reduce((least, one) => (distance(one) < distance(least) ? one : least), first ?? EMPTY);

  const left = new Float32Array(map.rows.length);
  const top = new Float32Array(map.rows.length);
  for (const [index, { start, end, section }] of map.rows.entries()) {
    const block = /** @type {Block} */ (best.blocks[section]);
    const { firstRow } = /** @type {import("./seat-map.js").Section} */ (map.sections[section]);
    left[index] = block.x + (block.width - (end - start)) / 2;
    top[index] = block.y + index - firstRow;
  }
  return { ...best, word, left, top };
}

/** @typedef {{ width: number, height: number, blocks: Block[] }} Shelved */

/** @type {Shelved} */
const EMPTY = { width: 1, height: 1, blocks: [] };

/**
 * So many sections beside each other, each shelf in the middle.
 * @param {readonly { width: number, height: number }[]} sizes
 * @param {number} columns
 * @param {number} word
 * @returns {Shelved}
 */
function shelved(sizes, columns, word) {
  const shelves = Array.from({ length: Math.ceil(sizes.length / columns) }, (_, index) =>
    sizes.slice(index * columns, (index + 1) * columns),
  );
  const widthOf = (/** @type {readonly { width: number }[]} */ shelf) =>
    shelf.reduce((sum, { width }) => sum + width + GAP, GAP);
  const width = Math.max(...shelves.map(widthOf));
  /** @type {Block[]} */
  const blocks = [];
  let y = 1.5 * word; // the stage
  for (const shelf of shelves) {
    let x = (width - widthOf(shelf)) / 2 + GAP;
    for (const size of shelf) {
      blocks.push({ x, y: y + word, ...size });
      x += size.width + GAP;
    }
    y += word + Math.max(...shelf.map(({ height }) => height)) + 1;
  }
  return { width, height: y, blocks };
}

/**
 * The seat at a place; null: there is none.
 * @param {SeatMap} map
 * @param {Layout} layout
 * @param {number} x
 * @param {number} y
 * @returns {number | null}
 */
export function seatAt(map, layout, x, y) {
  const section = layout.blocks.findIndex(
    (block) => x >= block.x && x < block.x + block.width && y >= block.y && y < block.y + block.height,
  );
  const [block, found] = [layout.blocks[section], map.sections[section]];
  if (block === undefined || found === undefined) return null;
  const row = found.firstRow + Math.floor(y - block.y);
  const { start, end } = map.rows[row] ?? { start: 0, end: 0 };
  const seat = start + Math.floor(x - (layout.left[row] ?? 0));
  return seat >= start && seat < end ? seat : null;
}

/**
 * The middle of a seat.
 * @param {SeatMap} map
 * @param {Layout} layout
 * @param {number} seat
 */
export function middleOf(map, layout, seat) {
  const row = map.rowOf[seat] ?? 0;
  const { start } = map.rows[row] ?? { start: 0 };
  return { x: (layout.left[row] ?? 0) + seat - start + 0.5, y: (layout.top[row] ?? 0) + 0.5 };
}

/**
 * The seat that an arrow key leads to: beside, or the nearest of the row before or behind.
 * @param {SeatMap} map
 * @param {Layout} layout
 * @param {number} seat
 * @param {"left" | "right" | "up" | "down" | "first" | "last"} where
 * @returns {number} the same where the map ends
 */
export function neighbourOf(map, layout, seat, where) {
  const index = map.rowOf[seat] ?? 0;
  const row = map.rows[index];
  if (row === undefined) return seat;
  if (where === "first") return row.start;
  if (where === "last") return row.end - 1;
  if (where === "left") return Math.max(row.start, seat - 1);
  if (where === "right") return Math.min(row.end - 1, seat + 1);
  const next = index + (where === "up" ? -1 : 1);
  const other = map.rows[next];
  if (other === undefined) return seat;
  const beside = Math.floor(middleOf(map, layout, seat).x - (layout.left[next] ?? 0));
  return other.start + Math.min(Math.max(beside, 0), other.end - other.start - 1);
}
