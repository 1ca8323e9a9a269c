import { describe, expect, it, vi } from "vitest";
import { inventory, MAX_LAPSES_PER_EVENT } from "../../src/domain/inventory.ts";
import {
  bought,
  claimed,
  claimedUntil,
  claimReleased,
  closeInventory,
  inventoryClosed,
  lineReserved,
  withdrawn,
} from "./buying-words.ts";
import { commit, stateOf } from "./given.ts";
import {
  capacityChanged,
  changeCapacity,
  expired,
  extend,
  given,
  lapseDue,
  opened,
  publish,
  release,
  released,
  reserve,
  reserved,
} from "./inventory-words.ts";
import { later, ms, noon } from "./times.ts";

describe("closing the inventory of a cancelled event", () => {
  it("is recorded once, whatever state the sale is in", () => {
    given(opened()).when(closeInventory()).then(inventoryClosed()).leaving({ status: "closed" });
    given(opened({ draft: true }))
      .when(closeInventory())
      .then(inventoryClosed());
    given(opened(), inventoryClosed()).when(closeInventory()).then();
  });

  it("ends the sale for good", () => {
    given(opened({ event: { endsAt: noon } }), inventoryClosed())
      .when(reserve("r1"))
      .thenRefused("event-cancelled");
    given(opened({ draft: true }), inventoryClosed())
      .when(reserve("r1"))
      .thenRefused("event-cancelled");
    given(opened({ draft: true }), inventoryClosed())
      .when(publish())
      .then();
  });

  it("lets nobody extend, and everybody release", () => {
    given(opened(), reserved("r1"), inventoryClosed()).when(extend("r1")).thenRefused("event-cancelled");
    given(opened(), reserved("r1"), inventoryClosed()).when(release("r1")).then(released("r1"));
  });

  it("leaves the capacity to its organizer", () => {
    given(opened(), inventoryClosed()).when(changeCapacity(5)).then(capacityChanged(10, 5));
  });
});

describe("after that, what runs in each batch", () => {
  it("takes back what nobody is paying for", () => {
    given(opened(), reserved("r2", { quantity: 2 }), lineReserved("r1"), inventoryClosed())
      .when(lapseDue())
      .then(withdrawn("r1", ["r2", 2]))
      .leaving({ held: 0 });
  });

  it("takes it back in the order of ids, in whatever order it was reserved", () => {
    for (const ids of [
      ["r2", "r3", "r1"],
      ["r1", "r2", "r3"],
    ]) {
      given(opened(), ...ids.map((id) => reserved(id)), inventoryClosed())
        .when(lapseDue())
        .then(withdrawn("r1", "r2", "r3"));
    }
  });

  it("leaves what is claimed to its booking, until that ends or the claim does", () => {
    const claims = [opened(), reserved("r1"), reserved("r2"), claimed("r1"), inventoryClosed()];
    given(...claims)
      .when(lapseDue())
      .then(withdrawn("r2"))
      .leaving({ held: 1, claimed: 1 });
    given(...claims, withdrawn("r2"))
      .when(lapseDue())
      .then();
    given(...claims, withdrawn("r2"), claimReleased("r1"))
      .when(lapseDue())
      .then(withdrawn("r1"));
    given(...claims, withdrawn("r2"))
      .when(lapseDue({ at: claimedUntil }))
      .then(expired("r1"));
  });

  it("leaves what is booked to its refund", () => {
    given(opened(), ...bought("r1"), inventoryClosed())
      .when(lapseDue())
      .then()
      .leaving({ booked: 1 });
  });

  it("lets expire what is due", () => {
    given(opened(), reserved("r1", { expiresAt: noon }), reserved("r2"), inventoryClosed())
      .when(lapseDue())
      .then(expired("r1"), withdrawn("r2"));
    given(opened(), reserved("r1", { expiresAt: noon }), inventoryClosed())
      .when(lapseDue())
      .then(expired("r1"));
  });

  it("changes nothing when nothing is held, or the inventory is not closed", () => {
    given(opened(), inventoryClosed()).when(lapseDue()).then();
    given(opened(), reserved("r1")).when(lapseDue()).then();
  });

  it("takes nothing back while as many are due as it takes", () => {
    const due = Array.from({ length: 500 }, (_, n) => reserved(`r${n + 100}`, { expiresAt: noon }));
    given(opened({ capacity: 502 }), ...due, reserved("s1"), reserved("s2"), inventoryClosed())
      .when(lapseDue())
      .then(expired(...due.map(({ data }) => data.reservationId)))
      .leaving({ held: 2 });
  });

  it("looks at nothing when only what is claimed is left", () => {
    const state = stateOf(inventory, [opened(), reserved("r1"), claimed("r1"), inventoryClosed()]);
    if (state.status === "unopened") throw new Error("not opened");
    const look = vi.spyOn(state.tables.reservations, "entries");
    expect(inventory.decide({ type: "LapseDue", atMs: ms(noon) }, state)).toEqual({ accepted: true, events: [] });
    expect(look).not.toHaveBeenCalled();
  });

  it("takes 500 at a time, what is due among them", () => {
    const id = (n: number) => `r${10_000 + n}`;
    const held = Array.from({ length: 1_200 }, (_, n) => reserved(id(n), n < 300 ? { expiresAt: noon } : {}));
    let state = stateOf(inventory, [opened({ capacity: 1_200 }), ...held, inventoryClosed()]);
    const portions: string[][] = [];
    const ended = new Set<string>();
    for (;;) {
      const decision = inventory.decide({ type: "LapseDue", atMs: ms(later(noon, 1)) }, state);
      if (!decision.accepted) throw new Error(decision.code);
      if (decision.events.length === 0) break;
      portions.push(
        decision.events.map((event) => {
          if (event.type !== "ReservationsExpired" && event.type !== "ReservationsWithdrawn")
            throw new Error(event.type);
          for (const { reservationId } of event.data.reservations) ended.add(reservationId);
          return `${event.type} ${event.data.reservations.length}`;
        }),
      );
      state = decision.events.reduce(inventory.evolve, state);
      commit(inventory, state);
    }
    expect(MAX_LAPSES_PER_EVENT).toBe(500);
    expect(portions).toEqual([
      ["ReservationsExpired 300", "ReservationsWithdrawn 200"],
      ["ReservationsWithdrawn 500"],
      ["ReservationsWithdrawn 200"],
    ]);
    expect(ended.size).toBe(1_200);
    expect(state).toMatchObject({ held: 0, booked: 0 });
  });
});
