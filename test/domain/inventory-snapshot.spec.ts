import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inventory } from "../../src/domain/inventory.ts";
import { readInventory, writeInventory } from "../../src/domain/inventory-snapshot.ts";
import type { Inventory } from "../../src/domain/inventory-state.ts";
import { BLOCKED, FREE, HELD, SOLD } from "../../src/domain/seating/seat-table.ts";
import { bought, claimed, claimReleased, confirmed, lineReserved, returned } from "./buying-words.ts";
import { stateOf } from "./given.ts";
import { everythingOf, Run } from "./inventory-run.ts";
import { batches, opening } from "./inventory-wishes.ts";
import { HOLD_TTL_MS, opened, price, released, reserved } from "./inventory-words.ts";
import { blocked, HALL, hallOpened, seatsClaimed, seatsReserved, unblocked } from "./seats-words.ts";
import { later, ms, noon } from "./times.ts";
import { join, joined, offered } from "./waitlist-words.ts";

const throughJson = (state: Inventory): Inventory => readInventory(JSON.parse(JSON.stringify(writeInventory(state))));

/** How each seat stands, by its id. */
function seatsOf(state: Inventory) {
  const seats = state.status === "unopened" ? null : state.tables.seats;
  if (seats === null) throw new Error("not numbered");
  return Object.fromEntries(Array.from({ length: seats.plan.size }, (_, n) => [seats.plan.idOf(n), seats.statusOf(n)]));
}

describe("a snapshot of an inventory", () => {
  it("answers as the inventory does, and goes on as it does", () => {
    fc.assert(
      fc.property(opening, batches, (start, work) => {
        const run = new Run(start);
        for (const { passesMs, wishes } of work) {
          run.atMs += passesMs;
          for (const one of wishes) run.do(one);
          run.commit();
          expect(everythingOf(throughJson(run.state), run.atMs)).toEqual(everythingOf(run.state, run.atMs));
        }
      }),
      { numRuns: 100 },
    );
  });

  it("knows what few reservations have: a claim, declined payments, another price, tickets that came back", () => {
    const cheap = reserved("r1");
    const unitPrice = { amount: 3000, currency: "EUR" };
    const state = stateOf(inventory, [
      opened({ maxPerUser: 9 }),
      { ...cheap, data: { ...cheap.data, unitPrice } },
      lineReserved("line"),
      claimed("r1", { unitPrice }),
      claimReleased("r1", { declined: true }),
      claimed("line"),
      ...bought("r2", { quantity: 3 }),
      returned("r2", [1]),
    ]);
    const again = throughJson(state);
    expect(everythingOf(again, ms(noon))).toEqual(everythingOf(state, ms(noon)));
    if (again.status === "unopened") throw new Error("not opened");
    const { reservations, booked } = again.tables;
    expect(reservations.get("r1")).toMatchObject({ unitPrice, declined: 1, claim: null, kind: "plain" });
    expect(reservations.get("line")).toMatchObject({ declined: 0, claim: { bookingId: "booking" }, kind: "cart-line" });
    expect(reservations.get("line")?.unitPrice).toBe(again.terms.price);
    expect(booked.get("r2")).toEqual({ accountId: "ada", bookingId: "booking", quantity: 3, returned: [1] });
    expect(again.tables.ticketsOf("ada")).toBe(4);
  });

  it("knows which seats are free, held, sold and blocked, and what each cost", () => {
    const dear = { unitPrice: { amount: 100, currency: "EUR" }, prices: [100, 9000] };
    const two = seatsReserved("r1", ["S-A-3", "T-A-1"]);
    const state = stateOf(inventory, [
      hallOpened(),
      { ...two, data: { ...two.data, ...dear } },
      seatsReserved("r2", ["S-A-4"]),
      seatsReserved("r3", ["T-A-2", "T-A-3"]),
      seatsClaimed("r3", ["T-A-2", "T-A-3"]),
      confirmed("r3", { quantity: 2 }),
      returned("r3", [1]),
      seatsReserved("r4", ["S-A-1"]),
      seatsClaimed("r4", ["S-A-1"]),
      confirmed("r4"),
      blocked("S-A-5"),
      unblocked("T-A-4"),
    ]);
    const again = throughJson(state);
    expect(seatsOf(again)).toEqual({
      ...{ "S-A-1": SOLD, "S-A-2": FREE, "S-A-3": HELD, "S-A-4": HELD, "S-A-5": BLOCKED },
      ...{ "T-A-1": HELD, "T-A-2": SOLD, "T-A-3": FREE, "T-A-4": FREE },
    });
    if (again.status === "unopened") throw new Error("not opened");
    expect(again.tables.reservations.get("r1")).toMatchObject(dear);
    expect(again.tables.reservations.get("r2")).toMatchObject({ prices: undefined });
    expect(everythingOf(again, ms(noon))).toEqual(everythingOf(state, ms(noon)));
    for (const staged of inventory.stagedIn(again)) staged.rollback();
    expect(seatsOf(again), "it is durable").toEqual(seatsOf(state));
  });

  it("knows who waits, for what and for how long, and who has an offer", () => {
    const again = throughJson(
      stateOf(inventory, [
        opened({ capacity: 2 }),
        reserved("r1", { by: "eve", quantity: 1 }),
        reserved("r2", { by: "fay", quantity: 1 }),
        joined("ada", 1),
        released("r1"),
        offered("ada"),
        joined("bob", 1, { quantity: 2, offerTtlSeconds: 60 }),
        joined("cyd", 2),
      ]),
    );
    if (again.status === "unopened") throw new Error("not opened");
    expect([...again.tables.waitlist.entries()]).toEqual([
      { entryId: "bob", accountId: "bob", quantity: 2, offerTtlSeconds: 60 },
      { entryId: "cyd", accountId: "cyd", quantity: 1, offerTtlSeconds: 3_600 },
    ]);
    expect(inventory.decide(join("again", { by: "ada" }), again)).toMatchObject({ code: "already-waiting" });
    expect(inventory.decide(join("fay"), again)).toMatchObject({ accepted: true });
  });

  it("takes no room for what a reservation doesn't have: there may be 100,000", () => {
    const written = writeInventory(stateOf(inventory, [opened(), reserved("r1"), ...bought("r2", { quantity: 2 })]));
    expect(written).toMatchObject({ waitlist: { entryIds: [] }, admissions: [] });
    if (written.status === "unopened") throw new Error("not opened");
    expect(written.reservations).toEqual({
      ...{ ids: ["r1"], accountIds: ["ada"], quantities: [1], expiresAtMs: [ms(later(noon, HOLD_TTL_MS))] },
      ...{ extended: [0], prices: [price], priced: [0], kinds: [0], claims: [], declined: [], ticketPrices: [] },
    });
    expect(written.bookedTickets).toEqual({
      ...{ ids: ["r2"], accountIds: ["ada"], bookingIds: ["booking"], quantities: [2], returned: [] },
    });
    const hall = writeInventory(stateOf(inventory, [hallOpened()]));
    expect(hall).toMatchObject({ seating: { map: HALL, blocked: [8] } });
  });

  it("may be one of an inventory that is not opened", () => {
    expect(throughJson(inventory.initialState())).toEqual(inventory.initialState());
  });
});
