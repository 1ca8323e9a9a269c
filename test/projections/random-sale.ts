import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { type InventoryCommand, inventory } from "../../src/domain/inventory.ts";
import type { InventoryEvent } from "../../src/domain/inventory-events.ts";
import { endsAtMs, type OpenedInventory } from "../../src/domain/inventory-state.ts";
import { inventoryStream } from "../../src/eventstore/streams.ts";
import { type Fact, MORNING, opened, PRICE, REGULAR } from "./recorded.ts";

/** What an inventory itself says after an event. */
export interface Said {
  readonly total: number;
  readonly held: number;
  readonly booked: number;
  /** Reservations that have not ended, by id. */
  readonly reservations: Readonly<Record<string, { quantity: number; bookingId: string | null; expiresAt: string }>>;
  /** Entries that wait, by place. */
  readonly waiting: readonly string[];
}

/** One step of a sale, over few ids, accounts and tickets, so that wishes get into each other's way. */
interface Step {
  readonly type: InventoryCommand["type"];
  /** Which reservation, cart or entry of a waitlist; mostly it is asked for by its owner and for the same booking. */
  readonly kind: "reservation" | "line" | "entry";
  readonly number: number;
  readonly another: number;
  readonly quantity: number;
  readonly outcome: "declined" | "abandoned" | "withdrawn" | "timed-out";
  readonly passSeconds: number;
}

const TYPES: fc.Arbitrary<InventoryCommand["type"]> = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom("Reserve" as const, "SetLine" as const) },
  { weight: 12, arbitrary: fc.constantFrom("Claim" as const, "Confirm" as const) },
  {
    weight: 16,
    arbitrary: fc.constantFrom(
      "JoinWaitlist" as const,
      "LetGo" as const,
      "ReturnTickets" as const,
      "HoldAgain" as const,
    ),
  },
  {
    weight: 8,
    arbitrary: fc.constantFrom(
      "Release" as const,
      "Extend" as const,
      "LeaveWaitlist" as const,
      "ChangeCapacity" as const,
    ),
  },
);

const step = fc.record({
  type: TYPES,
  kind: fc.constantFrom("reservation" as const, "reservation" as const, "line" as const, "entry" as const),
  number: fc.nat(4),
  another: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 1),
  quantity: fc.integer({ min: 0, max: 3 }),
  outcome: fc.constantFrom("declined" as const, "abandoned" as const, "withdrawn" as const, "timed-out" as const),
  passSeconds: fc.constantFrom(0, 0, 0, 0, 0, 0, 1, 30, 300),
});

/** At the end of some of them the event is cancelled. */
export const sales: fc.Arbitrary<readonly Step[]> = fc
  .tuple(
    fc.array(step, { minLength: 50, maxLength: 90, size: "max" }),
    fc.option(step),
    fc.array(step, { maxLength: 10, size: "max" }),
  )
  .map(([before, close, after]) => [
    ...before,
    ...(close === null ? [] : [{ ...close, type: "CloseInventory" as const }]),
    ...after,
  ]);

/** What the real decider records when these steps are asked of it, and what its state says after each event. */
export function runSale(steps: readonly Step[]): readonly { readonly fact: Fact; readonly said: Said }[] {
  const eventId = randomUUID();
  const ids = new Map<string, string>();
  const idOf = (kind: string, number: number) => {
    const id = ids.get(`${kind}${number}`) ?? randomUUID();
    ids.set(`${kind}${number}`, id);
    return id;
  };
  const log: { fact: Fact; said: Said }[] = [];
  let atMs = Date.parse(MORNING);
  const opening = opened({ eventId, capacity: 9 });
  let state = inventory.evolve(inventory.initialState(), opening.event as InventoryEvent) as OpenedInventory;
  log.push({ fact: opening, said: said(state, []) });
  let entries: string[] = [];
  const run = (command: InventoryCommand) => {
    const decision = inventory.decide(command, state);
    if (!decision.accepted) return;
    for (const event of decision.events) {
      state = inventory.evolve(state, event) as OpenedInventory;
      if (event.type === "WaitlistJoined") {
        const { entryId } = event.data;
        entries = [...entries.filter((one) => one !== entryId), entryId];
      }
      const at = new Date(atMs).toISOString();
      log.push({
        fact: { stream: inventoryStream(eventId, REGULAR), event, at, key: null },
        said: said(state, entries),
      });
    }
    for (const staged of inventory.stagedIn(state)) staged.commit();
  };
  for (const step of steps) {
    atMs += 1_000 * step.passSeconds;
    // Without its claim hardly anything would be confirmed.
    if (step.type === "Confirm") run(commandOf({ ...step, type: "Claim" }, atMs, idOf));
    const command = commandOf(step, atMs, idOf);
    if (isPossible(command, state)) run(command);
    run({ type: "LapseDue", atMs });
  }
  return log;
}

/** An entry's id is new when it joins, and its tickets can be held again only after they were offered and claimed. */
function isPossible(command: InventoryCommand, { tables }: OpenedInventory): boolean {
  if (command.type === "HoldAgain") return tables.waitlist.get(command.reservationId) === undefined;
  if (command.type === "JoinWaitlist") return tables.reservations.get(command.entryId) === undefined;
  return true;
}

/** @param entries all that ever waited, in the order of arrival */
function said(state: OpenedInventory, entries: readonly string[]): Said {
  const { capacity, held, booked, tables } = state;
  const reservations = [...tables.reservations.entries()].map(([id, reservation]) => [
    id,
    {
      quantity: reservation.quantity,
      bookingId: reservation.claim?.bookingId ?? null,
      expiresAt: new Date(reservation.claim?.deadlineMs ?? endsAtMs(reservation)).toISOString(),
    },
  ]);
  const waiting = entries.filter((entryId) => tables.waitlist.get(entryId) !== undefined);
  return { total: capacity, held, booked, reservations: Object.fromEntries(reservations), waiting };
}

function commandOf(step: Step, atMs: number, idOf: (kind: string, number: number) => string): InventoryCommand {
  const { type, number, quantity, outcome } = step;
  const of = (kind: string) => idOf(kind, number);
  const kind = type === "JoinWaitlist" || type === "LeaveWaitlist" ? "entry" : type === "SetLine" ? "line" : step.kind;
  const reservationId = of(type === "Reserve" ? "reservation" : kind);
  const accountId = idOf(`account of ${kind}`, number + step.another);
  const bookingId = idOf("booking", number + step.another);
  const deadlineMs = atMs + 60_000;
  switch (type) {
    case "Reserve": {
      const owner = idOf("account of reservation", number);
      const term = { guest: false, quantity: quantity + 1, holdTtlSeconds: 300 };
      return { type, atMs, reservationId, accountId: owner, ...term };
    }
    case "SetLine":
      return {
        type,
        atMs,
        reservationId,
        cartId: of("cart"),
        accountId,
        guest: false,
        quantity,
        expiresAtMs: atMs + 300_000,
      };
    case "Claim":
      return { type, atMs, reservationId, bookingId, accountId, deadlineMs };
    case "HoldAgain":
      return { type, atMs, reservationId, bookingId, accountId, quantity: quantity + 1, unitPrice: PRICE, deadlineMs };
    case "Confirm":
      return { type, atMs, reservationId, bookingId };
    case "LetGo":
      return { type, atMs, reservationId, bookingId, outcome };
    case "ReturnTickets":
      return { type, atMs, reservationId, bookingId, ordinals: quantity === 0 ? [0] : [0, quantity] };
    case "JoinWaitlist":
      return {
        type,
        atMs,
        entryId: reservationId,
        accountId,
        guest: false,
        quantity: quantity + 1,
        offerTtlSeconds: 300,
      };
    case "LeaveWaitlist":
      return { type, atMs, entryId: reservationId, accountId };
    case "Extend":
    case "Release":
      return { type, atMs, reservationId, accountId };
    case "ChangeCapacity":
      return { type, atMs, capacity: 7 + quantity };
    case "CloseInventory":
      return { type, atMs, reason: "event-cancelled" };
    default:
      return { type: "LapseDue", atMs };
  }
}
