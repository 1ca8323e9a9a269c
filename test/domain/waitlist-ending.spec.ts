import { describe, expect, it } from "vitest";
import { type InventoryCommand, inventory } from "../../src/domain/inventory.ts";
import type { InventoryClosed, InventoryEvent } from "../../src/domain/inventory-events.ts";
import type { Inventory } from "../../src/domain/inventory-state.ts";
import { MAX_APPEND_BYTES } from "../../src/eventstore/port.ts";
import { commit, stateOf } from "./given.ts";
import {
  changeCapacity,
  expired,
  given,
  lapseDue,
  opened,
  released,
  reserve,
  reserved,
  termsChanged,
} from "./inventory-words.ts";
import { justBefore, later, noon } from "./times.ts";
import { ended, join, joined, offered } from "./waitlist-words.ts";

const soldOut = [opened({ capacity: 1 }), reserved("r1", { by: "eve" })] as const;
const closed: InventoryClosed = { type: "InventoryClosed", data: { reason: "event-cancelled" } };

describe("a waitlist ends", () => {
  it("when the sale has closed, not one instant before", () => {
    const until = termsChanged({ saleEndsAt: noon });
    given(...soldOut, joined("ada", 1), joined("bob", 2), until)
      .when(lapseDue())
      .then(ended("sale-closed", "ada", "bob"));
    given(...soldOut, joined("ada", 1), until)
      .when(lapseDue({ at: justBefore(noon) }))
      .then();
  });

  it("when the event has ended, or is cancelled, which is said first", () => {
    given(...soldOut, joined("ada", 1), termsChanged({ saleEndsAt: noon, endsAt: noon }))
      .when(lapseDue())
      .then(ended("event-ended", "ada"));
    given(...soldOut, joined("ada", 1), termsChanged({ endsAt: noon }), closed)
      .when(lapseDue())
      .then(
        {
          type: "ReservationsWithdrawn",
          data: { reason: "event-cancelled", reservations: [{ reservationId: "r1", quantity: 1 }] },
        },
        ended("event-cancelled", "ada"),
      );
  });

  it("with what is due ending too, and without offers of it", () => {
    given(
      opened({ capacity: 1 }),
      reserved("r1", { by: "eve", expiresAt: noon }),
      joined("ada", 1),
      termsChanged({ saleEndsAt: noon }),
    )
      .when(lapseDue())
      .then(expired("r1"), ended("sale-closed", "ada"));
  });

  it("and leaves open offers alone until their own time", () => {
    given(...soldOut, joined("ada", 1), released("r1"), offered("ada"), termsChanged({ saleEndsAt: noon }))
      .when(lapseDue())
      .then();
  });

  it("in portions of 500, oldest first", () => {
    const waiting = Array.from({ length: 501 }, (_, i) => joined(`e${i}`, i + 1, { quantity: 1 + (i % 7) }));
    const portion = waiting.slice(0, 500).map(({ data }) => data.entryId);
    const over = [...soldOut, ...waiting, termsChanged({ saleEndsAt: noon })];
    given(...over)
      .when(lapseDue())
      .then(ended("sale-closed", ...portion));
    given(...over, ended("sale-closed", ...portion))
      .when(lapseDue())
      .then(ended("sale-closed", "e500"));
    given(...over, ended("sale-closed", ...portion), ended("sale-closed", "e500"))
      .when(lapseDue())
      .then();
  });
});

describe("a waitlist of 100,000", { timeout: 60_000 }, () => {
  const CROWD = 100_000;
  const uuid = (i: number) => `00000000-0000-7000-8000-${String(i).padStart(12, "0")}`;

  const decided = (command: InventoryCommand, state: Inventory): readonly InventoryEvent[] => {
    const decision = inventory.decide(command, state);
    if (!decision.accepted) throw new Error(`refused: ${decision.code}`);
    return decision.events;
  };

  /** Decides, and takes in what was decided, a batch of one command. */
  function worked(command: InventoryCommand, state: Inventory): Inventory {
    const next = decided(command, state).reduce(inventory.evolve, state);
    commit(inventory, next);
    return next;
  }

  function crowded(crowd: number): Inventory {
    let state: Inventory = stateOf(inventory, [opened({ capacity: 1 }), reserved("r1", { by: "eve" })]);
    for (let i = 0; i < crowd; i += 1) state = worked(join(uuid(i), { quantity: 1 + (i % 4) }), state);
    return state;
  }

  const waiting = (state: Inventory): number => (state.status === "unopened" ? 0 : state.tables.waitlist.size);

  it("takes joins, offers and ends in time that does not grow with its length", () => {
    const started = performance.now();
    let state = crowded(CROWD);
    expect(waiting(state)).toBe(CROWD);
    state = worked(changeCapacity(CROWD), state);
    for (let portions = 1; portions < 60; portions += 1) state = worked(lapseDue(), state);
    expect(waiting(state)).toBe(CROWD - 60 * 500);
    state = worked({ type: "ChangeEventTerms", eventTerms: termsChanged({ saleEndsAt: noon }).data, atMs: 0 }, state);
    for (let portions = 0; portions < 140; portions += 1) state = worked(lapseDue(), state);
    expect(waiting(state)).toBe(0);
    // 1.7 s on two busy cores; where each command looks at the whole list it is minutes.
    expect(performance.now() - started).toBeLessThan(30_000);
  });

  it("is offered at most 500 in one decision, in portions of 100, within the limit of an append", () => {
    const events = decided(changeCapacity(CROWD), crowded(2_000));
    const portions = events.flatMap((event) => (event.type === "TicketsOffered" ? [event.data.offers.length] : []));
    expect(portions).toEqual([100, 100, 100, 100, 100]);
    const envelopeBytes = 1_024;
    const bytes = events.reduce((sum, event) => sum + JSON.stringify(event).length + envelopeBytes, 0);
    expect(bytes).toBeLessThan(0.2 * MAX_APPEND_BYTES);
  });

  it("leaves nothing to walk-ups before all have been offered what would do", () => {
    const raised = worked(changeCapacity(CROWD), crowded(2_000));
    expect(inventory.decide(reserve("r2"), raised)).toEqual({
      accepted: false,
      code: "sold-out",
      details: { available: 0 },
    });
  });
});

describe("while more is due than one decision ends", () => {
  const wave = [
    opened({ capacity: 600 }),
    ...Array.from({ length: 600 }, (_, i) => reserved(`r${100 + i}`, { by: `b${i}`, expiresAt: noon })),
    joined("ada", 1, { quantity: 100 }),
    joined("bob", 2),
  ];
  const portion = wave.slice(1, 501).map((event) => (event.type === "TicketsReserved" ? event.data.reservationId : ""));
  const rest = wave.slice(501, 601).map((event) => (event.type === "TicketsReserved" ? event.data.reservationId : ""));

  it("nothing is offered, as it is not known yet to whom", () => {
    given(...wave)
      .when(lapseDue())
      .then(expired(...portion));
    given(...wave, expired(...portion))
      .when(lapseDue())
      .then(expired(...rest), offered(["ada", 100], "bob"));
  });

  it("nothing is sold to walk-ups", () => {
    given(...wave)
      .when(reserve("r1"))
      .thenRefused("sold-out", { available: 0 });
    given(...wave, expired(...portion))
      .when(reserve("r1"))
      .then(expired(...rest), offered(["ada", 100], "bob"), reserved("r1", { expiresAt: later(noon, 600_000) }));
  });
});
