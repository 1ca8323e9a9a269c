import { type EventPage, PART, type Part } from "../../eventstore/event-page.ts";
import { BOOKING_PREFIX, INVENTORY_PREFIX } from "../../eventstore/streams.ts";
import { Found } from "./found.ts";
import { type Link, linkOf } from "./link.ts";
import { Spill } from "./spill.ts";
import type { Addressed } from "./spilled-event.ts";

/** What came of the pages that were taken. */
export interface Sorted {
  /** Of the files, in bytes: up to there all is written. */
  readonly sizes: readonly number[];
  /** The latest `at` of them all. */
  readonly lastAt: string;
  /** Since it was last asked. */
  readonly found: Pick<Found, "count" | "told">;
}

/** Sorts events by their streams into files, {@link Spill}; the files are open until it is closed. */
export class Sorting {
  readonly #spill: Spill;
  #found = new Found();
  #lastAt = "";

  /** @param sizes of the files so far */
  constructor(dir: string, sizes: readonly number[]) {
    this.#spill = new Spill(dir, sizes);
  }

  /** @param hashes of its events */
  take(page: EventPage, hashes: readonly string[]): void {
    for (let index = 0; index < page.count; index += 1) {
      this.#lastAt = sort(page, index, hashes[index] as string, this.#found, this.#lastAt, this.#write);
    }
  }

  settle(): Sorted {
    const { count, told } = this.#found;
    this.#found = new Found();
    return { sizes: this.#spill.flush(), lastAt: this.#lastAt, found: { count, told } };
  }

  close(): void {
    this.#spill.close();
  }

  readonly #write = (stream: string, page: EventPage, index: number, addressed: Addressed): void =>
    this.#spill.write(this.#spill.partOf(stream), page, index, addressed);
}

/**
 * Hands an event on to whoever has its stream; what inventories booked for a booking, and got back from it, is of interest
 * to both.
 * @param lastAt the latest `at` so far
 * @returns the latest `at`
 */
export function sort(
  page: EventPage,
  index: number,
  hash: string,
  found: Found,
  lastAt: string,
  write: (stream: string, page: EventPage, index: number, addressed: Addressed) => void,
): string {
  if (!isNamed(page, index, found)) return lastAt;
  const link = linkOrReport(page, index, found);
  write(page.binary(index, PART.stream), page, index, { ...link, hash, bookingId: null });
  const bookingId = bookingOf(page, index);
  if (bookingId !== null) write(BOOKING_PREFIX + bookingId, page, index, { ...link, hash, bookingId });
  return link.at > lastAt ? link.at : lastAt;
}

/**
 * Whether an event's stream and type are what their lines say. With line breaks in them the event could be another one, of
 * the same hash: it is reported, and not replayed.
 */
function isNamed(page: EventPage, index: number, found: Found): boolean {
  const isWhole = (part: Part) => !page.binary(index, part).includes("\n");
  if (isWhole(PART.stream) && isWhole(PART.type)) return true;
  reportAt(page, index, found, "the name of its stream or its type has a line break");
  return false;
}

/** What an event's metadata say, or nothing where they are no envelope. */
function linkOrReport(page: EventPage, index: number, found: Found): Link {
  const link = linkOf(page, index);
  if (link !== null) return link;
  reportAt(page, index, found, "its metadata are no envelope");
  return { at: "", schemaVersion: 1, previousHash: null };
}

function reportAt(page: EventPage, index: number, found: Found, detail: string): void {
  const { position, stream, revision } = page.event(index);
  found.report("chain-broken", detail, { position: String(position), stream, revision });
}

const OF_BOOKING = /"bookingId":"([^"\n]+)"/;

/** For which booking a copy of an event is kept beside what its own stream keeps. */
function bookingOf(page: EventPage, index: number): string | null {
  const type = page.binary(index, PART.type);
  if (type !== "ReservationConfirmed" && type !== "TicketsReturned") return null;
  if (!page.binary(index, PART.stream).startsWith(INVENTORY_PREFIX)) return null;
  return OF_BOOKING.exec(page.binary(index, PART.data))?.[1] ?? null;
}
