import { expect, it } from "vitest";
import { isProblemCode } from "../../src/api/problems/catalogue.ts";
import { Refused } from "../../src/pages/shared/api.js";
import { SAID_CODES, saidRefusal } from "../../src/pages/tickets/refused.js";

it("what a buyer is told is about refusals that there are", () => {
  expect(SAID_CODES.filter((code) => !isProblemCode(code))).toEqual([]);
});

it("says how many are left, and what the API says where there are no better words", () => {
  expect(saidRefusal(new Refused("sold-out", "?", { available: 3 }))).toBe("So many are not left: it is 3 now.");
  expect(saidRefusal(new Refused("sold-out", "?", { available: 0 }))).toMatch(/^All tickets are taken/);
  expect(saidRefusal(new Refused("sale-paused", "?"))).toMatch(/paused/);
  for (const code of ["session-ended", "token-expired", "token-invalid"]) {
    expect(saidRefusal(new Refused(code, "Get a new one from `POST /sessions`."))).toMatch(/sign in/);
  }
  expect(saidRefusal(new Refused("something-new", "In the API's words."))).toBe("In the API's words.");
});
