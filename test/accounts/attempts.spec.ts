import { describe, expect, it } from "vitest";
import { createAttempts } from "../../src/accounts/attempts.ts";

describe("attempts", () => {
  it("may fail a number of times, then have to wait for the end of the window", () => {
    let now = 1_000;
    const attempts = createAttempts(3, 60_000, () => now);
    for (let i = 0; i < 3; i++) {
      expect(attempts.waitSeconds("k")).toBeNull();
      attempts.count("k");
    }
    now += 20_500;
    expect(attempts.waitSeconds("k")).toBe(40);
    expect(attempts.waitSeconds("other")).toBeNull();
    now += 39_499;
    expect(attempts.waitSeconds("k")).toBe(1);
    now += 1;
    expect(attempts.waitSeconds("k")).toBeNull();
    attempts.count("k");
    expect(attempts.waitSeconds("k")).toBeNull();
  });

  it("are taken back one by one, never below none", () => {
    const attempts = createAttempts(2, 60_000, () => 0);
    attempts.count("k");
    attempts.count("k");
    attempts.takeBack("k");
    expect(attempts.waitSeconds("k")).toBeNull();
    attempts.takeBack("k");
    attempts.takeBack("k");
    attempts.count("k");
    attempts.count("k");
    expect(attempts.waitSeconds("k")).toBe(60);
    attempts.takeBack("unknown");
    expect(attempts.waitSeconds("unknown")).toBeNull();
  });

  it("are counted anew when they are forgotten", () => {
    const attempts = createAttempts(1, 60_000, () => 0);
    attempts.count("k");
    attempts.forget("k");
    expect(attempts.waitSeconds("k")).toBeNull();
  });
});
