/**
 * A seat map as the API tells it, ready to be drawn: seats are numbers from 0 in the order of the map.
 *
 * @import { Money } from "../shared/said.js"
 *
 * @typedef {"AVAILABLE" | "HELD" | "SOLD" | "BLOCKED"} StatusView
 * @typedef {{ seat: string, status: StatusView, kind?: "ACCESSIBLE" | "COMPANION" }} SeatView
 * @typedef {{ name: string, seats: SeatView[] }} RowView
 * @typedef {{ revision: number, sections: { name: string, price: Money, rows: RowView[] }[] }} SeatsView
 *
 * @typedef {object} Row
 * @property {number} section its place among the sections
 * @property {string} name
 * @property {number} start its first seat
 * @property {number} end the seat after its last
 *
 * @typedef {object} Section
 * @property {string} name
 * @property {Money} price
 * @property {number} firstRow
 * @property {number} endRow the row after its last
 *
 * What `.../seats/stream` tells: what has changed, or all of it, one letter a seat.
 * @typedef {object} Told
 * @property {number} revision
 * @property {Partial<Record<StatusView, string[]>>} [changes]
 * @property {{ name: string, rows: { name: string, seats: string }[] }[]} [sections]
 */

export const FREE = 0;
export const HELD = 1;
export const SOLD = 2;
export const BLOCKED = 3;

export const ORDINARY = 0;
export const ACCESSIBLE = 1;
export const COMPANION = 2;

/** @type {readonly StatusView[]} */
const STATUSES = ["AVAILABLE", "HELD", "SOLD", "BLOCKED"];
const LETTERS = "AHSB";

/** Names of sections, rows and seats have no hyphens. @param {string} id of a seat, e.g. `STALLS-A-12` */
export function saidSeat(id) {
  const [section, row, seat] = id.split("-");
  return `${section}, row ${row}, seat ${seat}`;
}

/** @param {SeatsView} view */
export function createSeatMap(view) {
  /** @type {string[]} */
  const ids = [];
  /** @type {Row[]} */
  const rows = [];
  /** @type {Map<string, number>} */
  const places = new Map();
  const all = view.sections.flatMap((section) => section.rows.flatMap(({ seats }) => seats));
  const statuses = Uint8Array.from(all, ({ status }) => STATUSES.indexOf(status));
  const kinds = Uint8Array.from(all, ({ kind }) =>
    kind === "ACCESSIBLE" ? ACCESSIBLE : kind === "COMPANION" ? COMPANION : ORDINARY,
  );
  const rowOf = new Uint32Array(all.length);
  const sections = view.sections.map(({ name, price, rows: written }, section) => {
    const firstRow = rows.length;
    for (const row of written) {
      const start = ids.length;
      for (const { seat } of row.seats) {
        places.set(seat, ids.length);
        ids.push(seat);
      }
      rowOf.fill(rows.length, start, ids.length);
      rows.push({ section, name: row.name, start, end: ids.length });
    }
    return { name, price, firstRow, endRow: rows.length };
  });
  let { revision } = view;

  /** @param {number} seat */
  const rowAt = (seat) => /** @type {Row} */ (rows[/** @type {number} */ (rowOf[seat])]);
  /** @param {number} seat */
  const sectionAt = (seat) => /** @type {Section} */ (sections[rowAt(seat).section]);
  /** @param {number} seat */
  const nameOf = (seat) => (ids[seat] ?? "").slice((ids[seat] ?? "").lastIndexOf("-") + 1);

  return {
    /** @type {readonly string[]} */
    ids,
    /** @type {readonly Row[]} */
    rows,
    /** @type {readonly Section[]} */
    sections,
    /** By seat: {@link FREE} and so on. */
    statuses,
    /** By seat: {@link ORDINARY} and so on. */
    kinds,
    rowOf,
    get revision() {
      return revision;
    },
    /** @param {string} id @returns {number | undefined} */
    placeOf: (id) => places.get(id),
    /** @param {number} seat @returns {Money} */
    priceOf: (seat) => sectionAt(seat).price,
    nameOf,
    /** @param {number} seat */
    said: (seat) => saidSeat(ids[seat] ?? ""),
    /**
     * Takes in what the stream told.
     * @param {Told} told
     * @returns {number[]} the seats that stand otherwise now
     */
    take(told) {
      /** @type {number[]} */
      const changed = [];
      const set = (/** @type {number} */ seat, /** @type {number} */ status) => {
        if (statuses[seat] === status) return;
        statuses[seat] = status;
        changed.push(seat);
      };
      for (const [name, named] of Object.entries(told.changes ?? {})) {
        const status = STATUSES.indexOf(/** @type {StatusView} */ (name));
        for (const id of named) {
          const seat = places.get(id);
          if (seat !== undefined && status >= 0) set(seat, status);
        }
      }
      let seat = 0;
      for (const letter of (told.sections ?? []).flatMap((section) => section.rows.flatMap((row) => [...row.seats]))) {
        set(seat, LETTERS.indexOf(letter));
        seat += 1;
      }
      revision = told.revision;
      return changed;
    },
  };
}

/** @typedef {ReturnType<typeof createSeatMap>} SeatMap */
