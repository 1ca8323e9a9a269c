import type { BookingCommand } from "../domain/booking.ts";
import type { BookedEvent, BookingEvent, BookingOpened } from "../domain/booking-events.ts";
import type { Booking } from "../domain/booking-state.ts";
import { type Refused, refuse } from "../domain/decision.ts";
import type { Listing } from "../domain/listing.ts";
import type { Money } from "../domain/money.ts";
import { totalMinor } from "../domain/pricing.ts";
import { type RecordedEvent, sha256 } from "../eventstore/envelope.ts";
import type { Position } from "../eventstore/port.ts";
import { bookingStream } from "../eventstore/streams.ts";
import type { Clock } from "../ports.ts";
import { unkeyed } from "./aggregate.ts";
import { bookedEvents } from "./booked-events.ts";
import { type Claimed, Claims, type Wanted } from "./claims.ts";
import type { CommandRunner } from "./command-runner.ts";
import { derivedId } from "./derived-id.ts";
import type { InventoryRunner } from "./events.ts";
import { Busy, type CommandContext } from "./outcome.ts";
import type { ReservationLocator } from "./recent-reservations.ts";
import type { InventoryRef } from "./reservations.ts";

export type BookingRunner = CommandRunner<Booking, BookingCommand, BookingEvent>;

/** What somebody wants to buy. */
export interface PurchaseWish {
  readonly accountId: string;
  readonly of: { readonly reservationIds: readonly string[] } | { readonly cartId: string };
  /** How it is paid; null when nothing was said, which will do for what is free. */
  readonly payment: { readonly provider: string; readonly method: string } | null;
}

export type PurchaseOutcome = (Purchase & { readonly accepted: true }) | Refused;

/** A booking that is on record; paying for it is the next thing. */
export interface Purchase {
  readonly bookingId: string;
  readonly position: Position;
  /** It had been opened by the same key before. */
  readonly replayed: boolean;
  /** What was recorded just now; nothing when it had been opened before. */
  readonly recorded: readonly RecordedEvent<BookingEvent>[];
}

/** A cart's part in a purchase. */
export interface CartCheckout {
  /** Records that the cart is being bought. Refusals: `cart-expired`, `payment-in-progress`. */
  checkOut(
    accountId: string,
    cartId: string,
    bookingId: string,
    context: CommandContext,
  ): Promise<{ readonly accepted: true } | Refused>;
  /** What the cart holds, asked of the inventories. */
  lines(
    accountId: string,
    cartId: string,
  ): Promise<readonly (InventoryRef & { readonly reservationId: string; readonly quantity: number })[]>;
  /** The purchase came to nothing: the cart is its owner's again. */
  reopen(accountId: string, cartId: string, bookingId: string, context: CommandContext): Promise<unknown>;
}

export interface PurchaseDependencies {
  readonly bookings: BookingRunner;
  readonly inventories: InventoryRunner;
  readonly findListing: (eventId: string) => Promise<Listing>;
  readonly carts: CartCheckout;
  readonly reservations: ReservationLocator;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly paymentWindowMs: number;
}

/** How many purchases one `Idempotency-Key` can make in its life, one every 24 hours at the most. */
const MAX_GENERATIONS = 1_000;

const NEEDS_PAYMENT = refuse("invalid", { path: "/payment", message: "what has a price needs a payment" });

/** The position of what was recorded before keys that are remembered: every reader has passed it. */
const LONG_AGO: Position = 0n;

/**
 * Begins purchases: every reservation is claimed for a booking, then the booking is recorded. All or nothing: when one
 * can't be claimed, the others are their owner's again. What a crash leaves in between is found by its timer
 * (`processes/bookings.ts`).
 */
export class PurchaseCommands {
  readonly #deps: PurchaseDependencies;
  readonly #claims: Claims;

  constructor(deps: PurchaseDependencies) {
    this.#deps = deps;
    this.#claims = new Claims(deps.inventories);
  }

  /**
   * Opens a booking. With an `Idempotency-Key` its id derives from it, so that a repetition finds it, however far the
   * first one came.
   *
   * Refusals: `reservation-not-found`, `reservation-not-held`, `reservation-expired`, `payment-in-progress`,
   * `too-many-attempts`, `event-cancelled`, `cart-empty`, `cart-expired`, `currency-mixed`, `limit-exceeded` for more
   * than one booking can have, and `invalid` for priced tickets without a payment.
   * @throws KeyReused, Busy, StoreUnavailable, OutcomeUnknown, ClockLost
   */
  async open(wish: PurchaseWish, context: CommandContext): Promise<PurchaseOutcome> {
    const keyHash = context.idempotency?.keyHash;
    if (keyHash === undefined) return this.#openAs(this.#deps.newId(), wish, context);
    for (let generation = 0; generation < MAX_GENERATIONS; generation += 1) {
      const bookingId = derivedId(`booking/${keyHash}/${generation}`);
      const earlier = await this.#earlier(bookingId, context);
      if (earlier === "missing") return this.#openAs(bookingId, wish, context);
      if (earlier !== "another") return replayOf(bookingId, earlier.position);
    }
    return refuse("already-exists");
  }

  /**
   * The same for what says by itself which purchase it is, e.g. one reservation by one route: the booking's id derives
   * from `name`, so that asking again finds it, without a key, from any node, and for good. After one that was declined
   * another is opened.
   */
  async openOnce(name: string, wish: PurchaseWish, context: CommandContext): Promise<PurchaseOutcome> {
    const keyHash = sha256(name);
    const once = { ...context, idempotency: { keyHash, bodyHash: keyHash } };
    for (let generation = 0; generation < MAX_GENERATIONS; generation += 1) {
      const bookingId = derivedId(`booking/${keyHash}/${generation}`);
      const known = await this.#deps.bookings.look(bookingStream(bookingId), (booking) => booking);
      if (known.status === "missing") return this.#openAs(bookingId, wish, once);
      if (known.status === "abandoned" || known.status === "declined") continue;
      if (known.accountId !== wish.accountId) return refuse("reservation-not-found");
      const earlier = await this.#earlier(bookingId, once);
      return replayOf(bookingId, typeof earlier === "object" ? earlier.position : LONG_AGO);
    }
    return refuse("already-exists");
  }

  /**
   * What became of the booking under this id: opened by this key, or another of an earlier day or given up.
   * @throws KeyReused
   */
  async #earlier(bookingId: string, context: CommandContext): Promise<{ position: Position } | "missing" | "another"> {
    const stream = bookingStream(bookingId);
    const { answer, seen } = await this.#deps.bookings.recall(stream, ({ status }) => status, context);
    if (answer !== null) return { position: answer.position };
    return seen === "missing" ? "missing" : "another";
  }

  async #openAs(bookingId: string, wish: PurchaseWish, context: CommandContext): Promise<PurchaseOutcome> {
    if ("reservationIds" in wish.of) {
      const wanted = await this.#locate(wish.of.reservationIds, wish.accountId);
      return wanted === null ? refuse("reservation-not-found") : this.#buy(bookingId, null, wanted, wish, context);
    }
    const { carts } = this.#deps;
    const { accountId, of } = wish;
    const out = await carts.checkOut(accountId, of.cartId, bookingId, unkeyed(context));
    if (!out.accepted) return this.#giveUp(bookingId, [], context, out);
    const lines = await carts.lines(accountId, of.cartId);
    const outcome =
      lines.length === 0
        ? await this.#giveUp(bookingId, [], context, refuse("cart-empty"))
        : await this.#buy(bookingId, of.cartId, lines, wish, context);
    if (!outcome.accepted) await carts.reopen(accountId, of.cartId, bookingId, unkeyed(context));
    const isLate = !outcome.accepted && ["reservation-expired", "reservation-not-held"].includes(outcome.code);
    return isLate ? refuse("cart-expired") : outcome;
  }

  async #locate(reservationIds: readonly string[], accountId: string): Promise<Wanted[] | null> {
    const found = await Promise.all(reservationIds.map((id) => this.#deps.reservations.locate(id)));
    const own = found.flatMap((ref, index) =>
      ref?.accountId === accountId ? [{ ...ref, reservationId: reservationIds[index] as string }] : [],
    );
    return own.length === reservationIds.length ? own : null;
  }

  async #buy(
    bookingId: string,
    cartId: string | null,
    wanted: readonly Wanted[],
    wish: PurchaseWish,
    context: CommandContext,
  ): Promise<PurchaseOutcome> {
    if (wish.payment === null && (await this.#claims.havePrice(wanted))) {
      return NEEDS_PAYMENT;
    }
    const events = bookedEvents(this.#deps, wanted);
    events.catch(() => {}); // it is awaited below, unless claiming fails first
    const claimed = await this.#claimAll(bookingId, wanted, wish, context);
    if (!("lines" in claimed)) return claimed;
    const giveUp = (refused: Refused) => this.#giveUp(bookingId, wanted, context, refused);
    try {
      const currencies = new Set(claimed.lines.map(({ unitPrice }) => unitPrice.currency));
      if (currencies.size > 1) return await giveUp(refuse("currency-mixed"));
      const booking = this.#newBooking(bookingId, cartId, claimed.lines, await events, wish);
      // What had no price a moment ago, because there was nothing yet, may have one now.
      if (wish.payment === null && booking.total.amount > 0) return await giveUp(NEEDS_PAYMENT);
      const payment = wish.payment === null ? null : { attemptId: this.#deps.newId(), ...wish.payment };
      const command = { type: "OpenBooking", booking, payment } as const;
      const outcome = await this.#deps.bookings.run(bookingStream(bookingId), command, context);
      // It was given up meanwhile: this took too long.
      const isGivenUp = !outcome.accepted && outcome.code === "already-exists";
      if (!outcome.accepted) return await giveUp(isGivenUp ? refuse("busy") : outcome);
      const { position, replayed, events: recorded } = outcome;
      return { accepted: true, bookingId, position, replayed, recorded: replayed ? [] : recorded };
    } catch (error) {
      // It may be on record after all: then it is seen to by its timer, and so are the claims if it isn't.
      if (error instanceof Busy) await giveUp(refuse("busy")).catch(() => {});
      throw error;
    }
  }

  #newBooking(
    bookingId: string,
    cartId: string | null,
    claimed: readonly Claimed[],
    events: readonly BookedEvent[],
    { accountId }: PurchaseWish,
  ): BookingOpened["data"] {
    const lines = claimed.map(({ deadline: _, ...line }) => line);
    const total: Money = {
      amount: lines.reduce((sum, line) => sum + totalMinor(line), 0),
      currency: lines[0]?.unitPrice.currency ?? "EUR",
    };
    // A repetition after a crash may find claims of the first try, with its deadline.
    const expiresAt = claimed.map(({ deadline }) => deadline).sort()[0] as string;
    const createdAt = new Date(this.#deps.clock.nowMs()).toISOString();
    return { bookingId, accountId, cartId, lines, events, total, createdAt, expiresAt };
  }

  /** Claims all of them; when one is refused, lets go of the others and tells why. */
  async #claimAll(
    bookingId: string,
    wanted: readonly Wanted[],
    { accountId }: PurchaseWish,
    context: CommandContext,
  ): Promise<{ readonly lines: readonly Claimed[] } | PurchaseOutcome> {
    const deadlineMs = this.#deps.clock.nowMs() + this.#deps.paymentWindowMs;
    const claims = await Promise.allSettled(
      wanted.map((one) => this.#claims.claim(one, { bookingId, accountId, deadlineMs }, context)),
    );
    const failed = claims.find((claim) => claim.status === "rejected");
    const settled = claims.flatMap((claim) => (claim.status === "fulfilled" ? [claim.value] : []));
    const lines = settled.filter((claim) => "deadline" in claim);
    if (lines.length === wanted.length) return { lines };
    const refused = settled.find((claim) => "code" in claim) ?? refuse("busy");
    const claimedSome = failed !== undefined || lines.length > 0;
    const outcome = this.#giveUp(bookingId, claimedSome ? wanted : [], context, refused);
    if (failed === undefined) return outcome;
    await outcome.catch(() => {});
    throw failed.reason;
  }

  /**
   * Ends a purchase that can't be. Whoever came with the same key on another node may have been quicker: that is the
   * answer then. Where something was claimed, it is settled on record first that nobody opens this booking any more.
   */
  async #giveUp(
    bookingId: string,
    claimed: readonly Wanted[],
    context: CommandContext,
    refused: Refused,
  ): Promise<PurchaseOutcome> {
    if (context.idempotency !== null) {
      if (claimed.length > 0) {
        const abandon = { type: "AbandonBooking", bookingId } as const;
        await this.#deps.bookings.run(bookingStream(bookingId), abandon, unkeyed(context));
      }
      const earlier = await this.#earlier(bookingId, context);
      if (typeof earlier === "object") return replayOf(bookingId, earlier.position);
    }
    await this.#claims.letGo(claimed, bookingId, context);
    return refused;
  }
}

const replayOf = (bookingId: string, position: Position) =>
  ({ accepted: true, bookingId, position, replayed: true, recorded: [] }) as const;
