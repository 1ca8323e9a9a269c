import { describe, expect, it } from "vitest";
import { type InventoryCommand, inventory } from "../../src/domain/inventory.ts";
import type { InventoryEvent } from "../../src/domain/inventory-events.ts";
import type { SeatMap } from "../../src/domain/seating/seat-map.ts";
import { confirmed, giveBack, returned } from "./buying-words.ts";
import { stateOf } from "./given.ts";
import { given, lapseDue, price, released } from "./inventory-words.ts";
import {
  hallOpened,
  reserveSeats,
  seated,
  seatsChanged,
  seatsClaimed,
  seatsReserved,
  setSeats,
} from "./seats-words.ts";
import { later, noon } from "./times.ts";
import { joined, OFFER_TTL_MS } from "./waitlist-words.ts";

describe("an accessible seat is had by whoever asks for it", () => {
  const full = [
    hallOpened(),
    seatsReserved("r1", ["S-A-3", "S-A-4", "S-A-5"], { by: "bob" }),
    seatsReserved("r2", ["T-A-1", "T-A-2", "T-A-3"], { by: "eve" }),
    joined("zoe", 1, { quantity: 3 }),
  ];

  it("though somebody waits", () => {
    given(...full)
      .when(reserveSeats("r3", ["S-A-1"]))
      .then(seatsReserved("r3", ["S-A-1"]));
  });

  it("though those who wait are offered all others", () => {
    const tickets = seated(["T-A-1", "T-A-2", "T-A-3"]);
    const offer = { entryId: "zoe", accountId: "zoe", quantity: 3, ...tickets, expiresAt: later(noon, OFFER_TTL_MS) };
    given(...full, released("r2", 3))
      .when(reserveSeats("r3", ["S-A-1"]))
      .then({ type: "TicketsOffered", data: { unitPrice: price, offers: [offer] } }, seatsReserved("r3", ["S-A-1"]));
  });
});

it("who waits is offered the very seat of a ticket that is given back", () => {
  const seats = ["S-A-3", "T-A-1"];
  const offer = { entryId: "zoe", accountId: "zoe", quantity: 1, ...seated(["T-A-1"]) };
  given(
    hallOpened(),
    seatsReserved("r1", seats),
    seatsClaimed("r1", seats),
    confirmed("r1", { quantity: 2 }),
    seatsReserved("r2", ["S-A-4", "S-A-5", "T-A-2", "T-A-3"], { by: "eve" }),
    joined("zoe", 1),
  )
    .when(giveBack("r1", [1]))
    .then(returned("r1", [1]), {
      type: "TicketsOffered",
      data: { unitPrice: price, offers: [{ ...offer, expiresAt: later(noon, OFFER_TTL_MS) }] },
    });
});

describe("seats that come back to many who wait", () => {
  const ROWS = 60;
  const arena: SeatMap = {
    sections: [{ name: "A", rows: Array.from({ length: ROWS }, (_, row) => ({ name: `${row + 1}`, seats: "1-100" })) }],
  };
  const waitedFor = (waiting: number, quantity: number) => [
    hallOpened({}, arena, ROWS * 100),
    ...Array.from({ length: waiting }, (_, i) => joined(`e${1_000 + i}`, i + 1, { quantity })),
  ];
  const decided = (command: InventoryCommand, events: readonly InventoryEvent[]) =>
    inventory.decide(command, stateOf(inventory, events));
  const offeredBy = (command: InventoryCommand, events: readonly InventoryEvent[]) => {
    const decision = decided(command, events);
    if (!decision.accepted) throw new Error(`refused: ${decision.code}`);
    return decision.events.filter((event) => event.type === "TicketsOffered");
  };
  const entriesOf = (offers: ReturnType<typeof offeredBy>) => offers.flatMap(({ data }) => data.offers);

  it("are offered 5,000 at a time, because they are named one by one, and none is for sale before", () => {
    const waiting = waitedFor(6, 1_000);
    const first = offeredBy(lapseDue(), waiting);
    expect(entriesOf(first).map(({ entryId }) => entryId)).toEqual(["e1000", "e1001", "e1002", "e1003", "e1004"]);
    expect(new Set(entriesOf(first).flatMap(({ seats }) => seats)).size).toBe(5_000);
    expect(decided(reserveSeats("r1", { best: 1 }), waiting)).toMatchObject({
      code: "sold-out",
      details: { available: 0 },
    });
    const second = offeredBy(lapseDue(), [...waiting, ...first]);
    expect(entriesOf(second).map(({ entryId }) => entryId)).toEqual(["e1005"]);
  });

  it("are not for sale before, but a cart's line gets one in place of its own: nobody who waits has less by that", () => {
    const line = seatsReserved("line", ["A-60-50"], { cart: true });
    const decision = decided(setSeats("line", ["A-60-51"]), [...waitedFor(6, 900), line]);
    expect(decision).toMatchObject({ accepted: true });
    expect(decision.accepted && decision.events.at(-1)).toEqual(seatsChanged("line", ["A-60-50"], ["A-60-51"]));
    expect(decided(setSeats("line", ["A-60-50", "A-60-51"]), [...waitedFor(6, 900), line])).toMatchObject({
      code: "sold-out",
    });
  });

  it("are offered to 500 at a time", () => {
    const waiting = waitedFor(501, 1);
    const first = offeredBy(lapseDue(), waiting);
    expect(first.map(({ data }) => data.offers.length)).toEqual([100, 100, 100, 100, 100]);
    const second = offeredBy(lapseDue(), [...waiting, ...first]);
    expect(entriesOf(second).map(({ entryId }) => entryId)).toEqual(["e1500"]);
  });
});
