import { describe, expect, it } from "vitest";
import { ticketTypeCalled } from "../../../src/api/legacy/what-is-sold.ts";
import { Problem } from "../../../src/api/problems/problem.ts";
import type { KnownListing } from "../../../src/domain/listing.ts";

const VIP = "0b9fbd54-6a0f-8d0f-9a9b-0d5f5b1f2f11";
const REGULAR = "0b9fbd54-6a0f-8d0f-9a9b-0d5f5b1f2f12";

const called = (name: string, ...names: readonly [vip: string, regular: string]) => {
  const ticketTypes = [VIP, REGULAR].map((ticketTypeId, n) => ({ ticketTypeId, name: names[n] }));
  return ticketTypeCalled({ ticketTypes } as unknown as KnownListing, name, "/ticketType");
};

const problemOf = (run: () => unknown): Problem => {
  try {
    run();
  } catch (error) {
    if (error instanceof Problem) return error;
  }
  throw new Error("it did not throw a problem");
};

describe("a ticket type is called", () => {
  it.each([
    ["VIP", VIP],
    [" Regular ", REGULAR],
    [REGULAR, REGULAR],
    [VIP.toUpperCase(), VIP],
  ])("%j", (name, id) => {
    expect(called(name, "VIP", "Regular")).toBe(id);
  });

  it("by its id, though another has that for a name", () => {
    expect(called(REGULAR, REGULAR, "Regular")).toBe(REGULAR);
  });

  it("by no name that two have, but still by its id", () => {
    expect(problemOf(() => called("VIP", "VIP", "VIP"))).toMatchObject({
      code: "invalid",
      details: { errors: [{ in: "body", path: "/ticketType" }] },
    });
    expect(called(VIP, "VIP", "VIP")).toBe(VIP);
  });

  it("by no other name", () => {
    for (const name of ["vip", "Balcony", ""]) {
      expect(problemOf(() => called(name, "VIP", "Regular")).code).toBe("ticket-type-not-found");
    }
  });
});
