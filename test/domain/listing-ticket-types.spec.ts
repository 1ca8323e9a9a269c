import { describe, it } from "vitest";
import type { TicketTypeTerms } from "../../src/domain/inventory-events.ts";
import type { ListingCommand } from "../../src/domain/listing.ts";
import type { ListingEvent, TicketTypeAdded, TicketTypeChanges } from "../../src/domain/listing-events.ts";
import { MAX_TICKET_TYPES, MAX_TICKET_TYPES_EVER } from "../../src/domain/listing-ticket-types.ts";
import type { SeatMap, Section } from "../../src/domain/seating/seat-map.ts";
import {
  cancelled,
  capacityListed,
  changed,
  created,
  given,
  known,
  listCapacity,
  ticketType,
} from "./listing-words.ts";
import { HALL } from "./seats-words.ts";
import { evening, morning, ms, noon } from "./times.ts";

const terms = (said: Partial<TicketTypeTerms> = {}): TicketTypeTerms => ({
  name: "balcony",
  description: null,
  price: { amount: 4500, currency: "EUR" },
  saleStartsAt: null,
  saleEndsAt: null,
  maxPerUser: null,
  maxPerOrder: 100,
  ...said,
});

const added = (ordinal: number, said: Partial<TicketTypeTerms> = {}, capacity = 10): TicketTypeAdded => ({
  type: "TicketTypeAdded",
  data: { ticketTypeId: said.name ?? "balcony", ordinal, capacity, terms: terms(said) },
});
const typeChanged = (ticketTypeId: string, changes: TicketTypeChanges): ListingEvent => ({
  type: "TicketTypeChanged",
  data: { ticketTypeId, changes },
});
const removed = (ticketTypeId: string): ListingEvent => ({ type: "TicketTypeRemoved", data: { ticketTypeId } });
const restored = (ticketTypeId: string): ListingEvent => ({ type: "TicketTypeRestored", data: { ticketTypeId } });

const atMs = ms(noon);
const add = (
  said: Partial<TicketTypeTerms> = {},
  capacity = 10,
  expectedVersion: number | null = null,
): ListingCommand => ({
  type: "AddTicketType",
  ticketTypeId: said.name ?? "balcony",
  capacity,
  terms: terms(said),
  expectedVersion,
  atMs,
});
const change = (
  ticketTypeId: string,
  changes: TicketTypeChanges,
  {
    version = null,
    openedWith = terms({ name: ticketTypeId }),
  }: { version?: number | null; openedWith?: TicketTypeTerms } = {},
): ListingCommand => ({ type: "ChangeTicketType", ticketTypeId, changes, openedWith, expectedVersion: version, atMs });
const remove = (
  ticketTypeId: string,
  { version = null, isClosed = false }: { version?: number | null; isClosed?: boolean } = {},
): ListingCommand => ({
  type: "RemoveTicketType",
  ticketTypeId,
  expectedVersion: version,
  isClosed,
  atMs,
});
const restore = (ticketTypeId: string): ListingCommand => ({ type: "RestoreTicketType", ticketTypeId, atMs });

const vip = ticketType("vip", 4);
const regular = ticketType("regular", 6);
const two = created({ capacity: 20, ticketTypes: [vip, regular] });

describe("adding a ticket type", () => {
  it("puts it after all there ever were", () => {
    given(two)
      .when(add())
      .then(added(2))
      .leaving({
        version: 2,
        ticketTypes: [known(vip, 0), known(regular, 1), known(ticketType("balcony"), 2, { opening: terms() })],
      });
    given(two, removed("vip")).when(add()).then(added(2));
  });

  it("without a price makes it free, in the event's currency", () => {
    const free = { ...add(), terms: { ...terms(), price: null } } as ListingCommand;
    given(created({}, "CHF"))
      .when(free)
      .then(added(1, { price: { amount: 0, currency: "CHF" } }));
  });

  it("takes the price in the event's currency only, and one that can be counted", () => {
    given(two)
      .when(add({ price: { amount: 1, currency: "CHF" } }))
      .thenRefused("invalid", { path: "/price/currency", message: "takes the event's, EUR" });
    given(two)
      .when(add({ price: { amount: 1_000_000_000, currency: "EUR" }, maxPerOrder: 10_000_000 }))
      .thenRefused("invalid", {
        path: "/price/amount",
        message: "is too much to count exactly in an order of `maxPerOrder`",
      });
  });

  it("takes no name twice, but that of one that was deleted", () => {
    const refusal = { path: "/name", message: "is the name of another ticket type too" };
    given(two)
      .when({ ...add({ name: "vip" }), ticketTypeId: "other" } as ListingCommand)
      .thenRefused("invalid", refusal);
    given(two, removed("vip"))
      .when({ ...add({ name: "vip" }), ticketTypeId: "other" } as ListingCommand)
      .then({ ...added(2, { name: "vip" }), data: { ...added(2, { name: "vip" }).data, ticketTypeId: "other" } });
  });

  it("takes no id twice, not even of one that was deleted", () => {
    const again = { ...add(), ticketTypeId: "vip" } as ListingCommand;
    given(two).when(again).thenRefused("already-exists");
    given(two, removed("vip")).when(again).thenRefused("already-exists");
  });

  it("stays within the event's capacity", () => {
    given(two).when(add({}, 10)).then(added(2));
    given(two).when(add({}, 11)).thenRefused("capacity-exceeded", { capacity: 20, offered: 21 });
    given(two, removed("vip"))
      .when(add({}, 14))
      .then(added(2, {}, 14));
  });

  it("judges its dates together with the event's", () => {
    given(created({ saleEndsAt: noon }))
      .when(add({ saleStartsAt: evening }))
      .thenRefused("invalid-dates", { path: "/saleStartsAt", message: "must not be after the event's saleEndsAt" });
    given(created({ saleStartsAt: noon }))
      .when(add({ saleEndsAt: morning }))
      .thenRefused("invalid-dates", { path: "/saleEndsAt", message: "must not be before saleStartsAt" });
  });

  it("is refused beyond so many at a time, and in the event's life", () => {
    const atATime = Array.from({ length: MAX_TICKET_TYPES }, (_, n) => ticketType(`type ${n}`, 1));
    const full = { atATime: MAX_TICKET_TYPES, ever: MAX_TICKET_TYPES_EVER };
    given(created({ ticketTypes: atATime }))
      .when(add())
      .thenRefused("too-many-ticket-types", full);
    given(created({ ticketTypes: atATime }), removed("type 0"))
      .when(add())
      .then(added(MAX_TICKET_TYPES));
    const ever = Array.from({ length: MAX_TICKET_TYPES_EVER - 1 }, (_, n) => [
      added(n + 1, { name: `type ${n}` }, 1),
      removed(`type ${n}`),
    ]).flat();
    given(created(), ...ever)
      .when(add())
      .thenRefused("too-many-ticket-types", full);
  });

  it("is made on the version that stands, where one is named, of an event that is not cancelled", () => {
    given(two)
      .when(add({}, 10, 7))
      .thenRefused("version-mismatch", { version: 1 });
    given(two, cancelled()).when(add()).thenRefused("event-cancelled");
    given().when(add()).thenRefused("event-not-found");
  });
});

describe("adding a ticket type with numbered seats", () => {
  const seatedType = (seatMap: SeatMap, ordinal = 2): TicketTypeAdded => {
    const { type, data } = added(ordinal, {}, 8);
    return { type, data: { ...data, seatMap } };
  };
  const addSeats = (seatMap: SeatMap, firstMaps?: readonly SeatMap[]) =>
    ({ ...add({}, 8), seatMap, ...(firstMaps === undefined ? {} : { firstMaps }) }) as ListingCommand;
  const [front, back] = HALL.sections as [Section, Section];
  const shared = (seat: string) => ({
    path: "/seatMap/sections",
    message: `${seat} is a seat of another ticket type too`,
  });

  it("puts its map on record", () => {
    given(two)
      .when(addSeats(HALL))
      .then(seatedType(HALL))
      .leaving({
        ticketTypes: [
          known(vip, 0),
          known(regular, 1),
          known(ticketType("balcony", 8), 2, { opening: terms(), seatMap: HALL }),
        ],
      });
  });

  it("takes prices of sections in the event's currency only", () => {
    const dollars = { ...back, price: { amount: 1, currency: "USD" } };
    for (const [index, sections] of [
      [0, [dollars, front]],
      [1, [front, dollars]],
    ] as const) {
      given(two)
        .when(addSeats({ sections }))
        .thenRefused("invalid", {
          path: `/seatMap/sections/${index}/price/currency`,
          message: "takes the event's, EUR",
        });
    }
  });

  it("takes no seat that another ticket type has, from the beginning or since, but of one that was deleted", () => {
    const behind = { sections: [back] };
    given(two)
      .when(addSeats(behind, [HALL]))
      .thenRefused("invalid", shared("T-A-1"));
    given(two)
      .when(addSeats(behind, [{ sections: [front] }]))
      .then(seatedType(behind));
    const other = { ...seatedType(HALL), data: { ...seatedType(HALL).data, ticketTypeId: "hall" } };
    const named = { ...other, data: { ...other.data, terms: terms({ name: "hall" }) } };
    given(created(), named).when(addSeats(behind)).thenRefused("invalid", shared("T-A-1"));
    given(created(), named, removed("hall")).when(addSeats(behind)).then(seatedType(behind));
  });
});

describe("changing a ticket type", () => {
  it("records only what is new, also against earlier changes", () => {
    given(two)
      .when(change("vip", { name: "vip", capacity: 4, maxPerUser: 2 }))
      .then(typeChanged("vip", { maxPerUser: 2 }))
      .leaving({ version: 2, ticketTypes: [known(vip, 0, { changes: { maxPerUser: 2 } }), known(regular, 1)] });
    given(two, typeChanged("vip", { maxPerUser: 2, capacity: 5 }))
      .when(change("vip", { maxPerUser: 2, capacity: 5 }))
      .then();
    given(two, typeChanged("vip", { maxPerUser: 2 }))
      .when(change("vip", { maxPerUser: null }))
      .then(typeChanged("vip", { maxPerUser: null }));
  });

  it("of everything is one change", () => {
    const all: TicketTypeChanges = {
      name: "Loge",
      description: "Up there",
      price: { amount: 9_900, currency: "EUR" },
      saleStartsAt: morning,
      saleEndsAt: evening,
      maxPerUser: 2,
      maxPerOrder: 2,
      capacity: 8,
    };
    given(two).when(change("vip", all)).then(typeChanged("vip", all)).leaving({ version: 2 });
  });

  it("keeps to the event's capacity, its currency, and the names of the others", () => {
    given(two)
      .when(change("vip", { capacity: 15 }))
      .thenRefused("capacity-exceeded", { capacity: 20, offered: 21 });
    given(two)
      .when(change("vip", { name: "regular" }))
      .thenRefused("invalid", { path: "/name", message: "is the name of another ticket type too" });
    given(two)
      .when(change("vip", { price: { amount: 1, currency: "USD" } }))
      .thenRefused("invalid", { path: "/price/currency", message: "takes the event's, EUR" });
  });

  it("judges limits and dates together with those that stand", () => {
    const expensive = terms({ name: "vip", price: { amount: 1_000_000_000_000, currency: "EUR" } });
    given(two)
      .when(change("vip", { maxPerOrder: 10_000 }, { openedWith: expensive }))
      .thenRefused("invalid", {
        path: "/price/amount",
        message: "is too much to count exactly in an order of `maxPerOrder`",
      });
    given(two, typeChanged("vip", { saleStartsAt: noon }))
      .when(change("vip", { saleEndsAt: morning }))
      .thenRefused("invalid-dates", { path: "/saleEndsAt", message: "must not be before saleStartsAt" });
  });

  it("judges each of them by itself too", () => {
    const tooMuch = { path: "/price/amount", message: "is too much to count exactly in an order of `maxPerOrder`" };
    given(two)
      .when(change("vip", { price: { amount: Number.MAX_SAFE_INTEGER, currency: "EUR" } }))
      .thenRefused("invalid", tooMuch);
    const most = { price: { amount: Number.MAX_SAFE_INTEGER / 6_361, currency: "EUR" }, maxPerOrder: 6_361 };
    given(two).when(change("vip", most)).then(typeChanged("vip", most));
    given(two, changed({ saleEndsAt: noon }))
      .when(change("vip", { saleStartsAt: evening }))
      .thenRefused("invalid-dates", { path: "/saleStartsAt", message: "must not be after the event's saleEndsAt" });
  });

  it("may go on where all together are more than the event takes, because one was taken back", () => {
    given(two, removed("vip"), added(2, {}, 14), restored("vip"))
      .when(change("vip", { name: "Loge" }))
      .then(typeChanged("vip", { name: "Loge" }));
  });

  it("does not judge what it leaves as it is", () => {
    given(two, typeChanged("vip", { saleEndsAt: noon }), changed({ saleStartsAt: evening, capacity: null }))
      .when(change("vip", { name: "Loge" }))
      .then(typeChanged("vip", { name: "Loge" }));
  });

  it("is made on the version that stands, also when nothing is new, of a ticket type that there is", () => {
    for (const changes of [{}, { name: "Loge" }]) {
      given(two)
        .when(change("vip", changes, { version: 7 }))
        .thenRefused("version-mismatch", { version: 1 });
    }
    given(two).when(change("balcony", {})).thenRefused("ticket-type-not-found");
    given(two, removed("vip"))
      .when(change("vip", { name: "x" }))
      .thenRefused("ticket-type-not-found");
    given(two, cancelled()).when(change("vip", {})).thenRefused("event-cancelled");
  });
});

describe("deleting a ticket type", () => {
  it("takes it out of the sum, and is done once", () => {
    given(two)
      .when(remove("vip"))
      .then(removed("vip"))
      .leaving({ version: 2, ticketTypes: [known(regular, 1)], removed: [known(vip, 0)] });
    given(two, removed("vip")).when(remove("vip")).then();
    given(two, removed("vip"))
      .when(remove("vip", { version: 1 }))
      .then();
  });

  it("leaves the last one", () => {
    given(two, removed("vip")).when(remove("regular")).thenRefused("last-ticket-type");
    given(two, removed("vip"))
      .when(remove("regular", { isClosed: true }))
      .then(removed("regular"));
  });

  it("is made on the version that stands, of a ticket type that there is", () => {
    given(two)
      .when(remove("vip", { version: 7 }))
      .thenRefused("version-mismatch", { version: 1 });
    given(two).when(remove("balcony")).thenRefused("ticket-type-not-found");
  });

  it("is taken back when somebody got tickets in the same moment, to where it stood, whatever came meanwhile", () => {
    given(two, removed("vip"), { ...added(2, {}, 14) })
      .when(restore("vip"))
      .then(restored("vip"))
      .leaving({
        version: 4,
        removed: [],
        ticketTypes: [known(vip, 0), known(regular, 1), known(ticketType("balcony", 14), 2, { opening: terms() })],
      });
    given(two).when(restore("vip")).then();
  });
});

describe("what an inventory has, where it could not follow", () => {
  it("is listed", () => {
    given(two, typeChanged("vip", { capacity: 2 }))
      .when(listCapacity("vip", 3))
      .then(capacityListed("vip", 3));
  });
});
