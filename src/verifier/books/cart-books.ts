import type { Fact, Report } from "./fact.ts";

/** From which states an event may follow. */
const FOLLOWS: Readonly<Record<string, readonly string[]>> = {
  CartOpened: ["none", "completed", "over", "active"],
  CartLineTouched: ["active"],
  CartCheckedOut: ["active"],
  CartReopened: ["checkout"],
  CartCompleted: ["checkout"],
  CartCleared: ["active"],
  CartExpired: ["active", "checkout"],
};

const BECOMES: Readonly<Record<string, string>> = {
  CartOpened: "active",
  CartCheckedOut: "checkout",
  CartReopened: "active",
  CartCompleted: "completed",
  CartCleared: "over",
  CartExpired: "over",
};

/** An account's carts, one after the other. */
export class CartBooks {
  readonly #report: Report;
  #status = "none";
  #cartId: string | null = null;
  #bookingId: string | null = null;

  constructor(report: Report) {
    this.#report = report;
  }

  take(fact: Fact): void {
    const { cartId, bookingId = null } = fact.data as { cartId: string; bookingId?: string };
    if (FOLLOWS[fact.type]?.includes(this.#status) !== true) {
      this.#wrong(`${fact.type} of a cart that is ${this.#status}`, fact);
    }
    if (fact.type === "CartOpened") this.#cartId = cartId;
    else if (cartId !== this.#cartId) this.#wrong(`${fact.type} of another cart than the current one`, fact);
    if (fact.type === "CartCheckedOut") this.#bookingId = bookingId;
    else if (bookingId !== null && bookingId !== this.#bookingId) this.#wrong(`${fact.type} by another booking`, fact);
    this.#status = BECOMES[fact.type] ?? this.#status;
  }

  #wrong(detail: string, fact: Fact): void {
    this.#report("cart-contradicts", detail, fact);
  }
}
