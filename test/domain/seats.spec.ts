import { describe, expect, it } from "vitest";
import { inventory } from "../../src/domain/inventory.ts";
import type { OpenedInventory } from "../../src/domain/inventory-state.ts";
import { SOLD } from "../../src/domain/seating/seat-table.ts";
import { bought, claim, confirmed, giveBack, holdAgain, returned, setLine } from "./buying-words.ts";
import { stateOf } from "./given.ts";
import {
  changeCapacity,
  expired,
  given,
  HOLD_TTL_MS,
  opened,
  price,
  released,
  reserve,
  salePaused,
} from "./inventory-words.ts";
import {
  block,
  blocked,
  hallOpened,
  reserveSeats,
  seated,
  seatsChanged,
  seatsClaimed,
  seatsReserved,
  setSeats,
  unblock,
  unblocked,
} from "./seats-words.ts";
import { later, noon } from "./times.ts";
import { join, joined, OFFER_TTL_MS } from "./waitlist-words.ts";

const hall = hallOpened();
const after = later(noon, HOLD_TTL_MS);

describe("reserving seats by name", () => {
  it("gives these, in the order in which they are named, at their sections' prices", () => {
    given(hall)
      .when(reserveSeats("r1", ["T-A-1", "S-A-5"]))
      .then(seatsReserved("r1", ["T-A-1", "S-A-5"]))
      .leaving({ held: 2 });
  });

  it("may be of accessible seats: whoever names one asks for it", () => {
    given(hall)
      .when(reserveSeats("r1", ["S-A-1"]))
      .then(seatsReserved("r1", ["S-A-1"]));
  });

  it("is all or nothing, and tells which are held, sold or blocked", () => {
    given(
      hall,
      seatsReserved("r1", ["S-A-3"]),
      seatsReserved("r2", ["S-A-4"]),
      seatsClaimed("r2", ["S-A-4"]),
      confirmed("r2"),
    )
      .when(reserveSeats("r3", ["S-A-5", "S-A-3", "T-A-4", "S-A-4"]))
      .thenRefused("seat-taken", { seats: ["S-A-3", "T-A-4", "S-A-4"] });
  });

  it("gives seats of reservations that are due, and ends those on record first, no others", () => {
    given(hall, seatsReserved("r1", ["S-A-3"]), seatsReserved("r2", ["S-A-4"]))
      .when(reserveSeats("r3", ["S-A-4"], { at: after }))
      .then(expired("r2"), seatsReserved("r3", ["S-A-4"], { expiresAt: later(after, HOLD_TTL_MS) }));
  });

  it("is refused for what is no seat, or one that is named twice, with its place", () => {
    given(hall)
      .when(reserveSeats("r1", ["S-A-3", "S-A-6"]))
      .thenRefused("invalid", { path: "/seats/1", message: "is no seat of this ticket type" });
    given(hall)
      .when(reserveSeats("r1", ["S-A-3", "S-A-3"]))
      .thenRefused("invalid", { path: "/seats/1", message: "names a seat twice" });
  });

  it("is refused where tickets are not numbered", () => {
    given(opened())
      .when(reserveSeats("r1", ["S-A-3"]))
      .thenRefused("invalid", {
        path: "/seats",
        message: "goes with numbered seats, which this ticket type does not have",
      });
    given(opened())
      .when(reserveSeats("r1", { best: 2 }))
      .thenRefused("invalid", {
        path: "/bestAvailable",
        message: "goes with numbered seats, which this ticket type does not have",
      });
  });
});

describe("reserving the best seats", () => {
  it("goes by quality, and leaves accessible seats to those who ask", () => {
    given(hall)
      .when(reserveSeats("r1", { best: 3 }))
      .then(seatsReserved("r1", ["S-A-3", "S-A-4", "S-A-5"]));
    given(hall)
      .when(reserveSeats("r1", { best: 2, accessible: 1 }))
      .then(seatsReserved("r1", ["S-A-1", "S-A-2"]));
  });

  it("is refused where the group had to sit apart, unless it may", () => {
    given(hall)
      .when(reserveSeats("r1", { best: 4 }))
      .thenRefused("no-adjacent-seats");
    given(hall)
      .when(reserveSeats("r1", { best: 5, split: true }))
      .then(seatsReserved("r1", ["S-A-3", "S-A-4", "S-A-5", "T-A-2", "T-A-3"]));
  });

  it("tells how many such a group could have", () => {
    given(hall)
      .when(reserveSeats("r1", { best: 7 }))
      .thenRefused("sold-out", { available: 6 });
  });

  it("takes in what is due", () => {
    given(hall, seatsReserved("r1", ["S-A-3"]), seatsReserved("r2", ["T-A-2"]))
      .when(reserveSeats("r3", { best: 3 }, { at: after }))
      .then(
        expired("r1", "r2"),
        seatsReserved("r3", ["S-A-3", "S-A-4", "S-A-5"], { expiresAt: later(after, HOLD_TTL_MS) }),
      );
  });

  it("is what a plain quantity asks for, side by side if that goes", () => {
    given(hall)
      .when(reserve("r1", { quantity: 3 }))
      .then(seatsReserved("r1", ["S-A-3", "S-A-4", "S-A-5"]));
    given(hall)
      .when(reserve("r1", { quantity: 6 }))
      .then(seatsReserved("r1", ["S-A-3", "S-A-4", "S-A-5", "T-A-1", "T-A-2", "T-A-3"]));
  });
});

describe("a line of a cart with seats", () => {
  const line = seatsReserved("line", ["S-A-3", "S-A-4"], { cart: true });

  it("gets other seats at once: those it gives up count as free for it", () => {
    given(hall, line)
      .when(setSeats("line", ["S-A-4", "T-A-1"]))
      .then(seatsChanged("line", ["S-A-3", "S-A-4"], ["S-A-4", "T-A-1"]))
      .leaving({ held: 2 });
    given(hall, line)
      .when(setSeats("line", { best: 3 }))
      .then(seatsChanged("line", ["S-A-3", "S-A-4"], ["S-A-3", "S-A-4", "S-A-5"]));
  });

  it("stays as it was where one of them is taken", () => {
    given(hall, line, seatsReserved("r1", ["T-A-1"], { by: "bob" }))
      .when(setSeats("line", ["S-A-4", "T-A-1"]))
      .thenRefused("seat-taken", { seats: ["T-A-1"] });
  });

  it("stays as it is when the same is wished for in another order", () => {
    given(hall, line)
      .when(setSeats("line", ["S-A-4", "S-A-3"]))
      .then();
    given(hall, line)
      .when(setSeats("line", { best: 2 }))
      .then();
    given(hall, line).when(setLine("line", 2)).then();
  });

  it("can have fewer of its seats while the sale is paused, but no others", () => {
    given(hall, line, salePaused())
      .when(setSeats("line", ["S-A-4"]))
      .then(seatsChanged("line", ["S-A-3", "S-A-4"], ["S-A-4"]));
    given(hall, line, salePaused())
      .when(setLine("line", 1))
      .then(seatsChanged("line", ["S-A-3", "S-A-4"], ["S-A-3"]));
    given(hall, line, salePaused())
      .when(setSeats("line", ["T-A-1"]))
      .thenRefused("sale-paused");
  });

  it("keeps the price of the seats that it keeps", () => {
    const cheap = { ...line, data: { ...line.data, unitPrice: { amount: 100, currency: "EUR" } } };
    given(hall, cheap)
      .when(setSeats("line", ["S-A-4", "S-A-5"]))
      .then({
        type: "ReservationQuantityChanged",
        data: {
          reservationId: "line",
          previousQuantity: 2,
          quantity: 2,
          previousSeats: ["S-A-3", "S-A-4"],
          seats: ["S-A-4", "S-A-5"],
          unitPrice: { amount: 100, currency: "EUR" },
          prices: [100, 9000],
        },
      });
  });
});

describe("blocking seats", () => {
  it("takes free ones out of the sale, and puts them back", () => {
    given(hall).when(block("S-A-3", "T-A-4")).then(blocked("S-A-3")).leaving({ capacity: 7 });
    given(hall, blocked("S-A-3"))
      .when(unblock("S-A-3", "T-A-4", "T-A-1"))
      .then(unblocked("S-A-3", "T-A-4"))
      .leaving({ capacity: 9 });
    given(hall, blocked("S-A-3"))
      .when(reserveSeats("r1", ["S-A-3"]))
      .thenRefused("seat-taken", { seats: ["S-A-3"] });
  });

  it("is all or nothing: those that somebody has can't be blocked", () => {
    given(hall, seatsReserved("r1", ["S-A-3"]))
      .when(block("S-A-4", "S-A-3"))
      .thenRefused("seat-taken", { seats: ["S-A-3"] });
    given(hall, seatsReserved("r1", ["S-A-3"]))
      .when({ ...block("S-A-3"), atMs: Date.parse(after) })
      .then(expired("r1"), blocked("S-A-3"));
  });

  it("says which is no seat", () => {
    given(hall)
      .when(block("S-A-9"))
      .thenRefused("invalid", { path: "/seats/0", message: "is no seat of this ticket type" });
    given(opened()).when(unblock("S-A-9")).thenRefused("invalid", {
      path: "/seats",
      message: "goes with numbered seats, which this ticket type does not have",
    });
  });
});

describe("bought seats", () => {
  const paid = [
    seatsReserved("r1", ["S-A-3", "T-A-1"]),
    seatsClaimed("r1", ["S-A-3", "T-A-1"]),
    confirmed("r1", { quantity: 2 }),
  ];

  it("are named in what a booking claims, with what each cost where that differs", () => {
    for (const seats of [
      ["S-A-3", "T-A-1"],
      ["S-A-3", "S-A-4"],
    ]) {
      given(hall, seatsReserved("r1", seats)).when(claim("r1")).then(seatsClaimed("r1", seats));
    }
  });

  it("come back ticket by ticket", () => {
    given(hall, ...paid)
      .when(giveBack("r1", [1]))
      .then(returned("r1", [1]));
    given(hall, ...paid, returned("r1", [1]))
      .when(reserveSeats("r2", ["T-A-1"]))
      .then(seatsReserved("r2", ["T-A-1"]));
    given(hall, ...paid, returned("r1", [1]))
      .when(reserveSeats("r2", ["S-A-3"]))
      .thenRefused("seat-taken", { seats: ["S-A-3"] });
    const state = stateOf(inventory, [hall, ...paid, returned("r1", [1])]) as OpenedInventory;
    expect(state.tables.seats?.statusOf(state.tables.seats.plan.seatOf("S-A-3") ?? -1)).toBe(SOLD);
  });

  const again = { ...holdAgain("r1", { quantity: 2 }), ...seated(["S-A-3", "T-A-1"]) };

  it("of a late payment are taken again only if all of them are free", () => {
    given(hall, seatsReserved("r2", ["T-A-1"], { by: "bob" }))
      .when(again)
      .thenRefused("seat-taken", { seats: ["T-A-1"] });
    const decision = inventory.decide(again, stateOf(inventory, [hall]));
    expect(decision).toMatchObject({
      accepted: true,
      events: [{ data: seated(["S-A-3", "T-A-1"]) }, { data: seated(["S-A-3", "T-A-1"]) }],
    });
  });
});

describe("those who wait for seats", () => {
  const full = [
    seatsReserved("r1", ["S-A-3", "S-A-4", "S-A-5"], { by: "bob", expiresAt: later(noon, 1) }),
    seatsReserved("r2", ["T-A-1", "T-A-2", "T-A-3"], { by: "eve" }),
  ];
  const offer = (entryId: string, seats: readonly string[]) => ({
    type: "TicketsOffered" as const,
    data: {
      unitPrice: price,
      offers: [
        { entryId, accountId: entryId, quantity: seats.length, ...seated(seats), expiresAt: later(noon, OFFER_TTL_MS) },
      ],
    },
  });

  it("may wait though accessible seats are free, which are offered to nobody", () => {
    given(hall, ...full)
      .when(join("zoe"))
      .then(joined("zoe", 1));
    given(hall)
      .when(join("zoe", { quantity: 6 }))
      .thenRefused("tickets-available", { available: 6 });
    given(hall)
      .when(join("zoe", { quantity: 7 }))
      .then(joined("zoe", 1, { quantity: 7 }));
  });

  it("are offered the best of what comes back", () => {
    given(hall, ...full, joined("zoe", 1, { quantity: 2 }))
      .when({ type: "Release", reservationId: "r2", accountId: "eve", atMs: Date.parse(noon) })
      .then(released("r2", 3), offer("zoe", ["T-A-2", "T-A-3"]));
    given(hall, ...full, joined("zoe", 1))
      .when(unblock("T-A-4"))
      .then(unblocked("T-A-4"), offer("zoe", ["T-A-4"]));
  });

  it("come before who names a free seat; what they leave is for sale", () => {
    const late = { at: later(noon, 1) };
    const at = later(noon, 1 + OFFER_TTL_MS);
    const offerAt = (seats: readonly string[]) => {
      const { type, data } = offer("zoe", seats);
      return { type, data: { ...data, offers: data.offers.map((one) => ({ ...one, expiresAt: at })) } };
    };
    const waiting = [...full, joined("zoe", 1, { quantity: 2 })];
    given(hall, ...waiting)
      .when(reserveSeats("r3", ["S-A-3"], late))
      .thenRefused("seat-taken", { seats: ["S-A-3"] });
    given(hall, ...waiting)
      .when(reserveSeats("r3", ["S-A-5"], late))
      .then(
        expired(["r1", 3]),
        offerAt(["S-A-3", "S-A-4"]),
        seatsReserved("r3", ["S-A-5"], { expiresAt: later(noon, 1 + HOLD_TTL_MS) }),
      );
    given(hall, ...waiting, salePaused("ticket-type"))
      .when(reserveSeats("r3", ["S-A-5"], late))
      .thenRefused("sale-paused");
  });
});

it("a seat map's capacity is its seats: it does not follow another number", () => {
  given(hall).when(changeCapacity(100)).then();
});

it("seats that are bought are not in the way of what is not numbered", () => {
  given(opened(), ...bought("r1"))
    .when(reserve("r2"))
    .then({
      type: "TicketsReserved",
      data: { reservationId: "r2", accountId: "ada", quantity: 1, unitPrice: price, expiresAt: after },
    });
});
