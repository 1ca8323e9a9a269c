import { describe, it } from "vitest";
import { holdAgain, lineReserved, setLine } from "./buying-words.ts";
import { expired, given, HOLD_TTL_MS, opened, price, salePaused } from "./inventory-words.ts";
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

const hall = hallOpened();
const after = later(noon, HOLD_TTL_MS);
const line = seatsReserved("line", ["S-A-3", "S-A-4"], { cart: true });

describe("a line of a cart, while what is free is for somebody who waits,", () => {
  const full = [line, seatsReserved("r1", ["S-A-5", "T-A-1", "T-A-2"], { by: "eve" }), joined("zoe", 1)];
  const offer = (seats: readonly string[]) => ({
    type: "TicketsOffered" as const,
    data: {
      unitPrice: price,
      offers: [
        { entryId: "zoe", accountId: "zoe", quantity: 1, ...seated(seats), expiresAt: later(noon, OFFER_TTL_MS) },
      ],
    },
  });

  it("passes on what it gives up", () => {
    given(hall, ...full)
      .when(setSeats("line", ["S-A-3"]))
      .then(seatsChanged("line", ["S-A-3", "S-A-4"], ["S-A-3"]), offer(["S-A-4"]));
  });

  it("gets no more", () => {
    given(hall, ...full)
      .when(setLine("line", 3))
      .thenRefused("sold-out", { available: 0 });
  });
});

describe("a line of a cart", () => {
  it("is told how many more there are", () => {
    given(hall, line).when(setLine("line", 9)).thenRefused("sold-out", { available: 4 });
  });

  it("takes no seats where tickets are not numbered, also when it has tickets", () => {
    given(opened(), lineReserved("line"))
      .when(setSeats("line", ["S-A-3"]))
      .thenRefused("invalid", {
        path: "/seats",
        message: "goes with numbered seats, which this ticket type does not have",
      });
  });

  it("is refused what is no seat", () => {
    given(hall, line)
      .when(setSeats("line", ["S-A-3", "S-A-9"]))
      .thenRefused("invalid", { path: "/seats/1", message: "is no seat of this ticket type" });
  });

  it("is told what is no seat whatever the sale says", () => {
    given(hall, line, salePaused())
      .when(setSeats("line", ["S-A-3", "S-A-9"]))
      .thenRefused("invalid", { path: "/seats/1", message: "is no seat of this ticket type" });
  });

  it("keeps what its first seat was given for", () => {
    const cheap = { ...line, data: { ...line.data, unitPrice: { amount: 100, currency: "EUR" } } };
    const { type, data } = seatsChanged("line", ["S-A-3", "S-A-4"], ["S-A-3", "S-A-5"]);
    given(hall, cheap)
      .when(setSeats("line", ["S-A-3", "S-A-5"]))
      .then({ type, data: { ...data, unitPrice: { amount: 100, currency: "EUR" }, prices: [100, 9000] } });
  });

  it("keeps the same number of seats under a limit that it has come to", () => {
    given(hallOpened({ maxPerUser: 2 }), line)
      .when(setSeats("line", ["S-A-4", "S-A-5"]))
      .then(seatsChanged("line", ["S-A-3", "S-A-4"], ["S-A-4", "S-A-5"]));
    given(hallOpened({ maxPerUser: 3 }), line)
      .when(setSeats("line", ["S-A-3", "S-A-4", "S-A-5", "T-A-1"]))
      .thenRefused("limit-exceeded", { maxPerUser: 3, remaining: 1 });
  });
});

describe("a line of a cart that is due, and is set again,", () => {
  const soon = later(noon, 1);
  const due = [
    hall,
    seatsReserved("r1", ["S-A-4"], { by: "bob", expiresAt: noon }),
    seatsReserved("line", ["S-A-5"], { cart: true, expiresAt: soon }),
  ];

  it("ends first of all that is due", () => {
    given(...due)
      .when(setSeats("line", { best: 3 }, { at: soon }))
      .then(expired("line", "r1"), seatsReserved("line", ["S-A-3", "S-A-4", "S-A-5"], { cart: true }));
  });

  it("does so while somebody waits, who comes before it", () => {
    const tickets = seated(["S-A-3", "S-A-4"]);
    const expiresAt = later(soon, OFFER_TTL_MS);
    const offer = { entryId: "zoe", accountId: "zoe", quantity: 2, ...tickets, expiresAt };
    given(...due, joined("zoe", 1, { quantity: 2 }))
      .when(setSeats("line", ["S-A-5"], { at: soon }))
      .then(
        expired("line", "r1"),
        { type: "TicketsOffered", data: { unitPrice: price, offers: [offer] } },
        seatsReserved("line", ["S-A-5"], { cart: true }),
      );
  });
});

describe("seats of a reservation that is due", () => {
  it("are free with all others of it, though only one is wished for", () => {
    given(hall, seatsReserved("r1", ["S-A-3", "S-A-4"]))
      .when(reserveSeats("r2", ["S-A-4"], { at: after }))
      .then(expired(["r1", 2]), seatsReserved("r2", ["S-A-4"], { expiresAt: later(after, HOLD_TTL_MS) }));
  });

  it("end first of all, and alone, where their id is to be used again by a late payment", () => {
    const late = later(noon, 16 * 60_000 + 1);
    const again = (seats: readonly string[]) => ({
      ...holdAgain("r1", { quantity: seats.length, at: late, until: later(late, 60_000) }),
      ...seated(seats),
    });
    const taken = (seats: readonly string[]) => {
      const { data } = seatsClaimed("r1", seats);
      const until = { deadline: later(late, 60_000), claimedUntil: later(late, 120_000) };
      return [
        seatsReserved("r1", seats, { expiresAt: later(late, 60_000) }),
        { type: "ReservationClaimed" as const, data: { ...data, ...until } },
      ] as const;
    };
    given(hall, seatsReserved("r1", ["S-A-3"]), seatsClaimed("r1", ["S-A-3"]))
      .when(again(["S-A-3"]))
      .then(expired("r1"), ...taken(["S-A-3"]));
    given(hall, seatsReserved("r0", ["T-A-1"]), seatsReserved("r1", ["S-A-3"]), seatsClaimed("r1", ["S-A-3"]))
      .when(again(["S-A-4"]))
      .then(expired("r1"), ...taken(["S-A-4"]));
  });
});
