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
    ["GET", "/purchases", "normal"],
    ["GET", "/events/1", "normal"],
    ["GET", "/events/health/live", "normal"],
    ["POST", "/health/live", "normal"],
    ["POST", "/events/1/reservations", "normal"],
    ["POST", "/bookings/1/refund-quote", "normal"],
    ["POST", "/bookings/1/cancel/2", "normal"],
    ["POST", "/holds", "normal"],
    ["DELETE", "/carts", "normal"],
    ["PUT", "/cart/items/1", "normal"],
  ])("%s %s is let in: %s", (method, url, urgency) => {
    expect(urgencyOf(method, url)).toBe(urgency);
  });
});
