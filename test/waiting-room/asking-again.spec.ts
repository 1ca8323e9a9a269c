import { expect, it } from "vitest";
import { askAgainSeconds } from "../../src/waiting-room/asking-again.ts";

const OPENS_AT_MS = 1_000_000;
const room = (pace: number | null) => ({
  opensAtMs: OPENS_AT_MS,
  secondsTo: (place: number) => (pace === null ? null : Math.ceil(place / pace)),
});

it("who has longer to wait asks later, but never so late that he misses his turn", () => {
  const at = (place: number) => askAgainSeconds(room(10), { is: "waiting", place }, 0, OPENS_AT_MS);
  expect([1, 80, 400, 1_000, 10_000_000].map(at)).toEqual([2, 2, 10, 25, 30]);
});

it("before the opening he asks when it opens, if that is near", () => {
  const before = (ms: number) => askAgainSeconds(room(10), { is: "undrawn" }, 0, OPENS_AT_MS - ms);
  expect([3_600_000, 12_500, 500, -5_000].map(before)).toEqual([30, 13, 2, 2]);
});

it("while nobody is called he asks now and then", () => {
  expect(askAgainSeconds(room(null), { is: "waiting", place: 3 }, 0, OPENS_AT_MS)).toBe(10);
});
