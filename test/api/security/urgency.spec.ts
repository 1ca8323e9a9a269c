import { describe, expect, it } from "vitest";
import { urgencyOf } from "../../../src/api/server/urgency.ts";

describe("under overload", () => {
  it.each([
    ["GET", "/health/live", "always"],
    ["HEAD", "/health/ready?x=1", "always"],
    ["POST", "/payments/webhook", "last"],
    ["POST", "/purchases", "last"],
    ["POST", "/purchases?x=1", "last"],
    ["POST", "/bookings/1/cancel", "last"],
    ["POST", "/bookings/1", "last"],
    ["POST", "/book", "last"],
    ["POST", "/ticket/confirmReservation", "last"],
    ["DELETE", "/reservations/1", "last"],
    ["DELETE", "/cart", "last"],
    ["DELETE", "/cart/items/1", "last"],
    ["DELETE", "/waitlist/1", "last"],
    ["GET", "/purchases", "reads"],
    ["GET", "/events/1", "reads"],
    ["GET", "/events/health/live", "reads"],
    ["POST", "/health/live", "writes"],
    ["POST", "/events/1/reservations", "writes"],
    ["POST", "/bookings/1/refund-quote", "writes"],
    ["POST", "/bookings/1/cancel/2", "writes"],
    ["POST", "/holds", "writes"],
    ["DELETE", "/carts", "writes"],
    ["PUT", "/cart/items/1", "writes"],
  ])("%s %s is let in: %s", (method, url, urgency) => {
    expect(urgencyOf(method, url)).toBe(urgency);
  });
});
