import { type Action, nthOf, type Scene } from "./actions.ts";
import { answerOf } from "./answers.ts";
import { sharesOf, timeOf } from "./expected/begin.ts";
import { cameToNothing, cancelForEvent, drive } from "./expected/bookings.ts";
import { completeCart, expireCart, reopenCart } from "./expected/carts.ts";
import { callOff, changeEvent, type EventChange, publish } from "./expected/events.ts";
import { GRACE_MS, granted, known, type Office, typeOf } from "./expected/office.ts";
import { addType, changeType, deleteType, setPaused } from "./expected/organizers.ts";
import { changeCapacity, touch, touchAll } from "./expected/tickets.ts";
import { type Node, policyOf, timeIn } from "./product.ts";
import type { Change, What } from "./steps.ts";

export type Organizing = Extract<
  What,
  {
    do:
      | "pause"
      | "change-type"
      | "add-type"
      | "delete-type"
      | "capacity"
      | "change"
      | "publish"
      | "call-off"
      | "lapse"
      | "cart-timer"
      | "see-to-all";
  }
>;

/** What organizers do, and what happens by itself. */
export function organizingAction(what: Organizing, scene: Scene, startMs: number): Action {
  const { office, users, typeIds, eventIds } = scene;
  switch (what.do) {
    case "capacity": {
      const typeId = known(nthOf(typeIds, what.type));
      const { eventId } = typeOf(office, typeId);
      const { capacity } = what;
      return {
        kind: what.do,
        words: `there are ${capacity} of ${typeId}`,
        key: null,
        ask: (on) =>
          answerOf(() =>
            on.events.changeTicketType({ eventId, ticketTypeId: typeId }, { capacity }, null, on.context()),
          ),
        expect: () => changeCapacity(office, typeId, capacity),
      };
    }
    case "change-type": {
      const typeId = known(nthOf(typeIds, what.type));
      const { eventId, currency } = typeOf(office, typeId);
      const { change } = what;
      const changes = "price" in change ? { price: { amount: change.price, currency } } : change;
      return {
        kind: what.do,
        words: `${typeId} changes: ${JSON.stringify(change)}`,
        key: null,
        ask: (on) =>
          answerOf(() => on.events.changeTicketType({ eventId, ticketTypeId: typeId }, changes, null, on.context())),
        expect: () => changeType(office, typeId, change),
      };
    }
    case "delete-type": {
      const typeId = known(nthOf(typeIds, what.type));
      const ref = { eventId: typeOf(office, typeId).eventId, ticketTypeId: typeId };
      return {
        kind: what.do,
        words: `${typeId} is deleted`,
        key: null,
        ask: (on) => answerOf(() => on.events.removeTicketType(ref, null, on.context())),
        expect: () => deleteType(office, typeId),
      };
    }
    case "lapse": {
      const typeId = known(nthOf(typeIds, what.type));
      return {
        kind: what.do,
        words: `${typeId} is seen to`,
        key: null,
        ask: (on) => answerOf(() => lapse(on, office, typeId)),
        expect: () => {
          touch(office, typeOf(office, typeId));
          return granted;
        },
      };
    }
    case "cart-timer": {
      const { account } = known(users[what.user]);
      return {
        kind: what.do,
        words: `the cart of ${account} is seen to`,
        key: null,
        ask: (on) => answerOf(async () => ({ accepted: true, ...(await on.cartTimer(account)) })),
        expect: () => {
          seeToCart(office, account);
          return granted;
        },
      };
    }
    case "see-to-all":
      return {
        kind: what.do,
        words: "everything is seen to",
        key: null,
        ask: (on) => answerOf(() => seeToAll(on, scene)),
        expect: () => {
          expectAllSeenTo(scene);
          return granted;
        },
      };
  }
  const drafts = what.do === "publish" ? eventIds.filter((id) => office.events.get(id)?.isDraft === true) : [];
  const event = known(office.events.get(known(nthOf([...drafts, ...eventIds], drafts.length > 0 ? 0 : what.event))));
  const { id } = event;
  switch (what.do) {
    case "pause": {
      const typeId = what.type === null ? null : known(nthOf(event.typeIds, what.type));
      const { paused } = what;
      return {
        kind: what.do,
        words: `${typeId ?? id} is ${paused ? "paused" : "resumed"}`,
        key: null,
        ask: (on) =>
          answerOf(() => on.events.setPaused({ eventId: id, ticketTypeId: typeId }, paused, null, on.context())),
        expect: () => setPaused(office, event, typeId, paused),
      };
    }
    case "add-type": {
      const { capacity, price, maxPerUser, maxPerOrder } = what.type;
      const { currency } = typeOf(office, known(event.typeIds[0]));
      const name = `Class ${event.typeIds.length}`;
      const window = { description: null, saleStartsAt: null, saleEndsAt: null };
      const terms = { name, ...window, price: { amount: price, currency }, maxPerUser, maxPerOrder };
      return {
        kind: what.do,
        words: `${id} gets ${name}: ${JSON.stringify(what.type)}`,
        key: null,
        ask: (on) =>
          answerOf(async () => {
            const outcome = await on.events.addTicketType(id, { capacity, terms }, null, on.context());
            return outcome.accepted ? { ...outcome, id: outcome.ticketTypeId } : outcome;
          }),
        expect: (ticketTypeId) => {
          const verdict = addType(office, event, ticketTypeId, what.type);
          if (verdict.granted && ticketTypeId !== "") scene.addType({ eventId: id, ticketTypeId });
          return verdict;
        },
      };
    }
    case "change": {
      const { details, change } = changeOf(what.change, startMs);
      return {
        kind: what.do,
        words: `${id} changes: ${JSON.stringify(what.change)}`,
        key: null,
        ask: (on) => answerOf(() => on.events.change(id, details, null, on.context())),
        expect: () => changeEvent(office, event, change),
      };
    }
    case "publish":
      return {
        kind: what.do,
        words: `${id} is published`,
        key: null,
        ask: (on) => answerOf(() => on.events.publish(id, on.context())),
        expect: () => publish(office, event),
      };
    case "call-off":
      return {
        kind: what.do,
        words: `${id} is called off`,
        key: null,
        ask: (on) => answerOf(() => on.events.cancel(id, on.context())),
        expect: () => callOff(office, event),
      };
  }
}

/** A change as the product takes it, and as the model does. */
function changeOf(change: Change, startMs: number): { readonly details: object; readonly change: EventChange } {
  if ("saleEndsInMs" in change) {
    const { saleEndsInMs } = change;
    return {
      details: { saleEndsAt: timeIn(saleEndsInMs) },
      change: { saleEndsAtMs: timeOf(saleEndsInMs, startMs) },
    };
  }
  if ("policy" in change) {
    return { details: { refundPolicy: policyOf(change.policy) }, change: { policy: sharesOf(change.policy, startMs) } };
  }
  if ("holdTtlSeconds" in change) return { details: change, change: { holdTtlMs: change.holdTtlSeconds * 1_000 } };
  return { details: change, change };
}

async function lapse(on: Node, office: Office, ticketTypeId: string) {
  const { eventId } = typeOf(office, ticketTypeId);
  while ((await on.reservations.lapseDue({ eventId, ticketTypeId }, on.context())).remaining);
  return { accepted: true } as const;
}

/** What timers and the walk over the bookings of cancelled events do, in the same order as the model. */
async function seeToAll(on: Node, { office, users, typeIds }: Scene) {
  for (const typeId of typeIds) await lapse(on, office, typeId);
  for (const { id: eventId, isCancelled } of office.events.values()) {
    if (!isCancelled) continue;
    await on.cancellation.empty(eventId, on.context());
    for (const { id, lines } of office.bookings.values()) {
      if (!lines.some(({ event }) => event === eventId)) continue;
      const outcome = await on.bookingCommands.cancelForEvent(id, eventId, on.context());
      if (outcome.accepted) await on.process.drive(id, on.context());
    }
  }
  for (const id of office.bookings.keys()) await on.process.seeTo(id, on.context());
  for (const { account } of users) await on.cartTimer(account);
  return { accepted: true } as const;
}

function expectAllSeenTo({ office, users, typeIds }: Scene): void {
  for (const typeId of typeIds) touch(office, typeOf(office, typeId));
  for (const event of office.events.values()) {
    if (!event.isCancelled) continue;
    touchAll(office, event);
    for (const booking of office.bookings.values()) {
      if (!booking.lines.some((line) => line.event === event.id)) continue;
      if (cancelForEvent(booking, event.id).granted) drive(office, booking);
    }
  }
  for (const booking of office.bookings.values()) drive(office, booking);
  for (const { account } of users) seeToCart(office, account);
}

/** A cart whose time is over ends; one whose purchase ended is its owner's again, or done with. */
function seeToCart(office: Office, account: string): void {
  expireCart(office, account);
  const cart = office.carts.get(account);
  if (cart?.status !== "checkout") return;
  const booking = known(office.bookings.get(known(cart.booking ?? undefined)));
  drive(office, booking);
  if (cameToNothing(booking)) {
    // As long as it may be paid late, the cart stays with it.
    if (!booking.isLetGo && office.nowMs < booking.deadlineMs + GRACE_MS) return;
    reopenCart(office, account, booking.id);
    expireCart(office, account);
  } else if (booking.status !== "open") completeCart(office, account, booking.id);
}
