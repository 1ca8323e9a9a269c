import type { HttpReply } from "../http-client.ts";
import { codeOf, type OnSale } from "../shop.ts";
import type { Asking } from "./asking.ts";
import type { Stage } from "./stage.ts";
import type { TicketOf, Told, ToldCancellation, ToldPurchase } from "./told.ts";

export interface CrowdOptions {
  /** Bookings that are opened by a purchase, whatever becomes of them. */
  readonly purchases: number;
}

/** The larger the number, the more often. */
const METHODS: readonly (readonly [method: string, weight: number])[] = [
  ["sandbox-ok", 72],
  ["sandbox-charge", 9],
  ["sandbox-decline", 8],
  ["sandbox-slow", 4],
  ["sandbox-never", 4],
  ["sandbox-late", 3],
];

/** What a purchase may be refused for in this sale. */
const REFUSALS = new Set([
  "payment-in-progress",
  "reservation-expired",
  "too-many-attempts",
  "event-cancelled",
  "cart-empty",
  "cart-expired",
]);
/** What cancelling may be refused for: it is being paid, came to nothing, or the organizer was quicker. */
const NOT_CANCELLED = new Set(["payment-in-progress", "booking-not-paid", "ticket-already-cancelled"]);

type Wish = { readonly reservationIds: readonly string[] } | { readonly cartId: string };

interface BookingView {
  readonly bookingId: string;
  readonly status: string;
  readonly lines: readonly { readonly reservationId: string; readonly quantity: number }[];
  readonly tickets: readonly { readonly ticketId: string }[];
}

/** Buyers who reserve, buy and cancel, one thing after the other, and ask again for what they got no answer to. */
export class Crowd implements Told {
  readonly purchases: ToldPurchase[] = [];
  readonly cancellations: ToldCancellation[] = [];
  readonly surprises: string[] = [];
  /** How often what was refused, by its code. */
  readonly refused = new Map<string, number>();
  readonly #asking: Asking;
  readonly #stage: Stage;
  readonly #options: CrowdOptions;
  #keys = 0;

  constructor(asking: Asking, stage: Stage, options: CrowdOptions) {
    this.#asking = asking;
    this.#stage = stage;
    this.#options = options;
  }

  /** Resolves when enough was bought, and every buyer has his last answer. */
  async buy(tokens: readonly string[]): Promise<void> {
    await Promise.all(tokens.map((token) => this.#shop(token)));
  }

  async #shop(token: string): Promise<void> {
    while (this.purchases.length < this.#options.purchases) {
      const wish = chance(0.15) ? await this.#fillCart(token) : await this.#reserveSome(token);
      if (wish === null || chance(0.04)) continue; // some change their minds, and their tickets come back by time
      for (let attempt = 1; attempt <= 3; attempt += 1) {
        const isDeclined = await this.#purchase(token, wish);
        if (!isDeclined || chance(0.3)) break;
      }
    }
  }

  /** One reservation, or two of different events. */
  async #reserveSome(token: string): Promise<Wish | null> {
    const sales = chance(0.13) ? [this.#aSale(), this.#aSale()] : [this.#aSale()];
    const reservationIds: string[] = [];
    for (const { eventId, ticketTypeId } of sales) {
      const body = { ticketTypeId, quantity: upTo(3) };
      const reply = await this.#ask("POST", `/events/${eventId}/reservations`, token, body);
      if (reply.status === 201) reservationIds.push((reply.body as { reservationId: string }).reservationId);
      else this.#refusedBy(reply, new Set(["sold-out", "event-cancelled"]), "a reservation");
    }
    return reservationIds.length === 0 ? null : { reservationIds };
  }

  async #fillCart(token: string): Promise<Wish | null> {
    let cartId: string | null = null;
    for (let line = upTo(3); line > 0; line -= 1) {
      const { eventId, ticketTypeId } = this.#aSale();
      const path = `/cart/items/${ticketTypeId}`;
      const reply = await this.#asking.until("PUT", path, { token, body: { eventId, quantity: upTo(3) } });
      if (reply.status === 200) cartId = (reply.body as { cartId: string | null }).cartId;
      else this.#refusedBy(reply, new Set(["sold-out", "event-cancelled", "payment-in-progress"]), "a cart's line");
    }
    return cartId === null ? null : { cartId };
  }

  /** @returns whether the payment was declined */
  async #purchase(token: string, wish: Wish): Promise<boolean> {
    const method = weighted(METHODS);
    const key = this.#newKey();
    const body = { ...wish, payment: { method } };
    const reply = await this.#ask("POST", "/purchases", token, body, key);
    if (reply.status === 402) {
      const { bookingId } = reply.body as { bookingId: string };
      this.purchases.push({ key, bookingId, status: "DECLINED" });
      return true;
    }
    if (reply.status !== 201 && reply.status !== 202) {
      this.#refusedBy(reply, REFUSALS, "a purchase");
      return false;
    }
    const booking = reply.body as BookingView;
    const { bookingId, status } = booking;
    this.purchases.push({ key, bookingId, status });
    if (status === "PAID" && chance(0.12)) await this.#cancel(token, booking);
    if (status === "PENDING_PAYMENT" && chance(0.25)) await this.#cancelAll(token, bookingId);
    return false;
  }

  async #cancel(token: string, booking: BookingView): Promise<void> {
    const { bookingId, tickets } = booking;
    if (chance(0.4)) return this.#cancelAll(token, bookingId);
    const places = ticketsOf(booking);
    const chosen = places.map((place, index) => ({ place, id: tickets[index]?.ticketId })).filter(() => chance(0.5));
    if (chosen.length === 0) return;
    const reply = await this.#ask("POST", `/bookings/${bookingId}/cancel`, token, {
      ticketIds: chosen.map(({ id }) => id),
    });
    if (reply.status === 200) this.cancellations.push({ bookingId, tickets: chosen.map(({ place }) => place) });
    else this.#refusedBy(reply, NOT_CANCELLED, "a cancellation");
  }

  async #cancelAll(token: string, bookingId: string): Promise<void> {
    const reply = await this.#ask("POST", `/bookings/${bookingId}/cancel`, token, {});
    if (reply.status !== 200) return this.#refusedBy(reply, NOT_CANCELLED, "a cancellation");
    this.cancellations.push({ bookingId, tickets: null });
    const { status } = reply.body as BookingView;
    if (status !== "CANCELLED") this.surprises.push(`booking ${bookingId} is ${status} after it was cancelled`);
  }

  /** Some are impatient: they send the same to two nodes at once, or again after the answer. All get the same thing. */
  async #ask(method: "POST", path: string, token: string, body: object, key = this.#newKey()): Promise<HttpReply> {
    const once = () => this.#asking.until(method, path, { token, key, body });
    if (!chance(0.06)) return once();
    const [first, second] = chance(0.5) ? [await once(), await once()] : await Promise.all([once(), once()]);
    const made = [thingIn(first), thingIn(second)];
    if (made[0] !== undefined && made[1] !== undefined && made[0] !== made[1]) {
      this.surprises.push(`${key}: ${method} ${path} made ${made[0]} and ${made[1]}`);
    }
    return thingIn(first) === undefined ? second : first;
  }

  #refusedBy(reply: HttpReply, known: ReadonlySet<string>, what: string): void {
    const code = codeOf(reply) ?? "";
    const said = `${what}: ${reply.status} ${code}`;
    this.refused.set(said, (this.refused.get(said) ?? 0) + 1);
    if (!known.has(code)) this.surprises.push(`${said} ${JSON.stringify(reply.body)}`);
  }

  #aSale(): OnSale {
    const { plenty, scarce, free, calledOff } = this.#stage;
    if (chance(0.1)) return anyOf(scarce);
    if (chance(0.04)) return free;
    return chance(0.08) ? calledOff.sale : anyOf(plenty);
  }

  #newKey(): string {
    this.#keys += 1;
    return `key ${this.#keys}`;
  }
}

const chance = (share: number): boolean => Math.random() < share;
const upTo = (most: number): number => 1 + Math.floor(Math.random() * most);
const anyOf = <One>(all: readonly One[]): One => all[Math.floor(Math.random() * all.length)] as One;

function weighted<One>(all: readonly (readonly [one: One, weight: number])[]): One {
  let left = Math.random() * all.reduce((sum, [, weight]) => sum + weight, 0);
  for (const [one, weight] of all) {
    left -= weight;
    if (left < 0) return one;
  }
  return (all[0] as readonly [One, number])[0];
}

/** The tickets of a booking that was just paid, in the order in which it lists them: line by line. */
const ticketsOf = ({ lines }: BookingView): TicketOf[] =>
  lines.flatMap(({ reservationId, quantity }) =>
    Array.from({ length: quantity }, (_, ordinal) => ({ reservationId, ordinal })),
  );

/** The id of what a request made. */
function thingIn({ body }: HttpReply): string | undefined {
  const made = body as { readonly bookingId?: string; readonly reservationId?: string } | null;
  return made?.bookingId ?? made?.reservationId;
}
