import { expect, it } from "vitest";
import { sharedSeat } from "../../../src/domain/seating/shared-seats.ts";

/** A map with one section of rows, each `name: seats`. */
const mapOf = (section: string, ...rows: readonly string[]) => ({
  sections: [
    {
      name: section,
      rows: rows.map((row) => {
        const [name = "", seats = ""] = row.split(": ");
        return { name, seats };
      }),
    },
  ],
});

it("maps of one event may have seats in the same row, as long as each has its own", () => {
  expect(sharedSeat([mapOf("BOX", "A: 1-4,L"), mapOf("BOX", "A: 5-8,R", "B: 1-4"), mapOf("T", "A: 1-4")])).toBeNull();
});

it("the first seat that two of them have is told, and the later map", () => {
  const maps = [mapOf("BOX", "A: 1-4,L"), mapOf("BOX", "A: 5-8"), mapOf("BOX", "B: 1", "A: 9,L,8")];
  expect(sharedSeat(maps)).toEqual({ seat: "BOX-A-L", map: 2 });
  expect(sharedSeat([mapOf("BOX", "A: 1"), mapOf("BOX", "A: 2"), mapOf("BOX", "A: 2")])).toEqual({
    seat: "BOX-A-2",
    map: 2,
  });
});

it("seats that cannot be read are not passed over", () => {
  expect(() => sharedSeat([mapOf("BOX", "A: 9-1")])).toThrow("a row of a seat map takes ranges from the lower number");
});
