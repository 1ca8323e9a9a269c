import type { OwnEvent } from "../belongings.ts";
import type { Buyer } from "../buyer.ts";
import type { Sale } from "../stage.ts";
import type { Command, Told, Wish } from "../wish.ts";

interface EventBody {
  readonly eventId: string;
  readonly version: number;
  readonly status: string;
  readonly ticketTypes: readonly {
    readonly ticketTypeId: string;
    readonly name: string;
    readonly price: { readonly amount: number };
    readonly total: number;
  }[];
}

const OF_CHANGES = ["event-cancelled"];
const LATEST_TYPES = 6;

export const organizing: readonly Command[] = [
  {
    name: "create an event",
    weight: 6,
    wish: (buyer) =>
      buyer.isOrganizer && buyer.account !== null && (!buyer.stage.isFull || buyer.chance.is(0.3))
        ? create(buyer)
        : null,
  },
  {
    name: "patch an event",
    weight: 1,
    wish: (buyer) =>
      ofEvent(buyer, (event) => {
        const holdTtlSeconds = 2 + buyer.chance.below(20);
        const name = `Night ${crypto.randomUUID()}`;
        const changes = buyer.chance.of([{ name }, { name, holdTtlSeconds }, { name, guestsAllowed: true }]);
        return change(buyer, event, "PATCH", "/events/:eventId", [], changes);
      }),
  },
  {
    name: "patch an event of before",
    weight: 1,
    wish: (buyer) =>
      ofEvent(buyer, (event) => {
        if (event.version < 2) return null;
        const wish = change(buyer, event, "PATCH", "/events/:eventId", [], { name: "Never" });
        return { ...wish, ifMatch: `"${event.version - 1}"`, refusals: [...wish.refusals, "version-mismatch"] };
      }),
  },
  { name: "publish", weight: 4, wish: (buyer) => ofEvent(buyer, publish(buyer), true) },
  { name: "pause an event", weight: 0.5, wish: (buyer) => ofEvent(buyer, turn(buyer, "pause")) },
  { name: "resume an event", weight: 4, wish: (buyer) => ofEvent(buyer, turn(buyer, "resume")) },
  { name: "pause a ticket type", weight: 0.5, wish: (buyer) => ofType(buyer, turnType(buyer, "pause")) },
  { name: "resume a ticket type", weight: 4, wish: (buyer) => ofType(buyer, turnType(buyer, "resume")) },
  {
    name: "add a ticket type",
    weight: 0.7,
    wish: (buyer) =>
      ofEvent(buyer, (event) =>
        event.ticketTypes.length >= LATEST_TYPES
          ? null
          : { ...change(buyer, event, "POST", "/events/:eventId/ticket-types", [], aType(buyer)), isKeyed: true },
      ),
  },
  {
    name: "change a ticket type",
    weight: 1,
    wish: (buyer) =>
      ofType(buyer, (event, { ticketTypeId }) => {
        const { chance } = buyer;
        const maxPerUser = chance.of([null, 2, 4, 6]);
        const price = { amount: 100 * (1 + chance.below(30)), currency: "EUR" };
        return changeType(buyer, event, ticketTypeId, chance.of([{ maxPerUser }, { price }, { maxPerUser, price }]));
      }),
  },
  {
    name: "change a capacity",
    weight: 6,
    wish: (buyer) =>
      ofType(buyer, (event, { ticketTypeId, total }) => {
        const by = buyer.chance.is(0.75) ? 1 + buyer.chance.below(3) : -1 - buyer.chance.below(3);
        return changeType(buyer, event, ticketTypeId, { capacity: Math.max(1, total + by) });
      }),
  },
  {
    name: "remove a ticket type",
    weight: 0.6,
    wish: (buyer) =>
      ofType(buyer, ({ eventId, as, ...event }, { ticketTypeId }) => ({
        ...{ method: "DELETE", route: "/events/:eventId/ticket-types/:ticketTypeId", of: [eventId, ticketTypeId], as },
        ...{
          isKeyed: false,
          refusals: [...OF_CHANGES, "has-commitments", "last-ticket-type", "ticket-type-not-found"],
        },
        took: () => {
          const ticketTypes = event.ticketTypes.filter((one) => one.ticketTypeId !== ticketTypeId);
          buyer.own.events.drop((one) => one.eventId === eventId);
          buyer.own.events.add({ ...event, eventId, as, ticketTypes });
          const staged = buyer.stage.find(eventId);
          const sales = staged?.sales.filter((one) => one.ticketTypeId !== ticketTypeId) ?? [];
          if (staged !== undefined) buyer.stage.put({ ...staged, sales });
        },
      })),
  },
  {
    name: "cancel an event",
    weight: 0.4,
    wish: (buyer) =>
      ofEvent(buyer, ({ eventId, as }) => ({
        ...{ method: "POST", route: "/events/:eventId/cancel", of: [eventId], as, isKeyed: true, refusals: [] },
        took: () => {
          buyer.own.events.drop((one) => one.eventId === eventId);
          if (buyer.chance.is(0.5)) buyer.stage.takeDown(eventId); // others try to buy what is cancelled
        },
      })),
  },
  {
    name: "look at event",
    weight: 3,
    wish: (buyer) => {
      const event = buyer.stage.anEvent(buyer.chance);
      if (event === null) return null;
      return {
        method: "GET",
        route: "/events/:eventId",
        of: [event.eventId],
        as: buyer.me,
        isKeyed: false,
        refusals: [],
      };
    },
  },
];

/** Small and hot: few tickets, short terms, half of it free of charge. */
function aType({ chance }: Buyer) {
  const price = chance.is(0.5) ? { price: { amount: 100 * (1 + chance.below(90)), currency: "EUR" } } : {};
  const maxPerUser = chance.is(0.3) ? { maxPerUser: 2 + chance.below(4) } : {};
  const capacity = 1 + chance.below(chance.is(0.6) ? 5 : 25);
  return { name: `Class ${crypto.randomUUID()}`, capacity, maxPerOrder: 4, ...price, ...maxPerUser };
}

function create(buyer: Buyer): Wish {
  const { chance, account } = buyer;
  const types = Array.from({ length: chance.is(0.4) ? 1 : 1 + chance.below(3) }, () => aType(buyer));
  const draft = chance.is(0.2) ? { draft: true } : {};
  const holdTtlSeconds = 3 + chance.below(25);
  const code = chance.is(0.3) ? { code: crypto.randomUUID() } : {};
  const name = `Evening ${crypto.randomUUID()}`;
  return {
    ...{ method: "POST", route: "/events", as: account, isKeyed: true, refusals: [] },
    body: { name, holdTtlSeconds, guestsAllowed: chance.is(0.85), ...code, ...draft, ticketTypes: types },
    otherBody: { name: `${name}!`, totalSeats: 3 },
    readBack: ({ body }) => eventAt((body as EventBody).eventId),
    took: (told) => keep(buyer, told),
  };
}

const eventAt = (eventId: string) => ({ name: "look at event", route: "/events/:eventId", of: [eventId] });

/** Keeps an event as it was answered last, and puts it on the stage once it is public. */
export function keep(buyer: Buyer, { body }: Told): void {
  const { eventId, version, status, ticketTypes } = body as EventBody;
  const { account, stage, own } = buyer;
  if (account === null || status === "CANCELLED" || status === "ENDED") return;
  const isDraft = status === "DRAFT";
  own.events.drop((one) => one.eventId === eventId);
  own.events.add({ eventId, as: account, isDraft, version, ticketTypes });
  if (isDraft) return;
  const sales = ticketTypes.map(({ ticketTypeId, name, price }): Sale => {
    return { eventId, ticketTypeId, name, priceMinor: price.amount };
  });
  const bookings = stage.find(eventId)?.bookings ?? [];
  stage.put({ eventId, organizer: buyer.number, sales, bookings });
}

function change(
  buyer: Buyer,
  { eventId, as }: OwnEvent,
  method: "PATCH" | "POST",
  route: string,
  of: readonly string[],
  body?: object,
): Wish {
  return {
    ...{ method, route, of: [eventId, ...of], as, isKeyed: method === "POST", refusals: OF_CHANGES },
    ...(body === undefined ? {} : { body }),
    readBack: () => eventAt(eventId),
    took: (told) => keep(buyer, told),
  };
}

function changeType(buyer: Buyer, event: OwnEvent, ticketTypeId: string, body: object): Wish {
  const wish = change(buyer, event, "PATCH", "/events/:eventId/ticket-types/:ticketTypeId", [ticketTypeId], body);
  return { ...wish, refusals: [...OF_CHANGES, "ticket-type-not-found", "capacity-below-commitments"] };
}

const publish = (buyer: Buyer) => (event: OwnEvent) => change(buyer, event, "POST", "/events/:eventId/publish", []);

const turn = (buyer: Buyer, verb: "pause" | "resume") => (event: OwnEvent) =>
  change(buyer, event, "POST", `/events/:eventId/${verb}`, []);

const turnType =
  (buyer: Buyer, verb: "pause" | "resume") => (event: OwnEvent, type: OwnEvent["ticketTypes"][number]) => {
    const route = `/events/:eventId/ticket-types/:ticketTypeId/${verb}`;
    const wish = change(buyer, event, "POST", route, [type.ticketTypeId]);
    return { ...wish, refusals: [...OF_CHANGES, "ticket-type-not-found"] };
  };

function ofEvent(buyer: Buyer, wish: (event: OwnEvent) => Wish | null, isDraft = false): Wish | null {
  const own = buyer.own.events.all.filter((one) => !isDraft || one.isDraft);
  return own.length === 0 ? null : wish(buyer.chance.of(own));
}

function ofType(
  buyer: Buyer,
  wish: (event: OwnEvent, type: OwnEvent["ticketTypes"][number]) => Wish | null,
): Wish | null {
  return ofEvent(buyer, (event) =>
    event.ticketTypes.length === 0 ? null : wish(event, buyer.chance.of(event.ticketTypes)),
  );
}
