import { describe, expect, it, vi } from "vitest";
import {
  type InventoryCommand,
  inventory,
  MAX_LAPSES_PER_COMMAND,
  MAX_LAPSES_PER_EVENT,
} from "../../src/domain/inventory.ts";
import type { InventoryEvent } from "../../src/domain/inventory-events.ts";
import type { Inventory } from "../../src/domain/inventory-state.ts";
import { MAX_APPEND_BYTES } from "../../src/eventstore/port.ts";
import { commit, stateOf } from "./given.ts";
import { changeCapacity, expired, given, lapseDue, opened, released, reserve, reserved } from "./inventory-words.ts";
import { justBefore, later, noon } from "./times.ts";

describe("recording what is due", () => {
  it("ends what is due, oldest first, and nothing else", () => {
    given(
      opened(),
      reserved("r1", { expiresAt: later(noon, -1_000) }),
      reserved("r2", { expiresAt: later(noon, 1) }),
      reserved("r3", { expiresAt: later(noon, -5_000), quantity: 2 }),
      reserved("r4", { expiresAt: noon }),
    )
      .when(lapseDue({ at: noon }))
      .then(expired(["r3", 2], "r1", "r4"))
      .leaving({ held: 1 });
  });

  it("changes nothing when nothing is due, not even one instant early", () => {
    given(opened()).when(lapseDue()).then();
    given(opened(), reserved("r1", { expiresAt: noon }))
      .when(lapseDue({ at: justBefore(noon) }))
      .then();
  });

  it("goes on whatever the state of the sale", () => {
    given(opened({ event: { endsAt: noon } }), reserved("r1", { expiresAt: noon }))
      .when(lapseDue({ at: noon }))
      .then(expired("r1"));
  });

  it("ends a reservation once, also under an id that was used before for the same second", () => {
    given(
      opened(),
      reserved("r1", { expiresAt: noon }),
      released("r1"),
      reserved("r1", { quantity: 2, expiresAt: noon }),
    )
      .when(lapseDue({ at: noon }))
      .then(expired(["r1", 2]))
      .leaving({ held: 0 });
  });

  it("is refused where no such ticket type is", () => {
    given().when(lapseDue()).thenRefused("ticket-type-not-found");
  });

  it("takes 500 at a time", () => {
    const due = Array.from({ length: 501 }, (_, i) => reserved(`r${100 + i}`, { expiresAt: noon }));
    given(opened({ capacity: 501 }), ...due)
      .when(lapseDue())
      .then(expired(...due.slice(0, 500).map(({ data }) => data.reservationId)))
      .leaving({ held: 1 });
  });
});

describe("a wave of 20,000 reservations due at the same second", () => {
  const WAVE = 20_000;
  const uuid = (i: number) => `00000000-0000-7000-8000-${String(i).padStart(12, "0")}`;
  const wave = (opening: Parameters<typeof opened>[0] = {}): Inventory =>
    stateOf(inventory, [
      opened({ capacity: WAVE, maxPerOrder: WAVE, ...opening }),
      ...Array.from({ length: WAVE }, (_, i) => reserved(uuid(i), { by: `account-${i}`, expiresAt: noon })),
    ]);

  const eventsOf = (command: InventoryCommand, state: Inventory): readonly InventoryEvent[] => {
    const decision = inventory.decide(command, state);
    if (!decision.accepted) throw new Error(`refused: ${decision.code}`);
    return decision.events;
  };

  it("is recorded in 40 portions, each reservation once", () => {
    let state = wave();
    const ended: string[] = [];
    const portions: number[] = [];
    while (portions.length <= WAVE / MAX_LAPSES_PER_EVENT) {
      const events = eventsOf(lapseDue(), state);
      if (events.length === 0) break;
      const ids = events.flatMap((event) =>
        event.type === "ReservationsExpired" ? event.data.reservations.map((one) => one.reservationId) : [],
      );
      ended.push(...ids);
      portions.push(ids.length);
      state = events.reduce(inventory.evolve, state);
      commit(inventory, state);
    }
    expect(portions).toEqual(Array(WAVE / MAX_LAPSES_PER_EVENT).fill(MAX_LAPSES_PER_EVENT));
    expect(new Set(ended).size).toBe(WAVE);
    expect(state).toMatchObject({ held: 0, capacity: WAVE });
  });

  it("lets one buyer have a ticket at the cost of one lapse", () => {
    const events = eventsOf(reserve("r1"), wave());
    expect(events).toEqual([expired(uuid(0)), reserved("r1")]);
  });

  it("builds no decision over the limit of an append", () => {
    const greedy = eventsOf(reserve("r1", { quantity: MAX_LAPSES_PER_COMMAND }), wave());
    const portions = greedy.filter((event) => event.type === "ReservationsExpired");
    expect(portions.map((event) => event.data.reservations.length)).toEqual(
      Array(MAX_LAPSES_PER_COMMAND / MAX_LAPSES_PER_EVENT).fill(MAX_LAPSES_PER_EVENT),
    );
    const envelopeBytes = 1_024;
    const bytes = greedy.reduce((sum, event) => sum + JSON.stringify(event).length + envelopeBytes, 0);
    expect(bytes).toBeLessThan(0.8 * MAX_APPEND_BYTES);
  });

  it("frees at most 10,000 for one command; the rest is free for the next", () => {
    const shrinking = changeCapacity(WAVE - MAX_LAPSES_PER_COMMAND - 1);
    const state = wave();
    expect(inventory.decide(shrinking, state)).toEqual({
      accepted: false,
      code: "capacity-below-commitments",
      details: { committed: WAVE - MAX_LAPSES_PER_COMMAND, capacity: WAVE },
    });
    const next = eventsOf(lapseDue(), state).reduce(inventory.evolve, state);
    commit(inventory, next);
    expect(inventory.decide(shrinking, next)).toMatchObject({ accepted: true });
  });

  it("costs a returning buyer a look at his own reservations, not at the wave", () => {
    const state = wave({ maxPerUser: 1 });
    if (state.status === "unopened") throw new Error("not opened");
    const look = vi.spyOn(state.tables.reservations, "get");
    const again = reserve("again", { by: `account-${WAVE - 1}` });
    expect(eventsOf(again, state)).toEqual([expired(uuid(0)), reserved("again", { by: `account-${WAVE - 1}` })]);
    expect(look.mock.calls.length).toBeLessThan(10);
  });
});
