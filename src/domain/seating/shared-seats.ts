import { readSeats } from "./notation.ts";
import { MAX_SEATS_A_ROW, type SeatMap, seatIdOf } from "./seat-map.ts";

/**
 * A seat that two maps of one event have, and which of them comes second; null: ids are unique. Only rows of the same name
 * are looked into.
 */
export function sharedSeat(maps: readonly SeatMap[]): { readonly seat: string; readonly map: number } | null {
  const rows = new Map<string, Set<string>>();
  for (const [map, { sections }] of maps.entries()) {
    for (const { name: section, rows: ofSection } of sections) {
      for (const { name, seats } of ofSection) {
        const key = `${section}-${name}`;
        const known = rows.get(key);
        const names = namesIn(seats);
        const shared = names.find((seat) => known?.has(seat));
        if (shared !== undefined) return { seat: seatIdOf(section, name, shared), map };
        rows.set(key, new Set([...(known ?? []), ...names]));
      }
    }
  }
  return null;
}

function namesIn(seats: string): readonly string[] {
  const read = readSeats(seats, MAX_SEATS_A_ROW, () => true);
  if ("wrong" in read) throw new Error(`a row of a seat map ${read.wrong}`);
  return read.names;
}
