import { describe, expect, it } from "vitest";
import { newReservation } from "../../src/api/reservations/schemas.ts";

/** Which fields are complained of. */
const refused = (body: object): readonly (string | undefined)[] =>
  (newReservation.safeParse({ ticketTypeId: "0196f0c0-0000-7000-8000-000000000001", ...body }).error?.issues ?? []).map(
    ({ path }) => path.map(String)[0],
  );

describe("what is wished of seats", () => {
  it.each([
    [{ bestAvailable: 2, accessible: 3 }, ["accessible"]],
    [{ bestAvailable: 2, accessible: 2 }, []],
    [{ bestAvailable: { toString: "x" }, accessible: 15 }, ["bestAvailable"]],
    [{ bestAvailable: 2, accessible: { valueOf: "x" } }, ["accessible"]],
    [{ bestAvailable: "2", accessible: 15 }, ["bestAvailable"]],
  ])("%j is refused for %j, whatever else is wrong with it", (body, fields) => {
    expect(refused(body)).toEqual(fields);
  });
});
