import { BLOCKED, FREE, HELD, type SeatStatus, SOLD } from "../../domain/seating/seat-table.ts";
import type { ShownSeats } from "../../projections/seats/kept-seats.ts";
import { type Version, versionOf } from "../streams/event-text.ts";
import { statusView } from "./seat-views.ts";

/** One letter a seat: AVAILABLE, HELD, SOLD, BLOCKED. */
const LETTERS: Readonly<Record<SeatStatus, string>> = { [FREE]: "A", [HELD]: "H", [SOLD]: "S", [BLOCKED]: "B" };

/** If more than this part of the seats have changed, all of them are told: that takes a letter each, not a name. */
const MOST_CHANGED = 1 / 16;
/** Listeners who missed some versions are few kinds: those who were told the one before, and a few slower ones. */
const KEPT_CHANGES = 16;

/**
 * How seats stand, for those who listen: what has changed for those who know an earlier revision, all of it for the
 * others. Each is written when the first listener needs it.
 */
export function seatVersion(seats: ShownSeats): Version {
  const { revision } = seats;
  let whole: Buffer | null = null;
  const changes = new Map<number, Buffer | null>();
  return {
    revision,
    get bytes() {
      whole ??= versionOf(revision, wholeOf(seats)).bytes;
      return whole;
    },
    since(earlier) {
      let bytes = changes.get(earlier);
      if (bytes !== undefined) return bytes;
      const changed = changesOf(seats, earlier);
      bytes = changed === null ? null : versionOf(revision, changed).bytes;
      if (changes.size < KEPT_CHANGES) changes.set(earlier, bytes);
      return bytes;
    },
  };
}

/** Rows as the map has them, without the names of their seats. */
function wholeOf({ plan, revision, statuses }: ShownSeats): object {
  let index = 0;
  const sections = plan.map.sections.map(({ name, rows }) => ({
    name,
    rows: rows.map((row) => {
      const { start = 0, end = 0 } = plan.rows[index] ?? {};
      index += 1;
      const letters = Array.from(statuses.subarray(start, end), (status) => LETTERS[status as SeatStatus]);
      return { name: row.name, seats: letters.join("") };
    }),
  }));
  return { revision, sections };
}

/** Ids of seats by how they stand now; null: it is not known how they stood, or too much has changed. */
function changesOf(seats: ShownSeats, since: number): object | null {
  const { plan, revision } = seats;
  const changed = seats.changesSince(since);
  if (changed === null || changed.size > Math.max(16, plan.size * MOST_CHANGED)) return null;
  const changes: Record<string, string[]> = {};
  for (const [seat, status] of changed) {
    const name = statusView(status);
    const ids = changes[name] ?? [];
    ids.push(plan.idOf(seat));
    changes[name] = ids;
  }
  return { revision, since, changes };
}
