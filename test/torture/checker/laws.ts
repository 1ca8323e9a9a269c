import type { InventoryEvent } from "../../../src/domain/inventory-events.ts";
import { broken } from "../../simulation/checks/inventory-laws.ts";
import { after, type RecordedInventory, ticketsOf } from "../../simulation/checks/recorded-inventory.ts";

/** An event of an inventory, in its order. */
export interface Told {
  readonly revision: number;
  readonly event: InventoryEvent;
  readonly atMs: number;
}

/** One ticket type, event by event, with arithmetic that knows the rules and nothing of the code. */
export class TicketTypeBooks {
  readonly stream: string;
  /** What can't be, in order. */
  readonly violations: string[] = [];
  state: RecordedInventory;
  #last: { readonly told: Told; readonly before: RecordedInventory; readonly next: RecordedInventory } | null = null;
  #isBroken = false;

  constructor(stream: string, initial: RecordedInventory) {
    this.stream = stream;
    this.state = initial;
  }

  take(told: Told): void {
    this.#judge(told.event);
    if (this.#isBroken) return;
    const before = this.state;
    try {
      this.state = after(before, told.event);
      this.#last = { told, before, next: this.state };
    } catch (error) {
      // What follows from what can't be says nothing more.
      this.#isBroken = true;
      this.#wrong(told, error instanceof Error ? error.message : String(error));
    }
  }

  end(): void {
    this.#judge(undefined);
  }

  /** The event before, now that it is known what follows it. */
  #judge(following: InventoryEvent | undefined): void {
    if (this.#last === null) return;
    const { told, before, next } = this.#last;
    this.#last = null;
    for (const fault of [
      ...broken(told.event, before, next, told.atMs, following),
      ...againstTheTerms(told, before, following),
    ]) {
      this.#wrong(told, fault);
    }
  }

  #wrong({ revision, event }: Told, fault: string): void {
    this.violations.push(`${this.stream}@${revision} ${event.type}: ${fault}`);
  }
}

/** Given out though the organizer's terms forbid it: while it was paused, after the end, beyond what one may have. */
function againstTheTerms(
  { event, atMs }: Told,
  before: RecordedInventory,
  following: InventoryEvent | undefined,
): readonly string[] {
  const given = givenBy(event);
  if (given.length === 0 || isHeldAgain(event, following)) return [];
  const faults: string[] = [];
  if (before.isClosed || before.isRemoved) faults.push("given out when there was nothing to be had any more");
  if (before.paused.size > 0) faults.push("given out while the sale was paused");
  const { maxPerUser } = before;
  for (const { account, quantity } of given) {
    const has = ticketsOf(before, account, atMs);
    if (maxPerUser !== null && has + quantity > maxPerUser) {
      faults.push(`${account} gets ${quantity} beside ${has}, and may have ${maxPerUser}`);
    }
  }
  return faults;
}

const givenBy = ({ type, data }: InventoryEvent) =>
  type === "TicketsReserved"
    ? [{ account: data.accountId, quantity: data.quantity }]
    : type === "TicketsOffered"
      ? data.offers.map(({ accountId: account, quantity }) => ({ account, quantity }))
      : [];

/** A payment that came too late takes its tickets again, whatever the terms are by now. */
const isHeldAgain = (event: InventoryEvent, following: InventoryEvent | undefined): boolean =>
  event.type === "TicketsReserved" &&
  following?.type === "ReservationClaimed" &&
  following.data.reservationId === event.data.reservationId &&
  following.data.deadline === event.data.expiresAt;
