import { describe, expect, it } from "vitest";
import { POLICY } from "../../../src/api/security/policy.ts";
import { RATE_CLASSES, rateClassOf } from "../../../src/api/security/rate-classes.ts";

describe("the class of a route", () => {
  it.each([
    ["GET", "/events/:eventId", "reads"],
    ["HEAD", "/events/:eventId", "reads"],
    ["POST", "/events/:eventId/reservations", "writes"],
    ["DELETE", "/cart", "writes"],
    ["POST", "/sessions", "sign-ins"],
    ["DELETE", "/sessions", "writes"],
    ["POST", "/sessions/guest", "sign-ins"],
    ["POST", "/accounts", "sign-ins"],
    ["GET", "/accounts", "searches"],
    ["GET", "/accounts/me", "reads"],
    ["GET", "/events/search", "searches"],
    ["HEAD", "/events/search", "searches"],
    ["GET", "/audit/log", "searches"],
    ["POST", "/audit/verifications", "writes"],
    ["GET", "/analytics/sales", "searches"],
  ])("%s %s: %s", (method, url, rateClass) => {
    expect(rateClassOf(method, url)).toBe(rateClass);
  });

  it("is said of routes that there are, or will be", () => {
    const toCome = ["GET /audit/*", "GET /analytics/*", "GET /events/:eventId/bookings"];
    expect(Object.keys(RATE_CLASSES).filter((route) => !(route in POLICY) && !toCome.includes(route))).toEqual([]);
  });
});
