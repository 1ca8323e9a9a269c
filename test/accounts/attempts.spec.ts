import { describe, expect, it } from "vitest";
import { createAttempts } from "../../src/accounts/attempts.ts";

describe("attempts", () => {
  it("may fail a number of times, then have to wait for the end of the window", () => {
    let now = 1_000;
    const attempts = createAttempts(3, 60_000, () => now);
    expect([1, 2, 3].map(() => attempts.begin("k"))).toEqual([null, null, null]);
    now += 20_500;
    expect(attempts.begin("k")).toBe(40);
    expect(attempts.begin("other")).toBeNull();
    now += 39_499;
    expect(attempts.begin("k")).toBe(1);
    now += 1;
    expect(attempts.begin("k")).toBeNull();
  });

  it("count anew after a success", () => {
    const attempts = createAttempts(2, 60_000, () => 0);
    attempts.begin("k");
    attempts.begin("k");
    attempts.succeeded("k");
    expect([1, 2, 3].map(() => attempts.begin("k"))).toEqual([null, null, 60]);
  });
});
