import { expect, it } from "vitest";
import { personaOf } from "../../bench/rehearsal/crowd/persona.ts";
import { planOf } from "../../bench/rehearsal/plan.ts";

const plan = planOf({ buyers: 10_000, capacity: 2_000, seats: false, seed: "7" });
const crowd = (seed: string) => Array.from({ length: 2_000 }, (_, n) => personaOf({ ...plan, seed }, n));

it("the same seed makes the same buyers, another one others", () => {
  expect(crowd("7")).toEqual(crowd("7"));
  expect(crowd("8")).not.toEqual(crowd("7"));
});

it("most come before the opening, some reload, some go away, some only look", () => {
  const people = crowd("7");
  const share = (isSo: (one: (typeof people)[number]) => boolean) => people.filter(isSo).length / people.length;
  expect(share(({ arrivesMs }) => arrivesMs < 0)).toBeCloseTo(0.7, 1);
  expect(share(({ reloads }) => reloads > 0)).toBeCloseTo(0.1, 1);
  expect(share(({ patienceMs }) => patienceMs !== null)).toBeCloseTo(0.12, 1);
  expect(share(({ inTheShop }) => inTheShop.does === "looks-only")).toBeCloseTo(0.05, 1);
  for (const { arrivesMs, thinksMs, tickets } of people) {
    expect(Math.abs(arrivesMs)).toBeLessThanOrEqual(plan.arrivalMs + 1);
    expect(thinksMs).toBeLessThanOrEqual(36_000);
    expect(tickets).toBeLessThanOrEqual(4);
  }
});
