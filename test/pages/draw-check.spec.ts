import { describe, expect, it } from "vitest";
import { LOTS as SERVER_LOTS } from "../../src/domain/waiting-room/rank.ts";
import { LOTS, lotOf, seedFits } from "../../src/pages/waiting-room/draw-check.js";
import { commitmentTo, lotOf as lotByServer } from "../../src/waiting-room/draw.ts";

const seed = "5f".repeat(32);
const accountId = "019f0000-0000-7000-8000-000000000001";
const beacon = { source: "drand, round 7", value: "c0ffee" };
const room = (more: object = {}) => ({
  state: "OPEN" as const,
  round: 1,
  opensAt: null,
  admitPerMinute: 1,
  classes: [],
  beacon: null,
  seed,
  commitment: commitmentTo(seed),
  ...more,
});
const mixed = { beacon, commitment: commitmentTo(seed, beacon) };
const { seed: _untold, ...undrawn } = room();

describe("the draw as the page checks it", () => {
  it("is the one that the server committed to, with a beacon and without", async () => {
    expect([await seedFits(room()), await seedFits(room(mixed))]).toEqual([true, true]);
  });

  it("is found out where seed, beacon or commitment are others", async () => {
    const others = [
      { seed: "60".repeat(32) },
      { commitment: commitmentTo("x") },
      { ...mixed, beacon: { ...beacon, source: "?" } },
    ];
    for (const other of others) expect(await seedFits(room(other))).toBe(false);
    expect(await seedFits(undrawn)).toBeNull();
  });

  it("gives each the lot that the server goes by", async () => {
    expect(LOTS).toBe(SERVER_LOTS);
    expect(await lotOf(room(), accountId)).toBe(lotByServer(seed, accountId));
    expect(await lotOf(room(mixed), accountId)).toBe(lotByServer(seed, accountId, beacon.value));
    expect(await lotOf(room({ beacon: { ...beacon, value: null } }), accountId)).toBeNull();
    expect(await lotOf(undrawn, accountId)).toBeNull();
  });
});
