import { describe, expect, it } from "vitest";
import { inventory, type JoinWaitlist } from "../../src/domain/inventory.ts";
import { MAX_WAITLIST } from "../../src/domain/waitlist.ts";
import { stateOf } from "./given.ts";
import { expired, given, opened, released, reserved, termsChanged } from "./inventory-words.ts";
import { evening, justBefore, later, ms, noon } from "./times.ts";
import { ended, join, joined, leave, left, OFFER_TTL_MS, offered } from "./waitlist-words.ts";

const soldOut = [opened({ capacity: 2 }), reserved("r1", { by: "eve", quantity: 2 })] as const;

describe("joining the waitlist", () => {
  it("tells the place, from 1", () => {
    given(...soldOut)
      .when(join("ada"))
      .then(joined("ada", 1));
    given(...soldOut, joined("ada", 1), joined("bob", 2))
      .when(join("cyd", { quantity: 2 }))
      .then(joined("cyd", 3, { quantity: 2 }));
  });

  it("counts as a place only who still waits", () => {
    given(...soldOut, joined("ada", 1), joined("bob", 2), left("ada"))
      .when(join("cyd"))
      .then(joined("cyd", 2));
  });

  it("is refused when as many are free to others", () => {
    given(opened({ capacity: 3 }), reserved("r1", { by: "eve" }))
      .when(join("ada", { quantity: 2 }))
      .thenRefused("tickets-available", { available: 2 });
    given(opened({ capacity: 3 }), reserved("r1", { by: "eve" }))
      .when(join("ada", { quantity: 3 }))
      .then(joined("ada", 1, { quantity: 3 }));
  });

  it("is refused when as many are due, though nothing has ended them yet", () => {
    const due = [opened({ capacity: 2 }), reserved("r1", { by: "eve", quantity: 2, expiresAt: noon })];
    given(...due)
      .when(join("ada"))
      .thenRefused("tickets-available", { available: 2 });
    given(...due)
      .when(join("ada", { at: justBefore(noon) }))
      .then(joined("ada", 1));
  });

  it("is open while what is free is for those who wait already", () => {
    given(...soldOut, joined("ada", 1), expired(["r1", 2]))
      .when(join("bob", { quantity: 2 }))
      .then(joined("bob", 2, { quantity: 2 }));
    given(...soldOut, joined("ada", 1), expired(["r1", 2]))
      .when(join("bob"))
      .thenRefused("tickets-available", { available: 1 });
  });

  it("is for one entry an account", () => {
    given(...soldOut, joined("ada", 1))
      .when(join("again", { by: "ada" }))
      .thenRefused("already-waiting");
  });

  it("is refused while an offer is open, and free again once it has lapsed, recorded or not", () => {
    const open = [...soldOut, joined("ada", 1, { quantity: 2 }), released("r1", 2), offered(["ada", 2])];
    const lapses = later(noon, OFFER_TTL_MS);
    given(...open)
      .when(join("again", { by: "ada", at: justBefore(lapses) }))
      .thenRefused("already-waiting");
    given(...open)
      .when(join("again", { by: "ada", at: lapses }))
      .thenRefused("tickets-available", { available: 2 });
    given(...open, joined("bob", 1), expired(["ada", 2]), reserved("r2", { by: "eve" }), offered("bob"))
      .when(join("again", { by: "ada" }))
      .then(joined("again", 1, { by: "ada" }));
  });

  it("is open again to who has left, given the offer back, or was told that there would be none", () => {
    given(...soldOut, joined("ada", 1), left("ada"))
      .when(join("again", { by: "ada" }))
      .then(joined("again", 1, { by: "ada" }));
    given(...soldOut, joined("ada", 1, { quantity: 2 }), released("r1", 2), offered(["ada", 2]), released("ada", 2))
      .when(join("again", { by: "ada", quantity: 3 }))
      .then(joined("again", 1, { by: "ada", quantity: 3 }));
    given(...soldOut, joined("ada", 1), ended("sale-closed", "ada"))
      .when(join("again", { by: "ada" }))
      .then(joined("again", 1, { by: "ada" }));
  });

  it("is within maxPerOrder, and with what the account has within maxPerUser", () => {
    const limited = opened({ capacity: 2, maxPerOrder: 3, maxPerUser: 2 });
    given(limited, reserved("r1", { by: "eve", quantity: 2 }))
      .when(join("ada", { quantity: 4 }))
      .thenRefused("limit-exceeded", { maxPerOrder: 3 });
    given(limited, reserved("r1", { by: "eve" }), reserved("r2", { by: "ada" }))
      .when(join("ada", { quantity: 2 }))
      .thenRefused("limit-exceeded", { maxPerUser: 2, remaining: 1 });
    given(limited, reserved("r1", { by: "eve" }), reserved("r2", { by: "ada" }))
      .when(join("ada"))
      .then(joined("ada", 1));
  });

  it("counts an open offer for maxPerUser", () => {
    const limited = opened({ capacity: 2, maxPerUser: 2 });
    given(
      limited,
      reserved("r1", { by: "eve" }),
      reserved("r2", { by: "eve" }),
      joined("ada", 1),
      released("r1"),
      offered("ada"),
    )
      .when(join("again", { by: "ada", quantity: 2 }))
      .thenRefused("limit-exceeded", { maxPerUser: 2, remaining: 1 });
  });

  it("is for those only who were let in, while people stand in a waiting room for it", () => {
    const joining = join("ada") as JoinWaitlist & { atMs: number };
    given(...soldOut)
      .when({ ...joining, admission: { refusal: "admission-required" } })
      .thenRefused("admission-required");
    given(...soldOut)
      .when({ ...joining, admission: { admissionId: "a1", expiresAtMs: ms(evening) } })
      .then(joined("ada", 1));
  });

  it("is refused to an id that is taken", () => {
    given(...soldOut, joined("ada", 1))
      .when(join("ada"))
      .thenRefused("already-exists");
    given(...soldOut)
      .when(join("r1"))
      .thenRefused("already-exists");
  });

  it("says why not in the order that clients rely on", () => {
    const full = reserved("r1", { by: "eve" });
    const waiting = joined("ada", 1);
    const tooMany = { by: "ada", quantity: 2, guest: true };
    const opening = { capacity: 1, maxPerOrder: 1, event: { guestsAllowed: false } };
    const refusals: readonly [string, Parameters<typeof opened>[0], Readonly<Record<string, unknown>>?][] = [
      [
        "event-ended",
        { ...opening, draft: true, event: { endsAt: noon, saleStartsAt: evening, guestsAllowed: false } },
      ],
      ["event-not-published", { ...opening, draft: true, event: { saleStartsAt: evening, guestsAllowed: false } }],
      ["sale-not-open", { ...opening, event: { saleStartsAt: evening, guestsAllowed: false } }],
      ["sale-closed", { ...opening, event: { saleEndsAt: noon, guestsAllowed: false } }],
      ["guests-not-allowed", opening],
      ["limit-exceeded", { ...opening, event: {} }, { maxPerOrder: 1 }],
      ["already-waiting", { capacity: 9 }],
    ];
    for (const [code, how, details] of refusals) {
      given(opened(how), full, waiting).when(join("again", tooMany)).thenRefused(code, details);
    }
    given(opened({ capacity: 1, maxPerOrder: 1 }), full, waiting, {
      type: "InventoryClosed",
      data: { reason: "event-cancelled" },
    })
      .when(join("again", tooMany))
      .thenRefused("event-cancelled");
  });

  it("is refused when the list is full, and not before", { timeout: 30_000 }, () => {
    const filled = stateOf(inventory, [
      ...soldOut,
      ...Array.from({ length: MAX_WAITLIST - 1 }, (_, i) => joined(`e${i}`, i + 1)),
    ]);
    const last = inventory.decide(join("last"), filled);
    expect(last).toMatchObject({ accepted: true });
    const full = inventory.evolve(filled, joined("last", MAX_WAITLIST));
    expect(inventory.decide(join("late"), full)).toEqual({ accepted: false, code: "waitlist-full", details: {} });
  });

  it("is refused where no such ticket type is", () => {
    given().when(join("ada")).thenRefused("ticket-type-not-found");
  });
});

describe("leaving the waitlist", () => {
  it("takes the entry off", () => {
    given(...soldOut, joined("ada", 1))
      .when(leave("ada"))
      .then(left("ada"));
  });

  it("goes on whatever the state of the sale", () => {
    given(...soldOut, joined("ada", 1), termsChanged({ saleEndsAt: noon }))
      .when(leave("ada"))
      .then(left("ada"));
  });

  it("gives an open offer back, from hand to hand", () => {
    const offer = [...soldOut, joined("ada", 1, { quantity: 2 }), released("r1", 2), offered(["ada", 2])];
    given(...offer)
      .when(leave("ada"))
      .then(released("ada", 2))
      .leaving({ held: 0 });
    given(...offer, joined("bob", 1), joined("cyd", 2))
      .when(leave("ada"))
      .then(released("ada", 2), offered("bob", "cyd"))
      .leaving({ held: 2 });
  });

  it("is fulfilled already when it is gone", () => {
    const offer = [...soldOut, joined("ada", 1, { quantity: 2 }), released("r1", 2), offered(["ada", 2])];
    given(...soldOut, joined("ada", 1), left("ada"))
      .when(leave("ada"))
      .then();
    given(...offer, released("ada", 2))
      .when(leave("ada"))
      .then();
    given(...offer)
      .when(leave("ada", { at: later(noon, OFFER_TTL_MS) }))
      .then();
  });

  it("is refused for an entry, or an offer, of somebody else", () => {
    given(...soldOut, joined("ada", 1))
      .when(leave("ada", { by: "bob" }))
      .thenRefused("waitlist-entry-not-found");
    given(...soldOut, joined("ada", 1, { quantity: 2 }), released("r1", 2), offered(["ada", 2]))
      .when(leave("ada", { by: "bob" }))
      .thenRefused("waitlist-entry-not-found");
  });

  it("is no way to release what is not an offer", () => {
    given(...soldOut)
      .when(leave("r1", { by: "eve" }))
      .thenRefused("waitlist-entry-not-found");
  });
});
