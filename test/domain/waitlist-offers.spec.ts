import { describe, it } from "vitest";
import type { InventoryCommand } from "../../src/domain/inventory.ts";
import type { InventoryEvent } from "../../src/domain/inventory-events.ts";
import {
  capacityChanged,
  changeCapacity,
  expired,
  extend,
  given,
  lapseDue,
  opened,
  price,
  release,
  released,
  reserve,
  reserved,
  termsChanged,
} from "./inventory-words.ts";
import { evening, later, ms, noon } from "./times.ts";
import { byEve, joined, leave, left, OFFER_TTL_MS, offered, offeredUntil, soldOut } from "./waitlist-words.ts";

describe("who is next", () => {
  it("is the oldest, as far as tickets go", () => {
    given(...soldOut, joined("ada", 1), joined("bob", 2), joined("cyd", 3))
      .when(release("r2", byEve))
      .then(released("r2", 2), offered("ada", "bob"))
      .leaving({ held: 3 });
  });

  it("is the oldest that fits: those passed over keep their place", () => {
    const waiting = [
      ...soldOut,
      joined("ada", 1, { quantity: 3 }),
      joined("bob", 2),
      joined("cyd", 3, { quantity: 2 }),
    ];
    given(...waiting)
      .when(release("r1", byEve))
      .then(released("r1"), offered("bob"));
    given(...waiting, released("r1"), offered("bob"))
      .when(release("r2", byEve))
      .then(released("r2", 2), offered(["cyd", 2]));
    given(...waiting, released("r1"), offered("bob"), released("bob"))
      .when(release("r2", byEve))
      .then(released("r2", 2), offered(["ada", 3]));
  });

  it("may be somebody who fits only with what was free before", () => {
    given(opened({ capacity: 4 }), reserved("r1", byEve), reserved("r2", byEve), joined("ada", 1, { quantity: 3 }))
      .when(release("r2", byEve))
      .then(released("r2"), offered(["ada", 3]));
  });

  it("is nobody when nobody fits, and when nobody waits any more", () => {
    given(...soldOut, joined("ada", 1, { quantity: 3 }))
      .when(release("r2", byEve))
      .then(released("r2", 2));
    given(...soldOut, joined("ada", 1), left("ada"))
      .when(release("r2", byEve))
      .then(released("r2", 2));
  });

  describe("is not who would have more than maxPerUser by now", () => {
    const limited = opened({ capacity: 5, maxPerUser: 2 });
    const waiting = [limited, reserved("r1", { by: "eve", quantity: 2 }), joined("ada", 1, { quantity: 2 })];
    const claimed: InventoryEvent = {
      type: "ReservationClaimed",
      data: {
        reservationId: "r3",
        bookingId: "b1",
        accountId: "ada",
        quantity: 1,
        unitPrice: price,
        deadline: later(noon, -60_000),
        claimedUntil: noon,
      },
    };

    it("who keeps the place", () => {
      const others = reserved("r2", { by: "bob", quantity: 2 });
      given(...waiting, others, reserved("r3", { by: "ada" }), joined("cyd", 2))
        .when(release("r1", byEve))
        .then(released("r1", 2), offered("cyd"));
      given(...waiting, others, reserved("r3", { by: "ada" }), released("r1", 2))
        .when(release("r3"))
        .then(released("r3"), offered(["ada", 2]));
    });

    it("without what is due, recorded or not", () => {
      given(...waiting, reserved("r2", { by: "bob", quantity: 2 }), reserved("r3", { by: "ada", expiresAt: noon }))
        .when(release("r1", byEve))
        .then(released("r1", 2), expired("r3"), offered(["ada", 2]));
    });

    it("and what is due counts out once, also when the decision is to end it", () => {
      given(...waiting, reserved("r3", { by: "ada" }), claimed, reserved("r4", { by: "ada" }))
        .when({ type: "LetGo", reservationId: "r3", bookingId: "b1", outcome: "timed-out", atMs: ms(noon) })
        .then(expired("r3"));
    });
  });
});

describe("an offer", () => {
  it("stands as long as the entry says", () => {
    given(...soldOut, joined("ada", 1, { offerTtlSeconds: 60 }))
      .when(release("r1", byEve))
      .then(released("r1"), offeredUntil(later(noon, 60_000), "ada"));
  });

  it("does not outlive the sale, nor the event", () => {
    const soon = later(noon, 1_000);
    for (const terms of [{ saleEndsAt: soon }, { endsAt: soon }, { saleEndsAt: soon, endsAt: evening }]) {
      given(...soldOut, joined("ada", 1), termsChanged(terms))
        .when(release("r1", byEve))
        .then(released("r1"), offeredUntil(soon, "ada"));
    }
  });

  it("is a reservation at the price of the ticket type, which cannot be extended", () => {
    const open = [...soldOut, joined("ada", 1), released("r1"), offered("ada")];
    given(...open)
      .when(extend("ada", { by: "ada" }))
      .thenRefused("not-extendable");
    given(...open)
      .when({
        type: "Claim",
        reservationId: "ada",
        bookingId: "b1",
        accountId: "ada",
        deadlineMs: ms(evening),
        atMs: ms(noon),
      })
      .then({
        type: "ReservationClaimed",
        data: {
          reservationId: "ada",
          bookingId: "b1",
          accountId: "ada",
          quantity: 1,
          unitPrice: price,
          deadline: evening,
          claimedUntil: later(evening, 60_000),
        },
      });
  });

  it("passes on at once when it lapses, recorded or not", () => {
    const open = [...soldOut, joined("ada", 1), joined("bob", 2), released("r1"), offered("ada")];
    const end = later(noon, OFFER_TTL_MS);
    const untilLater = later(end, OFFER_TTL_MS);
    const heldOn = [reserved("r2", { by: "eve", quantity: 2, expiresAt: evening })];
    const longer = [opened({ capacity: 3 }), reserved("r1", byEve), ...heldOn, ...open.slice(3)];
    given(...longer)
      .when(lapseDue({ at: end }))
      .then(expired("ada"), offeredUntil(untilLater, "bob"))
      .leaving({ held: 3 });
    given(...longer)
      .when(reserve("r3", { at: end }))
      .thenRefused("sold-out", { available: 0 });
    given(...longer, released("r2", 2))
      .when(reserve("r3", { at: end }))
      .then(expired("ada"), offeredUntil(untilLater, "bob"), reserved("r3", { expiresAt: later(end, 600_000) }));
  });

  it("passes on at once when it is given back", () => {
    given(...soldOut, joined("ada", 1), joined("bob", 2), released("r1"), offered("ada"))
      .when(release("ada", { by: "ada" }))
      .then(released("ada"), offered("bob"));
  });
});

describe("tickets that come back are offered in the same decision", () => {
  const bought: readonly InventoryEvent[] = [
    opened({ capacity: 2 }),
    reserved("r1", { by: "eve", quantity: 2 }),
    {
      type: "ReservationClaimed",
      data: {
        reservationId: "r1",
        bookingId: "b1",
        accountId: "eve",
        quantity: 2,
        unitPrice: price,
        deadline: evening,
        claimedUntil: later(evening, 60_000),
      },
    },
  ];
  const confirmed: InventoryEvent = {
    type: "ReservationConfirmed",
    data: { reservationId: "r1", bookingId: "b1", accountId: "eve", quantity: 2 },
  };
  const letGo = (outcome: "declined" | "withdrawn" | "timed-out"): InventoryCommand => ({
    type: "LetGo",
    reservationId: "r1",
    bookingId: "b1",
    outcome,
    atMs: ms(noon),
  });

  it("of a capacity that was raised", () => {
    given(...soldOut, joined("ada", 1, { quantity: 2 }))
      .when(changeCapacity(5))
      .then(capacityChanged(3, 5), offered(["ada", 2]));
    given(...soldOut, joined("ada", 1, { quantity: 2 }))
      .when(changeCapacity(4))
      .then(capacityChanged(3, 4));
  });

  it("of a booking", () => {
    const ordinals = [1];
    given(...bought, confirmed, joined("ada", 1))
      .when({ type: "ReturnTickets", reservationId: "r1", bookingId: "b1", ordinals, atMs: ms(noon) })
      .then({ type: "TicketsReturned", data: { reservationId: "r1", bookingId: "b1", ordinals } }, offered("ada"));
  });

  it("of a claim that is withdrawn or timed out, not of one that was declined", () => {
    given(...bought, joined("ada", 1), joined("bob", 2))
      .when(letGo("withdrawn"))
      .then(released("r1", 2), offered("ada", "bob"));
    given(...bought, joined("ada", 1), joined("bob", 2))
      .when(letGo("timed-out"))
      .then(expired(["r1", 2]), offered("ada", "bob"));
    const expiresAt = later(noon, 600_000);
    given(...bought, joined("ada", 1))
      .when(letGo("declined"))
      .then({ type: "ClaimReleased", data: { reservationId: "r1", bookingId: "b1", declined: true, expiresAt } });
  });

  it("of a cart's line", () => {
    const line: InventoryEvent = {
      type: "TicketsReserved",
      data: { ...reserved("l1", { by: "eve", quantity: 3 }).data, cartId: "c1" },
    };
    const setLine = (quantity: number): InventoryCommand => ({
      type: "SetLine",
      reservationId: "l1",
      cartId: "c1",
      accountId: "eve",
      guest: false,
      quantity,
      expiresAtMs: ms(later(noon, 600_000)),
      atMs: ms(noon),
    });
    const waiting = [opened({ capacity: 3 }), line, joined("ada", 1), joined("bob", 2, { quantity: 2 })];
    given(...waiting)
      .when(setLine(2))
      .then(
        { type: "ReservationQuantityChanged", data: { reservationId: "l1", previousQuantity: 3, quantity: 2 } },
        offered("ada"),
      );
    given(...waiting)
      .when(setLine(0))
      .then(released("l1", 3), offered("ada", ["bob", 2]));
  });

  it("with what is due and not recorded yet", () => {
    given(
      opened({ capacity: 3 }),
      reserved("r1", byEve),
      reserved("r2", { ...byEve, quantity: 2, expiresAt: noon }),
      joined("ada", 1, { quantity: 3 }),
    )
      .when(release("r1", byEve))
      .then(released("r1"), expired(["r2", 2]), offered(["ada", 3]));
  });

  it("or by housekeeping, when it comes later", () => {
    given(...soldOut, joined("ada", 1), released("r1"))
      .when(lapseDue())
      .then(offered("ada"));
    given(...soldOut, joined("ada", 1, { quantity: 2 }), released("r1"))
      .when(lapseDue())
      .then();
  });
});

describe("walk-ups", () => {
  it("get nothing while somebody waits whom it would do", () => {
    given(...soldOut, joined("ada", 1), released("r1"))
      .when(reserve("r3", { by: "bob" }))
      .thenRefused("sold-out", { available: 0 });
  });

  it("get what those who wait leave, after them", () => {
    given(...soldOut, joined("ada", 1), released("r2", 2))
      .when(reserve("r3", { by: "bob" }))
      .then(offered("ada"), reserved("r3", { by: "bob" }));
    given(...soldOut, joined("ada", 1), released("r2", 2))
      .when(reserve("r3", { by: "bob", quantity: 2 }))
      .thenRefused("sold-out", { available: 1 });
  });

  it("get what would do for nobody who waits", () => {
    given(...soldOut, joined("ada", 1, { quantity: 3 }), released("r2", 2))
      .when(reserve("r3", { by: "bob", quantity: 2 }))
      .then(reserved("r3", { by: "bob", quantity: 2 }));
  });

  it("have everything again when the last has left", () => {
    given(...soldOut, joined("ada", 1), released("r1"), left("ada"))
      .when(reserve("r3", { by: "bob" }))
      .then(reserved("r3", { by: "bob" }));
  });

  it("who wait themselves are offered what they wait for, and may have of the rest", () => {
    given(...soldOut, joined("ada", 1), released("r2", 2))
      .when(reserve("r3", { by: "ada" }))
      .then(offered("ada"), reserved("r3", { by: "ada" }));
  });

  it("with a late payment are no better", () => {
    const again: InventoryCommand = {
      type: "HoldAgain",
      reservationId: "late",
      bookingId: "b1",
      accountId: "eve",
      quantity: 1,
      unitPrice: price,
      deadlineMs: ms(evening),
      atMs: ms(noon),
    };
    given(...soldOut, joined("ada", 1), released("r1"))
      .when(again)
      .thenRefused("sold-out", { available: 0 });
  });

  it("get nothing by somebody's leaving while others wait", () => {
    const waiting = [...soldOut, joined("ada", 1), joined("bob", 2), released("r1")];
    given(...waiting)
      .when(leave("ada"))
      .then(left("ada"));
    given(...waiting, left("ada"))
      .when(reserve("r3", { by: "cyd" }))
      .thenRefused("sold-out", { available: 0 });
  });
});

describe("no offers are made", () => {
  const waiting = [...soldOut, joined("ada", 1)];

  it("before the sale opens, though the tickets are kept", () => {
    const moved = termsChanged({ saleStartsAt: evening });
    given(...waiting, moved)
      .when(release("r1", byEve))
      .then(released("r1"));
    given(...waiting, moved, released("r1"))
      .when(lapseDue())
      .then();
  });

  it("of a draft", () => {
    given(opened({ draft: true, capacity: 3 }), joined("ada", 1))
      .when(changeCapacity(4))
      .then(capacityChanged(3, 4));
  });

  it("when the sale has closed, the event has ended or is cancelled", () => {
    for (const over of [termsChanged({ saleEndsAt: noon }), termsChanged({ endsAt: noon })]) {
      given(...waiting, over)
        .when(release("r1", byEve))
        .then(released("r1"));
    }
    given(...waiting, { type: "InventoryClosed", data: { reason: "event-cancelled" } })
      .when(release("r1", byEve))
      .then(released("r1"));
  });
});
