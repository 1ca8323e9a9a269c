import { describe, expect, it } from "vitest";
import {
  arrivalSecond,
  countedIn,
  LAST_SECOND,
  LOTS,
  rankOf,
  secondOf,
  settledSecond,
} from "../../../src/domain/waiting-room/rank.ts";

const opensAtMs = Date.parse("2026-12-01T10:00:00Z");

describe("the second of arrival", () => {
  it("is 0 for all who come before the opening", () => {
    expect(arrivalSecond(opensAtMs - 3_600_000, opensAtMs)).toBe(0);
    expect(arrivalSecond(opensAtMs - 1, opensAtMs)).toBe(0);
  });

  it("counts on from the opening", () => {
    expect(arrivalSecond(opensAtMs, opensAtMs)).toBe(1);
    expect(arrivalSecond(opensAtMs + 999, opensAtMs)).toBe(1);
    expect(arrivalSecond(opensAtMs + 1_000, opensAtMs)).toBe(2);
  });

  it("is settled a second after its end", () => {
    expect(settledSecond(opensAtMs + 999, opensAtMs)).toBe(-1);
    expect(settledSecond(opensAtMs + 1_000, opensAtMs)).toBe(0);
    expect(settledSecond(opensAtMs + 2_000, opensAtMs)).toBe(1);
    for (const afterMs of [0, 500, 1_500, 77_700]) {
      expect(settledSecond(opensAtMs + afterMs, opensAtMs)).toBeLessThan(arrivalSecond(opensAtMs + afterMs, opensAtMs));
    }
  });
});

describe("a rank", () => {
  it("goes by the second first, and then by the lot", () => {
    const last = LOTS - 1;
    expect(rankOf(0, last)).toBeLessThan(rankOf(1, 0));
    expect(rankOf(7, 3)).toBeLessThan(rankOf(7, 4));
    expect(rankOf(LAST_SECOND - 1, last)).toBeLessThan(rankOf(LAST_SECOND, 0));
  });

  it("tells lots apart in the last second, too", () => {
    expect(rankOf(LAST_SECOND, LOTS - 2)).toBeLessThan(rankOf(LAST_SECOND, LOTS - 1));
    expect(secondOf(rankOf(LAST_SECOND, LOTS - 1))).toBe(LAST_SECOND);
  });
});

describe("where arrivals are counted", () => {
  const HALF_A_MONTH = 16 * 86_400;

  it("each second by itself for a day, then with others up to the last of 16, then of 256", () => {
    expect([0, 1, 86_399].map(countedIn)).toEqual([0, 1, 86_399]);
    expect([86_400, 86_415, 86_416].map(countedIn)).toEqual([86_415, 86_415, 86_431]);
    expect(countedIn(HALF_A_MONTH - 1)).toBe(HALF_A_MONTH - 1);
    expect([0, 255, 256].map((after) => countedIn(HALF_A_MONTH + after) - HALF_A_MONTH)).toEqual([255, 255, 511]);
    expect(countedIn(LAST_SECOND)).toBe(LAST_SECOND);
  });

  it("never before their own second, and in a bounded number of places in 194 days", () => {
    const places = new Set<number>();
    for (let second = 0; second <= LAST_SECOND; second += 5) {
      const counted = countedIn(second);
      if (counted < second) expect.unreachable(`${second} in ${counted}`);
      places.add(counted);
    }
    expect(places.size).toBeLessThan(240_000);
    expect(countedIn(86_399)).toBe(86_399);
  });
});
