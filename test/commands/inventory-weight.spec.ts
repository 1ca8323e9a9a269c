import { expect, it } from "vitest";
import { weightOf } from "../../src/commands/inventory-weight.ts";
import { inventory } from "../../src/domain/inventory.ts";
import { hallOpened } from "../domain/seats-words.ts";

const opened = (rows: number, seats: string, capacity: number) => {
  const map = {
    sections: [{ name: "S", rows: Array.from({ length: rows }, (_, row) => ({ name: `${row + 1}`, seats })) }],
  };
  return inventory.evolve(inventory.initialState(), hallOpened({}, map, capacity));
};

it("an inventory with a seat map weighs what its seats and rows take in memory", () => {
  expect(weightOf(inventory.initialState())).toBe(0);
  const hall = weightOf(opened(500, "1-100", 50_000));
  expect(hall * 100).toBeGreaterThan(250_000);
  expect(hall * 100).toBeLessThan(400_000);
  expect(weightOf(opened(500, "1-10", 5_000))).toBeGreaterThan(weightOf(opened(5, "1-1000", 5_000)));
});
