import { type Cart, type CartCommand, type CartLine, isActive, type KnownCart } from "../domain/cart.ts";
import type { CartEvent } from "../domain/cart-events.ts";
import { type Refused, refuse } from "../domain/decision.ts";
import type { GivenAdmission } from "../domain/inventory-commands.ts";
import type { SeatWish } from "../domain/inventory-seats.ts";
import type { Position } from "../eventstore/port.ts";
import { cartStream } from "../eventstore/streams.ts";
import type { Surroundings } from "../ports.ts";
import { unkeyed } from "./aggregate.ts";
import { CartLines, type HeldLine, NO_TICKETS } from "./cart-lines.ts";
import { CartSetting } from "./cart-setting.ts";
import type { CommandRunner } from "./command-runner.ts";
import type { InventoryRunner } from "./events.ts";
import { Busy, type CommandContext } from "./outcome.ts";
import type { Buyer } from "./reservations.ts";
import { Turns } from "./turns.ts";

export type CartRunner = CommandRunner<Cart, CartCommand, CartEvent>;

export type CartOutcome = { readonly accepted: true; readonly position: Position } | Refused;

export interface CartCommandsDependencies {
  readonly carts: CartRunner;
  readonly inventories: InventoryRunner;
  readonly surroundings: Pick<Surroundings, "newId" | "pause" | "random">;
}

/** How often something is done afresh because the cart became another meanwhile. */
const MAX_ATTEMPTS = 8;
const MAX_PAUSE_MS = 20;

/**
 * What buyers do with carts. Each step spans the cart and the inventories of its lines, in an order that neither a crash
 * nor another node can spoil (`cart-setting.ts`).
 *
 * All of these may throw Busy, StoreUnavailable, OutcomeUnknown, ClockLost.
 */
export class CartCommands {
  readonly #carts: CartRunner;
  readonly #lines: CartLines;
  readonly #setting: CartSetting;
  readonly #surroundings: CartCommandsDependencies["surroundings"];
  readonly #turns = new Turns();

  constructor({ carts, inventories, surroundings }: CartCommandsDependencies) {
    this.#carts = carts;
    this.#lines = new CartLines(inventories);
    this.#setting = new CartSetting(carts, this.#lines, surroundings.newId);
    this.#surroundings = surroundings;
  }

  /** The account's cart as it is on record, and the time at which it is (epoch milliseconds). */
  look(accountId: string): Promise<{ readonly cart: Cart; readonly atMs: number }> {
    return this.#carts.look(cartStream(accountId), (cart, atMs) => ({ cart, atMs }));
  }

  /**
   * Sets the line of a ticket type to so many tickets; 0 removes it. Where there is no cart to put it into, one is
   * opened. What is refused is refused before anything is recorded, but for a race that is lost.
   *
   * Refusals: `ticket-type-not-found`, those of the sale, `currency-mixed`, `limit-exceeded`, `payment-in-progress`.
   */
  setLine(
    buyer: Buyer,
    line: CartLine,
    wish: number | SeatWish,
    context: CommandContext,
    admission?: GivenAdmission,
  ): Promise<CartOutcome> {
    const tickets = typeof wish === "number" ? { quantity: wish } : wish;
    if (tickets.quantity === 0) return this.removeLine(buyer, line.ticketTypeId, context);
    return this.#again(buyer, () => this.#setting.set({ ...buyer, admission }, line, tickets, unkeyed(context)));
  }

  /** Gives a line's tickets back; accepted as well when there is no such line. Refusal: `payment-in-progress`. */
  removeLine(buyer: Buyer, ticketTypeId: string, context: CommandContext): Promise<CartOutcome> {
    return this.#turns.take(buyer.accountId, async () => {
      const { position } = await this.expire(buyer.accountId, context);
      const { cart, atMs } = await this.look(buyer.accountId);
      if (cart.status === "checkout") return refuse("payment-in-progress");
      const line = isActive(cart, atMs) ? cart.lines.find((one) => one.ticketTypeId === ticketTypeId) : undefined;
      if (line === undefined || !isActive(cart, atMs)) return { accepted: true, position };
      const released = await this.#lines.set(cart, line, buyer, NO_TICKETS, context);
      return released.accepted ? { accepted: true, position: later(position, released.position) } : released;
    });
  }

  /**
   * Ends the cart and gives all its tickets back. First it is on record as cleared, so that nothing is put in or bought
   * meanwhile; a crash before all is given back is made good by asking again, or by the cart's `expiresAt`.
   *
   * Refusal: `payment-in-progress`.
   */
  clear(buyer: Buyer, context: CommandContext): Promise<CartOutcome> {
    return this.#again(buyer, async () => {
      const { position } = await this.expire(buyer.accountId, context);
      const { cart, atMs } = await this.look(buyer.accountId);
      if (cart.status === "none") return { accepted: true, position };
      const { cartId, lines } = cart;
      const cleared = await this.#run(buyer.accountId, { type: "Clear", cartId, lines: lines.length }, context);
      if (!cleared.accepted) return cleared;
      if (isActive(cart, atMs) && cleared.events.length === 0) return "again"; // another node was faster
      const released = cart.status === "completed" ? 0n : await this.#release(cart, buyer, context);
      return { accepted: true, position: later(cleared.position, released) };
    });
  }

  /**
   * Takes the cart for a booking; the same booking may ask again. Refusals: `cart-expired`, `payment-in-progress`.
   */
  checkOut(accountId: string, cartId: string, bookingId: string, context: CommandContext): Promise<CartOutcome> {
    return this.#turns.take(accountId, () => this.#run(accountId, { type: "CheckOut", cartId, bookingId }, context));
  }

  /** What a cart holds, asked of the inventories; nothing when it is not the account's last one. */
  async lines(accountId: string, cartId: string): Promise<readonly HeldLine[]> {
    const { cart } = await this.look(accountId);
    return cart.status === "none" || cart.cartId !== cartId ? [] : this.#lines.held(cart);
  }

  /** The booking came to nothing: the cart is its owner's again, until its time is over. Never refused. */
  reopen(accountId: string, cartId: string, bookingId: string, context: CommandContext): Promise<CartOutcome> {
    return this.#run(accountId, { type: "Reopen", cartId, bookingId }, context);
  }

  /** The booking is paid. What was put in too late to be bought with it is given back. Never refused. */
  async complete(accountId: string, cartId: string, bookingId: string, context: CommandContext): Promise<CartOutcome> {
    const { cart } = await this.look(accountId); // in checkout its lines are its last
    const completed = await this.#run(accountId, { type: "Complete", cartId, bookingId }, context);
    const isBought = (cart.status === "checkout" || cart.status === "completed") && cart.bookingId === bookingId;
    if (isBought && cart.cartId === cartId) await this.#release(cart, { accountId, guest: false }, context);
    return completed;
  }

  /** Records that the cart's time is over, if it is. */
  async expire(accountId: string, context: CommandContext): Promise<{ readonly position: Position }> {
    const outcome = await this.#run(accountId, { type: "Expire" }, context);
    if (!outcome.accepted) throw new Error(`a cart refused to expire: ${outcome.code}`);
    return outcome;
  }

  /** Does it in the buyer's turn, afresh whenever the cart became another meanwhile. */
  #again(buyer: Buyer, attempt: () => Promise<CartOutcome | "again">): Promise<CartOutcome> {
    return this.#turns.take(buyer.accountId, async () => {
      for (let attempts = 0; attempts < MAX_ATTEMPTS; attempts += 1) {
        const outcome = await attempt();
        if (outcome !== "again") return outcome;
        await this.#surroundings.pause(this.#surroundings.random() * MAX_PAUSE_MS);
      }
      throw new Busy("the cart keeps changing");
    });
  }

  #run(accountId: string, command: Parameters<CartRunner["run"]>[1], context: CommandContext) {
    return this.#carts.run(cartStream(accountId), command, unkeyed(context));
  }

  /** Gives back all that a cart holds and no booking has. @returns where the last of it is on record */
  async #release(cart: KnownCart, buyer: Buyer, context: CommandContext): Promise<Position> {
    const released = await Promise.all(
      cart.lines.map((line) => this.#lines.set(cart, line, buyer, NO_TICKETS, context)),
    );
    return released.reduce<Position>((last, one) => (one.accepted ? later(last, one.position) : last), 0n);
  }
}

const later = (a: Position, b: Position): Position => (a > b ? a : b);
