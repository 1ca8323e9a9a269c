import { describe, expect, it } from "vitest";
import { consistentReads } from "../../src/projections/consistent-read.ts";
import { readSide } from "../../src/projections/database.ts";
import { eventDetailsQueries } from "../../src/projections/event-details/queries.ts";
import { project, projectionSpecs, readModelDatabase } from "./given.ts";
import {
  changed,
  created,
  EVENING,
  EVENT,
  type Fact,
  inListing,
  NOON,
  opened,
  PRICE,
  REGULAR,
  recordedBy,
  released,
  removed,
  reserved,
  salePaused,
  saleResumed,
  TERMS,
  typeChanged,
  VIP,
} from "./recorded.ts";
import { hallOpened } from "./recorded-seats.ts";

const { given } = projectionSpecs();

const euros = (amount: number) => ({ ...PRICE, amount });

const listed = (type: "ListingPaused" | "ListingResumed"): Fact => inListing({}, { type, data: {} });
const coded = (code: string | null, currency = "EUR"): Fact =>
  inListing({}, { type: "ListingChanged", data: { changes: {}, code, currency } });

describe("ticket types as their page shows them", () => {
  it("take changes over field by field, whatever the order of the batches", () =>
    given(
      opened(),
      opened({ ticketTypeId: VIP, ordinal: 1 }),
      typeChanged({ name: "Balcony", maxPerUser: 4 }),
      typeChanged({ price: { amount: 5_000, currency: "EUR" }, maxPerUser: null, description: "nul \0 here" }),
    ).then({
      ticket_types: [
        { terms: { ...TERMS, name: "Balcony", price: { amount: 5_000, currency: "EUR" }, description: "nul  here" } },
        { terms: TERMS },
      ],
    }));

  it("are paused by themselves and with the event, each apart", () =>
    given(opened(), salePaused("event"), salePaused("ticket-type"), saleResumed("event")).then({
      ticket_types: [{ event_paused: false, paused: true }],
    }));

  it("have from where to where the prices of their sections go, where there are some", () =>
    given(hallOpened(), opened({ ticketTypeId: VIP, ordinal: 1 })).then({
      ticket_types: [
        { reserved_seating: true, section_prices: { min: 9_000, max: 9_000, others: true } },
        { reserved_seating: false, section_prices: null },
      ],
    }));

  it("are gone when they were deleted, though what happened to them still counts for the revision", () =>
    given(opened({ capacity: 70 }), created(), removed(70)).then({
      ticket_types: [{ ticket_type_id: REGULAR, is_removed: true }],
      availability: [{ total: 0, held: 0, booked: 0, changes: "2" }],
    }));
});

describe("events", () => {
  it("are paused and resumed, and each raises the version", () =>
    given(created(), listed("ListingPaused")).then({ events: [{ paused: true, version: 2 }] }));

  it("are as they were when they are resumed", () =>
    given(created(), listed("ListingPaused"), changed({ name: "Spring" }), listed("ListingResumed")).then({
      events: [{ paused: false, version: 4 }],
    }));

  it("get another code or none, and another currency; other changes leave them alone", async () => {
    await given(created({ code: "WS" }), coded("SPRING", "USD"), changed({ name: "Spring" })).then({
      events: [{ code: "SPRING", currency: "USD" }],
    });
    await given(created({ code: "WS" }), coded(null)).then({ events: [{ code: null, currency: "EUR" }] });
  });
});

describe("prices that events are found by", () => {
  const row = (prices: object, min: string | null, max: string | null) => ({
    search: [{ event_id: EVENT, prices, min_price: min, max_price: max }],
  });
  const two = [opened(), opened({ ticketTypeId: VIP, terms: { price: euros(14_900) } }), created()];
  const costs = (amount: number, ticketTypeId = REGULAR) => typeChanged({ price: euros(amount) }, { ticketTypeId });

  it("go up and down with those of the ticket types", async () => {
    await given(...two).then(row({ [REGULAR]: 4_500, [VIP]: 14_900 }, "4500", "14900"));
    await given(...two, costs(20_000)).then(row({ [REGULAR]: 20_000, [VIP]: 14_900 }, "14900", "20000"));
    await given(...two, costs(5_000, VIP)).then(row({ [REGULAR]: 4_500, [VIP]: 5_000 }, "4500", "5000"));
    await given(...two, typeChanged({ name: "Balcony" })).then(
      row({ [REGULAR]: 4_500, [VIP]: 14_900 }, "4500", "14900"),
    );
  });

  it("are without those that were deleted", async () => {
    await given(...two, removed(100)).then(row({ [VIP]: 14_900 }, "14900", "14900"));
    await given(...two, removed(100), removed(100, { ticketTypeId: VIP })).then(row({}, null, null));
  });

  describe("of numbered seats", () => {
    const found = (min: string | null, max: string | null, seats?: object) => ({
      search: [{ event_id: EVENT, min_price: min, max_price: max, ...(seats && { section_prices: seats }) }],
    });
    const rows = [{ name: "A", seats: "1-3" }];
    /** Stalls at 9,000, a circle at 6,000, and nothing else. */
    const ALL_PRICED = {
      sections: [
        { name: "STALLS", price: euros(9_000), rows },
        { name: "CIRCLE", price: euros(6_000), rows },
      ],
    };
    const priced = [opened({ seatMap: ALL_PRICED, terms: { price: euros(0) } }), created()];
    const partly = [hallOpened(), created()]; // 9,000, and three seats at the ticket type's 4,500

    it("are those of the sections, and the ticket type's only where a section has none", async () => {
      await given(...priced).then(found("6000", "9000", { [REGULAR]: { min: 6_000, max: 9_000, others: false } }));
      await given(...partly).then(found("4500", "9000", { [REGULAR]: { min: 9_000, max: 9_000, others: true } }));
      await given(opened({ seatMap: { sections: [{ name: "S", rows }] } }), created()).then(found("4500", "4500", {}));
    });

    it("stand beside those of other ticket types", async () => {
      await given(...priced, opened({ ticketTypeId: VIP, ordinal: 1 })).then(found("4500", "9000"));
      await given(...priced, hallOpened({ ticketTypeId: VIP, ordinal: 1 }), costs(10_000, VIP)).then(
        found("6000", "10000"),
      );
    });

    it("stay when the ticket type's price changes, but where a section has none", async () => {
      await given(...priced, costs(20_000)).then(found("6000", "9000"));
      await given(...priced, costs(20_000), costs(1)).then(found("6000", "9000"));
      await given(...partly, costs(20_000)).then(found("9000", "20000"));
      await given(...partly, costs(1)).then(found("1", "9000"));
    });

    it("are gone with the ticket type", async () => {
      await given(...priced, opened({ ticketTypeId: VIP, ordinal: 1 }), removed(6)).then(found("4500", "4500", {}));
      await given(...partly, removed(5)).then(found(null, null, {}));
    });
  });
});

describe("what is asked for", () => {
  const asked = async (...facts: readonly Fact[]) => {
    await using database = await readModelDatabase();
    await project(database.pool, ...recordedBy()(...facts).map((one) => [one]));
    const progress = { projected: () => undefined, reached: async () => true, close: async () => undefined };
    const side = readSide(database.pool, consistentReads({ progress, head: async () => null }));
    const at = (time: string) => ({ minPosition: null, nowMs: Date.parse(time) });
    const event = await eventDetailsQueries(side).get(EVENT, at(NOON));
    const { value: recorded } = await eventDetailsQueries(side).recorded(EVENT);
    const statusAt = async (time: string) =>
      (await eventDetailsQueries(side).get(EVENT, at(time)))?.ticketTypes.map(({ saleStatus }) => saleStatus);
    return { event, recorded, statuses: [await statusAt(NOON), await statusAt(EVENING)] };
  };

  it("says PAUSED while the sale is paused, by itself or with the event, until the event is over", async () => {
    const both = [opened(), opened({ ticketTypeId: VIP, ordinal: 1, capacity: 1 })];
    const one = await asked(...both, created(), salePaused("ticket-type"));
    expect(one.event).toMatchObject({ paused: false, ticketTypes: [{ paused: true }, { paused: false }] });
    expect(one.statuses).toEqual([
      ["PAUSED", "OPEN"],
      ["CLOSED", "CLOSED"],
    ]);
    const all = await asked(...both, created(), listed("ListingPaused"), salePaused("event"));
    expect(all.event).toMatchObject({ paused: true, ticketTypes: [{ paused: false }, { paused: false }] });
    expect(all.statuses[0]).toEqual(["PAUSED", "OPEN"]);
    expect((await asked(...both, created({ draft: true }), salePaused("event"))).statuses[0]?.[0]).toBe("UPCOMING");
  });

  it("says what seats cost where sections have prices, as it is after the ticket type's has changed", async () => {
    const partly = [hallOpened(), opened({ ticketTypeId: VIP, ordinal: 1 }), created()];
    const priced = await asked(...partly);
    expect(priced.event?.ticketTypes[0]).toMatchObject({ price: PRICE, minPrice: PRICE, maxPrice: euros(9_000) });
    expect(Object.keys(priced.event?.ticketTypes[1] ?? {})).not.toContain("minPrice");
    const changed = await asked(...partly, typeChanged({ price: euros(20_000) }));
    expect(changed.event?.ticketTypes[0]).toMatchObject({ minPrice: euros(9_000), maxPrice: euros(20_000) });
  });

  it("has nothing of what was deleted but its part of the revision, which never goes back", async () => {
    const story = [
      opened(),
      opened({ ticketTypeId: VIP, ordinal: 1, capacity: 7 }),
      created(),
      reserved(1),
      released(1),
    ];
    const before = await asked(...story);
    const after = await asked(...story, removed(100));
    expect([before.recorded?.revision, after.recorded?.revision]).toEqual([4, 5]);
    expect(after.event).toMatchObject({ total: 7, available: 7, ticketTypes: [{ ticketTypeId: VIP, total: 7 }] });
    expect(after.event?.ticketTypes).toHaveLength(1);
  });
});
