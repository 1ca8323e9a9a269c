import type { InventoryEvent } from "../../../src/domain/inventory-events.ts";
import { START_MS } from "../../support/surroundings.ts";
import type { Answer, Ask } from "../asks.ts";
import type { Entry } from "../journal.ts";
import { boughtTickets, endsAtMs, heldTickets, type RecordedInventory, ticketsOf } from "./recorded-inventory.ts";
import type { Timeline } from "./timeline.ts";

type Granted = Extract<Answer, { told: "granted" }>;
type Refused = Extract<Answer, { told: "refused" }>;

/**
 * Why an answer can't be right: no moment between the question and the answer makes it true.
 * @param skewMs by so much the clock of whoever decided may have been off
 */
export function falseAnswer(
  { ask, answer, beganMs, endedMs }: Entry,
  timeline: Timeline,
  skewMs: number,
): string | null {
  if (answer === null) return "there was never an answer";
  switch (answer.told) {
    case "granted":
      return isGranted(ask, answer, timeline, beganMs, endedMs, skewMs) ? null : "what was granted is not on record";
    case "refused":
      return isRefusedRightly(ask, answer, timeline, beganMs, endedMs, skewMs) ? null : `${answer.code} was never true`;
    case "fault":
      return answer.why;
    case "not-run":
    case "nothing":
      return null;
  }
}

function isGranted(
  ask: Ask,
  { facts }: Granted,
  timeline: Timeline,
  beganMs: number,
  endedMs: number,
  skewMs: number,
): boolean {
  const latestMs = START_MS + endedMs + skewMs;
  const recorded = (type: InventoryEvent["type"], isIt: (data: Record<string, unknown>) => boolean) =>
    timeline.find(endedMs, (event) => event.type === type && isIt(event.data as unknown as Record<string, unknown>));
  const some = (isIt: (state: RecordedInventory) => boolean) => timeline.during(beganMs, endedMs).some(isIt);
  switch (ask.do) {
    case "reserve": {
      const { id, ...data } = facts;
      return recorded("TicketsReserved", (one) => same(one, data)) !== undefined && data.accountId === ask.account;
    }
    case "extend":
      return recorded("ReservationExtended", (one) => same(one, facts)) !== undefined;
    case "join":
      return (
        recorded("WaitlistJoined", ({ entryId, quantity, place }) => same({ id: entryId, quantity, place }, facts)) !==
        undefined
      );
    case "release":
      return some((state) => !isHeldAt(state, ask.id, latestMs));
    case "leave":
      return some(
        (state) => state.waiting.every(({ entry }) => entry !== ask.id) && !isHeldAt(state, ask.id, latestMs),
      );
    case "look":
      return some((state) =>
        same({ capacity: state.capacity, held: heldTickets(state), booked: boughtTickets(state) }, facts),
      );
    case "line":
      return some((state) => {
        const lines = [...state.held.values()].filter((one) => one.kind === "line" && one.account === ask.account);
        if (ask.quantity === 0) return lines.every((one) => endsAtMs(one) <= latestMs);
        return lines.some(({ quantity }) => quantity === ask.quantity);
      });
    case "call-off":
      return some(({ isClosed }) => isClosed);
    case "clear":
    case "capacity": // two changes may pass each other
    case "buy": // see bookings.ts
    case "cancel":
    case "refund":
      return true;
  }
}

function isRefusedRightly(
  ask: Ask,
  { code, details }: Refused,
  timeline: Timeline,
  beganMs: number,
  endedMs: number,
  skewMs: number,
): boolean {
  const began = Math.floor(START_MS + beganMs - skewMs);
  const ended = Math.ceil(START_MS + endedMs + skewMs);
  const states = timeline.during(beganMs, endedMs);
  /** At one of the moments at which it may have been decided. */
  const once = (isSo: (state: RecordedInventory, atMs: number) => boolean): boolean =>
    states.some((state) => timesOf(state, began, ended).some((atMs) => isSo(state, atMs)));
  const { account } = ask;
  if (code === "event-cancelled") return once(({ isClosed }) => isClosed) || ask.do === "capacity";
  if (ask.do === "buy" && (ask.ids === null || ask.ids.length > 1)) return WHEN_BUYING.includes(code);
  if (ask.do === "cancel" || ask.do === "refund") return WHEN_CANCELLING.includes(code);
  const id = ask.do === "buy" ? ask.ids?.[0] : "id" in ask ? ask.id : undefined;
  const held = (state: RecordedInventory) => (id === undefined ? undefined : state.held.get(id));
  switch (code) {
    case "sold-out":
      return (
        "quantity" in ask &&
        once((state, atMs) => {
          const available = forWalkUps(state, atMs);
          return available < ask.quantity && available === details.available;
        })
      );
    case "tickets-available":
      return ask.do === "join" && once((state, atMs) => forWalkUps(state, atMs) >= ask.quantity);
    case "limit-exceeded":
      return (
        "quantity" in ask &&
        once(
          (state, atMs) =>
            state.maxPerUser !== null && ticketsOf(state, account, atMs) + ask.quantity > state.maxPerUser,
        )
      );
    case "already-waiting":
      return once(
        (state, atMs) =>
          state.waiting.some((one) => one.account === account) ||
          [...state.held.values()].some(
            (one) => one.kind === "offer" && one.account === account && endsAtMs(one) > atMs,
          ),
      );
    case "reservation-not-held":
      return once((state) => held(state) === undefined);
    case "reservation-expired":
      return once((state, atMs) => {
        const one = held(state);
        return one !== undefined && endsAtMs(one) <= atMs;
      });
    case "payment-in-progress":
      return ask.do === "line" || ask.do === "clear" || once((state) => held(state)?.claim != null);
    case "too-many-attempts":
      return once((state) => (held(state)?.declined ?? 0) >= 3);
    case "reservation-not-found":
      return ask.do === "buy" && once((state) => held(state) === undefined);
    case "busy":
      return ask.do === "buy";
    case "extension-used":
      return once((state) => held(state)?.extended === true);
    case "not-extendable":
      return once((state) => {
        const one = held(state);
        return one !== undefined && one.kind !== "plain";
      });
    case "capacity-below-commitments":
      return ask.do === "capacity" && once((state) => heldTickets(state) + boughtTickets(state) > ask.capacity);
    default:
      return false;
  }
}

/** Of several things at once it is not told which; that nothing comes of a refusal is seen by the books. */
const WHEN_BUYING: readonly string[] = [
  "reservation-not-held",
  "reservation-expired",
  "reservation-not-found",
  "payment-in-progress",
  "too-many-attempts",
  "cart-empty",
  "cart-expired",
  "busy",
];
const WHEN_CANCELLING: readonly string[] = [
  "booking-not-paid",
  "payment-in-progress",
  "ticket-not-found",
  "ticket-already-cancelled",
  "refund-exceeds-payment",
];

/** The times between two at which it differs what is over. */
function timesOf({ held }: RecordedInventory, began: number, ended: number): readonly number[] {
  const ends = [...held.values()].map(endsAtMs).filter((end) => end > began && end <= ended);
  return [began, ...ends, ended];
}

/** What is left for somebody who is not in the waitlist. */
function forWalkUps(state: RecordedInventory, atMs: number): number {
  let free = state.capacity - boughtTickets(state);
  for (const one of state.held.values()) if (endsAtMs(one) > atMs) free -= one.quantity;
  for (const { account, quantity } of state.waiting) {
    const isWithin = state.maxPerUser === null || ticketsOf(state, account, atMs) + quantity <= state.maxPerUser;
    if (quantity <= free && isWithin) free -= quantity;
  }
  return free;
}

const isHeldAt = ({ held }: RecordedInventory, id: string, atMs: number): boolean => {
  const one = held.get(id);
  return one !== undefined && endsAtMs(one) > atMs;
};

/** Their JSON is, whatever the order of the fields. */
export const same = (a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): boolean =>
  Object.keys({ ...a, ...b }).every((key) => JSON.stringify(a[key]) === JSON.stringify(b[key]));
