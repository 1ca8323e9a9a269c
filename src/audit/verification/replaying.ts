import { booking } from "../../domain/booking.ts";
import { cart } from "../../domain/cart.ts";
import type { Staged } from "../../domain/decision.ts";
import { inventory } from "../../domain/inventory.ts";
import type { Inventory } from "../../domain/inventory-state.ts";
import { listing } from "../../domain/listing.ts";
import { waitingRoom } from "../../domain/waiting-room.ts";
import { upcast } from "../../eventstore/schema-versions.ts";
import {
  BOOKING_PREFIX,
  CART_PREFIX,
  INVENTORY_PREFIX,
  LISTING_PREFIX,
  WAITING_ROOM_PREFIX,
} from "../../eventstore/streams.ts";
import { BookingBooks } from "../../verifier/books/booking-books.ts";
import { CartBooks } from "../../verifier/books/cart-books.ts";
import { DrawBooks } from "../../verifier/books/draw-books.ts";
import type { Fact } from "../../verifier/books/fact.ts";
import { InventoryBooks } from "../../verifier/books/inventory-books.ts";
import type { Found } from "./found.ts";
import type { SpilledEvent } from "./spilled-event.ts";

/** What the domain itself makes of a stream: only its `evolve` is asked. */
interface Replayed {
  evolve(state: unknown, event: { readonly type: string; readonly data: unknown }): unknown;
  initialState(): unknown;
  stagedIn(state: unknown): readonly Staged[];
}

const DOMAIN: Readonly<Record<string, Replayed>> = {
  [INVENTORY_PREFIX]: inventory as unknown as Replayed,
  [BOOKING_PREFIX]: booking as unknown as Replayed,
  [CART_PREFIX]: cart as unknown as Replayed,
  [LISTING_PREFIX]: listing as unknown as Replayed,
  [WAITING_ROOM_PREFIX]: waitingRoom as unknown as Replayed,
};

interface Followed {
  revision: number;
  hash: string | null;
  at: string;
  readonly domain: Replayed | null;
  state: unknown;
  /** Whether the domain could not go on, which is told once. */
  failed: boolean;
  readonly books: { take(fact: Fact): void } | null;
}

/** Changes are committed in portions: that costs less than one by one. */
const COMMIT_EVERY = 64;

/**
 * Replays the streams of one file, twice over: by the domain's own `evolve`, and by books that share no code with it. Then
 * the two are compared.
 */
export class Replay {
  readonly #found: Found;
  readonly #streams = new Map<string, Followed>();
  readonly #bookings = new Map<string, BookingBooks>();

  constructor(found: Found) {
    this.#found = found;
  }

  take(event: SpilledEvent): void {
    const fact = this.#factOf(event);
    if (event.bookingId !== null) {
      if (fact !== null) this.#booksOf(event.bookingId).takeOfInventory(fact);
      return;
    }
    const followed = this.#follow(event.stream);
    this.#link(followed, event);
    if (fact === null) return;
    followed.books?.take(fact);
    this.#evolve(followed, fact);
  }

  /** @param now when the log's last event was recorded. @returns how many bookings are under way */
  close(now: string): number {
    let unsettled = 0;
    for (const books of this.#bookings.values()) if (books.close(now)) unsettled += 1;
    return unsettled;
  }

  /** The chain: each event follows the one that it names, in revision, hash and time. */
  #link(followed: Followed, event: SpilledEvent): void {
    const { revision, previousHash, hash, at } = event;
    const { report } = this.#found;
    if (revision !== followed.revision + 1) {
      report("chain-broken", `revision ${revision} follows ${followed.revision}`, event);
    } else if (previousHash !== followed.hash) {
      report(
        "chain-broken",
        "it names another event before it: that one was changed, or this one is not the next",
        event,
      );
    }
    if (at < followed.at) report("order-contradicts", `recorded at ${at}, after ${followed.at}`, event);
    followed.revision = revision;
    followed.hash = hash;
    followed.at = at;
  }

  #factOf({ position, revision, stream, at, type, schemaVersion, data }: SpilledEvent): Fact | null {
    try {
      return { position, revision, stream, at, type, data: upcast(type, schemaVersion, JSON.parse(data)) };
    } catch {
      this.#found.report("replay-fails", "its data are no JSON", { position, stream, revision });
      return null;
    }
  }

  #evolve(followed: Followed, fact: Fact): void {
    const { domain } = followed;
    if (domain === null || followed.failed) return;
    try {
      followed.state = domain.evolve(followed.state, fact);
      if (fact.revision % COMMIT_EVERY === 0) for (const staged of domain.stagedIn(followed.state)) staged.commit();
    } catch (error) {
      followed.failed = true;
      this.#found.report("replay-fails", error instanceof Error ? error.message : String(error), fact);
      return;
    }
    if (followed.books instanceof InventoryBooks) this.#compare(followed, followed.books, fact);
  }

  #compare(followed: Followed, books: InventoryBooks, fact: Fact): void {
    const state = followed.state as Inventory;
    if (state.status === "unopened") return;
    const { capacity, held, booked, claimed } = state;
    const isAlike = capacity === books.total && held === books.held && booked === books.booked;
    if (isAlike && claimed >= 0 && claimed <= held) return;
    followed.failed = true;
    const told = `${held} held, ${claimed} of them claimed, and ${booked} booked of ${capacity}`;
    this.#found.report(
      "replay-fails",
      `the domain has ${told}; by the books it is ${books.held} and ${books.booked} of ${books.total}`,
      fact,
    );
  }

  #follow(stream: string): Followed {
    const known = this.#streams.get(stream);
    if (known !== undefined) return known;
    const prefix = stream.slice(0, stream.indexOf("-") + 1);
    const domain = DOMAIN[prefix] ?? null;
    const followed = {
      revision: -1,
      hash: null,
      at: "",
      domain,
      state: domain?.initialState(),
      failed: false,
      books: this.#booksFor(prefix, stream),
    };
    this.#streams.set(stream, followed);
    return followed;
  }

  #booksFor(prefix: string, stream: string): Followed["books"] {
    const { report } = this.#found;
    if (prefix === INVENTORY_PREFIX) return new InventoryBooks(report);
    if (prefix === BOOKING_PREFIX) return this.#booksOf(stream.slice(prefix.length));
    if (prefix === CART_PREFIX) return new CartBooks(report);
    return prefix === WAITING_ROOM_PREFIX ? new DrawBooks(report) : null;
  }

  #booksOf(bookingId: string): BookingBooks {
    const known = this.#bookings.get(bookingId) ?? new BookingBooks(bookingId, this.#found.report);
    this.#bookings.set(bookingId, known);
    return known;
  }
}
