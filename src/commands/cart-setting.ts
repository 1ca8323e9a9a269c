import { type ActiveCart, type Cart, type CartLine, isActive } from "../domain/cart.ts";
import type { CartEvent } from "../domain/cart-events.ts";
import { type Refused, refuse } from "../domain/decision.ts";
import type { SeatWish } from "../domain/inventory-seats.ts";
import type { RecordedEvent } from "../eventstore/envelope.ts";
import type { Position } from "../eventstore/port.ts";
import { cartStream } from "../eventstore/streams.ts";
import { type CartLines, type LineProspect, NO_TICKETS, type OpenCart, wishOf } from "./cart-lines.ts";
import type { CartOutcome, CartRunner } from "./carts.ts";
import type { CommandContext } from "./outcome.ts";
import type { AdmittedBuyer } from "./reservations.ts";

/** The cart that a line goes into, and where that is on record. */
interface Touched {
  readonly into: OpenCart;
  readonly position: Position;
}

/**
 * Puts tickets into carts, correct with any number of nodes: a line is noted in the cart before its tickets are held,
 * and when they are, the cart must still be the current one; if it isn't, they are given back.
 */
export class CartSetting {
  readonly #carts: CartRunner;
  readonly #lines: CartLines;
  readonly #newId: () => string;

  constructor(carts: CartRunner, lines: CartLines, newId: () => string) {
    this.#carts = carts;
    this.#lines = lines;
    this.#newId = newId;
  }

  /**
   * Sets a line to so many tickets, 1 or more, or to these seats.
   * @returns "again": the cart became another meanwhile, and nothing of this is left
   */
  async set(
    buyer: AdmittedBuyer,
    line: CartLine,
    wish: SeatWish,
    context: CommandContext,
  ): Promise<CartOutcome | "again"> {
    const { cart, atMs } = await this.#look(buyer.accountId);
    if (cart.status === "checkout") return refuse("payment-in-progress");
    const current = isActive(cart, atMs) ? cart : null;
    const prospect = await this.#lines.prospect(line, buyer, wish, current?.cartId ?? "");
    if ("accepted" in prospect) return prospect;
    const touched =
      current !== null && prospect.isHeld
        ? { into: current, position: 0n }
        : await this.#touch(buyer, line, prospect, current, context);
    if (touched === "again" || "accepted" in touched) return touched;
    return this.#fill(touched, buyer, line, wish, context);
  }

  /** Notes the line in the cart, in a new one where need be. */
  async #touch(
    buyer: AdmittedBuyer,
    line: CartLine,
    prospect: LineProspect,
    current: ActiveCart | null,
    context: CommandContext,
  ): Promise<Touched | Refused | "again"> {
    const isEmpty = current !== null && (await this.#lines.held(current)).length === 0;
    const empty = isEmpty ? { cartId: current.cartId, lines: current.lines.length } : null;
    const outcome = await this.#note(buyer, line, prospect, empty, context);
    if (!outcome.accepted) return outcome;
    const into = cartAfter(outcome.events, current);
    if (into === null) return "again";
    if (!isEmpty || into.cartId === current.cartId) return { into, position: outcome.position };
    // What was had already needs no admission to stay.
    const moved = await this.#carryOver(current, into, prospect, { ...buyer, admission: undefined }, context);
    return { into, position: later(outcome.position, moved) };
  }

  #note(
    { accountId }: AdmittedBuyer,
    { eventId, ticketTypeId }: CartLine,
    { currency, holdTtlSeconds }: LineProspect,
    empty: { readonly cartId: string; readonly lines: number } | null,
    context: CommandContext,
  ) {
    const line = { accountId, eventId, ticketTypeId, currency, holdTtlSeconds, empty };
    const command = { type: "TouchLine", newCartId: this.#newId(), ...line } as const;
    return this.#carts.run(cartStream(accountId), command, context);
  }

  async #fill(
    { into, position }: Touched,
    buyer: AdmittedBuyer,
    line: CartLine,
    wish: SeatWish,
    context: CommandContext,
  ): Promise<CartOutcome | "again"> {
    const set = await this.#lines.set(into, line, buyer, wish, context);
    if (!set.accepted) return set.code === "reservation-expired" ? "again" : set; // the cart's time was over just now
    const { cart } = await this.#look(buyer.accountId);
    const place = placeOf(into.cartId, cart);
    if (place === "current") return { accepted: true, position: later(position, set.position) };
    await this.#lines.set(into, line, buyer, NO_TICKETS, context);
    return place === "bought" ? refuse("payment-in-progress") : "again";
  }

  /**
   * An empty cart was replaced. Another node may have put something into it after its inventories were asked, and told
   * its owner so: that moves over, as far as nobody takes it between the two.
   */
  async #carryOver(
    from: ActiveCart,
    into: OpenCart,
    prospect: LineProspect,
    buyer: AdmittedBuyer,
    context: CommandContext,
  ): Promise<Position> {
    let position: Position = 0n;
    for (const line of await this.#lines.held(from)) {
      await this.#lines.set(from, line, buyer, NO_TICKETS, context);
      const noted = await this.#note(buyer, line, prospect, null, context);
      const moved = noted.accepted ? await this.#lines.set(into, line, buyer, wishOf(line), context) : noted;
      if (moved.accepted) position = later(position, moved.position);
    }
    return position;
  }

  #look(accountId: string): Promise<{ readonly cart: Cart; readonly atMs: number }> {
    return this.#carts.look(cartStream(accountId), (cart, atMs) => ({ cart, atMs }));
  }
}

/** The cart that a touched line is in; null when that is one that nobody here knows of yet. */
function cartAfter(events: readonly RecordedEvent<CartEvent>[], before: ActiveCart | null): OpenCart | null {
  for (const { event } of events) {
    if (event.type === "CartOpened") {
      return { cartId: event.data.cartId, expiresAtMs: Date.parse(event.data.expiresAt) };
    }
    if (event.type === "CartLineTouched" && event.data.cartId !== before?.cartId) return null;
  }
  return before;
}

/** What became of a cart: still the account's, bought, or another is in its place. */
function placeOf(cartId: string, now: Cart): "current" | "bought" | "gone" {
  if (now.status === "none" || now.cartId !== cartId) return "gone";
  if (now.status === "active" || now.status === "checkout") return "current";
  return now.status === "completed" ? "bought" : "gone";
}

const later = (a: Position, b: Position): Position => (a > b ? a : b);
