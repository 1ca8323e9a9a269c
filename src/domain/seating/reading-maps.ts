import type { Money } from "../money.ts";
import { readSeats, writeSeats } from "./notation.ts";
import {
  MAX_MAP_BYTES,
  MAX_QUALITY,
  MAX_SEATS,
  MAX_SEATS_A_ROW,
  NAME,
  type Row,
  type SeatMap,
  type Section,
} from "./seat-map.ts";

/** A map as an organizer sends it: lists of names, or the short notation. */
export interface SeatMapWish {
  readonly sections: readonly SectionWish[];
}

interface SectionWish {
  readonly name: string;
  readonly price?: Money | undefined;
  readonly rows: readonly RowWish[];
}

interface RowWish {
  readonly name: string;
  readonly seats: Seats;
  readonly quality?: number | undefined;
  readonly accessible?: Seats | undefined;
  readonly companions?: Seats | undefined;
  readonly blocked?: Seats | undefined;
}

type Seats = string | readonly string[];

/** What is wrong with a map, and where: a path from the map down. */
export interface MapIssue {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** What is told of one map: whoever has more to mend sends it again. */
const MAX_ISSUES = 20;

/** As many seats as are for sale, of a map that is right. */
export interface ReadMap {
  readonly map: SeatMap;
  readonly seats: number;
  readonly blocked: number;
}

/** The map in the form that is recorded, or all that is wrong with it ({@link MAX_ISSUES} at most). */
export function readSeatMap(wish: SeatMapWish): ReadMap | { readonly issues: readonly MapIssue[] } {
  const issues: MapIssue[] = [];
  const wrong = (path: MapIssue["path"], message: string): void => {
    if (issues.length < MAX_ISSUES) issues.push({ path, message });
  };
  if (wish.sections.length === 0) wrong(["sections"], "takes one section at least");
  let seats = 0;
  let blocked = 0;
  const names = new Set<string>();
  const sections = wish.sections.map((section, index): Section => {
    const at = ["sections", index] as const;
    named(section.name, names, "section", [...at, "name"], wrong);
    if (section.rows.length === 0) wrong([...at, "rows"], "takes one row at least");
    const rowNames = new Set<string>();
    const rows = section.rows.map((row, number) => {
      named(row.name, rowNames, "row of this section", [...at, "rows", number, "name"], wrong);
      // What is too large altogether is not read on: a few characters of notation may stand for a million seats.
      if (seats > MAX_SEATS) return null;
      const read = readRow(row, [...at, "rows", number], wrong);
      seats += read.seats;
      blocked += read.blocked;
      return read.row;
    });
    const price = section.price === undefined ? {} : { price: section.price };
    return { name: section.name, ...price, rows: rows.filter((row) => row !== null) };
  });
  if (seats > MAX_SEATS) wrong(["sections"], `takes ${MAX_SEATS} seats at most, all rows together`);
  else if (issues.length === 0 && blocked === seats) wrong(["sections"], "takes one seat at least that is not blocked");
  const map = { sections };
  if (issues.length === 0 && Buffer.byteLength(JSON.stringify(map)) > MAX_MAP_BYTES) {
    wrong(["sections"], `takes ${MAX_MAP_BYTES} bytes at most; shorter names, or ranges of numbers, take less`);
  }
  return issues.length > 0 ? { issues } : { map, seats, blocked };
}

type Wrong = (path: MapIssue["path"], message: string) => void;

function named(name: string, known: Set<string>, what: string, path: MapIssue["path"], wrong: Wrong): void {
  if (!isName(name)) wrong(path, "takes 1 to 32 letters and digits");
  else if (known.has(name)) wrong(path, `is the name of another ${what} too`);
  known.add(name);
}

function readRow(wish: RowWish, path: MapIssue["path"], wrong: Wrong) {
  const names = listOf(wish.seats, [...path, "seats"], wrong);
  const known = new Set(names);
  const among = (field: "accessible" | "companions" | "blocked"): readonly string[] => {
    const list = wish[field] === undefined ? [] : listOf(wish[field], [...path, field], wrong, 0);
    for (const [index, name] of list.entries()) {
      const at = typeof wish[field] === "string" ? [...path, field] : [...path, field, index];
      if (!known.has(name)) wrong(at, `${name} is no seat of this row`);
    }
    return list;
  };
  const accessible = among("accessible");
  const companions = among("companions");
  const blocked = among("blocked");
  const both = companions.find((name) => accessible.includes(name));
  if (both !== undefined) wrong([...path, "companions"], `${both} is among the accessible ones too`);
  const { quality } = wish;
  if (quality !== undefined && !(Number.isInteger(quality) && quality >= 0 && quality <= MAX_QUALITY)) {
    wrong([...path, "quality"], `takes a whole number from 0 to ${MAX_QUALITY}`);
  }
  const row: Row = {
    name: wish.name,
    seats: writeSeats(names),
    ...(quality === undefined || quality === 0 ? {} : { quality }),
    ...(accessible.length === 0 ? {} : { accessible: writeSeats(accessible) }),
    ...(companions.length === 0 ? {} : { companions: writeSeats(companions) }),
    ...(blocked.length === 0 ? {} : { blocked: writeSeats(blocked) }),
  };
  return { row, seats: names.length, blocked: blocked.length };
}

function listOf(seats: Seats, path: MapIssue["path"], wrong: Wrong, atLeast = 1): readonly string[] {
  let names: readonly string[];
  if (typeof seats === "string") {
    const read = readSeats(seats, MAX_SEATS_A_ROW, isName);
    if ("wrong" in read) {
      wrong(path, read.wrong);
      return [];
    }
    names = read.names;
  } else {
    names = seats;
    if (names.length < atLeast) wrong(path, "takes one seat at least");
    if (names.length > MAX_SEATS_A_ROW) wrong(path, `takes ${MAX_SEATS_A_ROW} seats at most`);
  }
  const known = new Set<string>();
  for (const [index, name] of names.entries()) {
    const at = typeof seats === "string" ? path : [...path, index];
    if (!isName(name)) wrong(at, "takes 1 to 32 letters and digits");
    else if (known.has(name)) wrong(at, `names ${name} twice`);
    known.add(name);
  }
  return names;
}

const isName = (name: string): boolean => NAME.test(name);
