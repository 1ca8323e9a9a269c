import type { InventoryEvent } from "../../src/domain/inventory-events.ts";
import type { BoughtPicture, HeldPicture, TypePicture } from "./picture.ts";

/** One ticket type as its log tells it. */
export class RecordedType {
  #capacity = 0;
  #held: Record<string, HeldPicture> = {};
  readonly #bought: Record<string, BoughtPicture> = {};
  #waiting: readonly string[] = [];
  /** Lines of carts that no booking ever had, with their carts. */
  readonly #untouched = new Map<string, string>();

  /** @returns bookings that it tells of */
  take(event: InventoryEvent): readonly string[] {
    switch (event.type) {
      case "InventoryOpened":
        this.#capacity = event.data.capacity;
        break;
      case "CapacityChanged":
        this.#capacity = event.data.capacity;
        break;
      case "InventoryRemoved":
        this.#capacity -= event.data.capacity;
        break;
      case "TicketsReserved": {
        const { reservationId, accountId, quantity, unitPrice, expiresAt, cartId } = event.data;
        const kind = cartId === undefined ? "plain" : "line";
        if (cartId !== undefined) this.#untouched.set(reservationId, cartId);
        this.#put(reservationId, newHeld(accountId, quantity, unitPrice.amount, expiresAt, kind));
        break;
      }
      case "TicketsOffered":
        for (const { entryId, accountId, quantity, expiresAt } of event.data.offers) {
          this.#waiting = this.#waiting.filter((entry) => entry !== entryId);
          this.#put(entryId, newHeld(accountId, quantity, event.data.unitPrice.amount, expiresAt, "offer"));
        }
        break;
      case "ReservationExtended":
        this.#change(event.data.reservationId, { extended: true, endsAtMs: Date.parse(event.data.expiresAt) });
        break;
      case "ReservationQuantityChanged":
        this.#change(event.data.reservationId, { quantity: event.data.quantity });
        break;
      case "ReservationClaimed": {
        const { reservationId, bookingId: booking, deadline } = event.data;
        this.#untouched.delete(reservationId);
        this.#change(reservationId, { claim: { booking, deadlineMs: Date.parse(deadline) } });
        return [booking];
      }
      case "ClaimReleased": {
        const { reservationId, declined } = event.data;
        const before = this.#held[reservationId]?.declined ?? 0;
        this.#change(reservationId, { claim: null, declined: before + (declined ? 1 : 0) });
        break;
      }
      case "ReservationReleased":
        this.#end(event.data.reservationId);
        break;
      case "ReservationsExpired":
      case "ReservationsWithdrawn":
        for (const { reservationId } of event.data.reservations) this.#end(reservationId);
        break;
      case "ReservationConfirmed": {
        const { reservationId, bookingId: booking, accountId: account, quantity } = event.data;
        this.#end(reservationId);
        const tickets = Array.from({ length: quantity }, (_, n) => n);
        this.#bought[reservationId] = { account, booking, tickets };
        break;
      }
      case "TicketsReturned": {
        const { reservationId, ordinals } = event.data;
        const before = this.#bought[reservationId];
        if (before === undefined || ordinals.some((one) => !before.tickets.includes(one))) throw unknown(reservationId);
        const tickets = before.tickets.filter((one) => !ordinals.includes(one));
        if (tickets.length > 0) this.#bought[reservationId] = { ...before, tickets };
        else delete this.#bought[reservationId];
        break;
      }
      case "WaitlistJoined":
        this.#waiting = [...this.#waiting, event.data.entryId];
        break;
      case "WaitlistLeft":
        this.#waiting = this.#waiting.filter((entry) => entry !== event.data.entryId);
        break;
      case "WaitlistEnded": {
        const ended = new Set(event.data.entries.map(({ entryId }) => entryId));
        this.#waiting = this.#waiting.filter((entry) => !ended.has(entry));
        break;
      }
    }
    return [];
  }

  get bought(): Readonly<Record<string, BoughtPicture>> {
    return this.#bought;
  }

  get held(): Readonly<Record<string, HeldPicture>> {
    return this.#held;
  }

  /** Lines whose time is not over, and that no booking ever had. */
  lines(nowMs: number): readonly { readonly id: string; readonly account: string; readonly cart: string }[] {
    return [...this.#untouched].flatMap(([id, cart]) => {
      const held = this.#held[id];
      return held === undefined || held.endsAtMs <= nowMs ? [] : [{ id, account: held.account, cart }];
    });
  }

  /** What must not be, at any revision. */
  faults(): readonly string[] {
    const held = Object.values(this.#held).reduce((sum, { quantity }) => sum + quantity, 0);
    const booked = Object.values(this.#bought).reduce((sum, { tickets }) => sum + tickets.length, 0);
    return held + booked > this.#capacity ? [`${held} held and ${booked} booked of ${this.#capacity}`] : [];
  }

  picture(): TypePicture {
    return { capacity: this.#capacity, held: { ...this.#held }, bought: { ...this.#bought }, waiting: this.#waiting };
  }

  #put(id: string, held: HeldPicture): void {
    if (this.#held[id] !== undefined || this.#bought[id] !== undefined) throw new Error(`${id} is held twice`);
    this.#held[id] = held;
  }

  #change(id: string, change: Partial<HeldPicture>): void {
    const before = this.#held[id];
    if (before === undefined) throw unknown(id);
    this.#held[id] = { ...before, ...change };
  }

  #end(id: string): void {
    if (this.#held[id] === undefined) throw unknown(id);
    delete this.#held[id];
    this.#untouched.delete(id);
  }
}

const unknown = (id: string): Error => new Error(`${id} has nothing that could end`);

const newHeld = (
  account: string,
  quantity: number,
  price: number,
  expiresAt: string,
  kind: HeldPicture["kind"],
): HeldPicture => ({
  account,
  quantity,
  price,
  endsAtMs: Date.parse(expiresAt),
  kind,
  extended: false,
  declined: 0,
  claim: null,
});
