import { describe, expect, it } from "vitest";
import {
  ANN,
  BOB,
  capacityChanged,
  expired,
  type Fact,
  NOON,
  opened,
  removed,
  reserved,
  salePaused,
  saleResumed,
  typeChanged,
} from "../../projections/recorded.ts";
import {
  CLAIMED_UNTIL,
  claimed,
  closed,
  confirmed,
  DEADLINE,
  joined,
  offered,
  returned,
} from "../../projections/recorded-purchases.ts";
import { Evidence, MORNING_MS } from "./evidence.ts";

const WRONG = "inventories wrong at some revision";

/** What is wrong with an inventory by its own log. */
const wrong = async (...facts: readonly Fact[]) => {
  const found = await new Evidence().recorded(opened({ capacity: 2 }), ...facts).findings(MORNING_MS);
  return (found[WRONG] ?? []).join("\n");
};

describe("an inventory's log", () => {
  it("is found nothing wrong with, when all was right", async () => {
    const bought = [reserved(1), claimed(1, 1), confirmed(1, 1), returned(1, 1, [0])];
    const waited = [reserved(2, { quantity: 2 }), joined(1, { accountId: BOB, quantity: 2 })];
    const ends = [expired([2], { quantity: 2, at: NOON }), offered([1], { accountId: BOB, quantity: 2, at: NOON })];
    expect(await wrong(...bought, ...waited, ...ends)).toBe("");
  });

  it.each<[string, readonly Fact[], string]>([
    ["sold beyond its capacity", [reserved(1, { quantity: 3 })], "oversold"],
    ["cut below what is sold", [reserved(1, { quantity: 2 }), capacityChanged(2, 1)], "oversold"],
    [
      "sold again what was bought",
      [reserved(1), claimed(1, 1), confirmed(1, 1), reserved(2, { quantity: 2 })],
      "oversold",
    ],
    ["ended what nobody has", [expired([9])], "can't end"],
    ["held twice by one name", [reserved(1), reserved(1)], "twice"],
    [
      "gave back twice",
      [reserved(1), claimed(1, 1), confirmed(1, 1), returned(1, 1, [0]), returned(1, 1, [0])],
      "has not bought",
    ],
    ["confirmed what no booking had claimed", [reserved(1), confirmed(1, 1)], "no claim"],
    [
      "confirmed what had lapsed",
      [reserved(1), claimed(1, 1), confirmed(1, 1, { at: CLAIMED_UNTIL })],
      "after its end",
    ],
    ["let expire what was not over", [reserved(1), expired([1])], "before its end"],
    ["sold while it was paused", [salePaused("event"), reserved(1)], "paused"],
    ["sold after the event was called off", [closed(), reserved(1)], "nothing to be had"],
    ["sold after it was removed", [removed(2), reserved(1)], "nothing to be had"],
    ["sold more to one than he may have", [typeChanged({ maxPerUser: 1 }), reserved(1, { quantity: 2 })], "may have 1"],
    ["sold to a walk-up what somebody waits for", [joined(1, { accountId: BOB }), reserved(1)], "waits for"],
    [
      "offered to somebody who came later",
      [
        reserved(1, { quantity: 2 }),
        joined(1, { accountId: BOB }),
        joined(2, { place: 2 }),
        expired([1], { quantity: 2, at: NOON }),
        offered([2], { at: NOON }),
      ],
      "waited for before",
    ],
  ])("is not one that %s", async (_, facts, fault) => {
    expect(await wrong(...facts)).toContain(fault);
  });

  it("may sell once it is resumed, and hold again for a late payment whatever the terms are by then", async () => {
    expect(await wrong(salePaused("event"), saleResumed("event"), reserved(1))).toBe("");
    const again = [reserved(1, { accountId: ANN, expiresAt: DEADLINE }), claimed(1, 1)];
    expect(await wrong(salePaused("event"), ...again)).toBe("");
  });
});

describe("what is left over", () => {
  const left = async (atMs: number, ...facts: readonly Fact[]) =>
    ((await new Evidence().recorded(opened({ capacity: 2 }), ...facts).findings(atMs))["left over"] ?? []).join("\n");
  const HOUR_MS = 3_600_000;

  it("is a reservation that ended long ago, and not one that goes on", async () => {
    expect(await left(Date.parse(NOON) + HOUR_MS, reserved(1))).toContain("ended 3600 s ago");
    expect(await left(MORNING_MS, reserved(1))).toBe("");
  });

  it("is a claim beyond its deadline", async () => {
    expect(await left(Date.parse(NOON), reserved(1), claimed(1, 1))).toContain("claimed beyond its deadline");
  });

  it("is somebody who waits for what is free, unless the sale is paused", async () => {
    expect(await left(MORNING_MS, joined(1))).toContain("were not offered");
    expect(await left(MORNING_MS, joined(1), salePaused("ticket-type"))).toBe("");
    expect(await left(MORNING_MS, joined(1, { quantity: 3 }))).toBe("");
  });

  it("is whoever holds or waits when the event is called off", async () => {
    expect(await left(MORNING_MS, reserved(1), closed())).toContain("is closed");
  });
});
