import { expect, it } from "vitest";
import { SeenAccounts } from "../../src/waiting-room/seen.ts";

const account = (n: number) => `019f0000-0000-7000-8000-${String(n).padStart(12, "0")}`;

it("counts who comes again once", () => {
  const seen = new SeenAccounts(Buffer.alloc(32, 3));
  expect(seen.see(account(1))).toBe(1);
  for (let again = 0; again < 1_000; again += 1) expect(seen.see(account(1))).toBe(0);
});

it("counts a crowd to half a percent, each of whom comes twice, and grows by bits, not people", () => {
  const seen = new SeenAccounts(Buffer.alloc(32, 3));
  let people = 0;
  for (let n = 0; n < 500_000; n += 1) people += seen.see(account(n));
  for (let n = 0; n < 500_000; n += 7) people += seen.see(account(n));
  expect(Math.abs(people / 500_000 - 1)).toBeLessThan(0.005);
  expect(seen.bytes).toBeLessThan(3 * 2 ** 20);
});
