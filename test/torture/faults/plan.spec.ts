import { describe, expect, it } from "vitest";
import { everythingOnce, type Plannable, planned } from "./plan.ts";

const fault = (name: string, group: Plannable["group"], overlaps: boolean): Plannable => ({
  name,
  group,
  weight: 1,
  lastsMs: group === "kills" ? [0, 0] : [1_000, 5_000],
  overlaps,
});
const FAULTS = [fault("kill", "kills", true), fault("stop", "stops", true), fault("full", "disk", false)];

describe("the plan of a seed", () => {
  it("is the same each time, and another one for another seed", () => {
    const amounts = { kills: 20, others: 20 };
    expect([...planned(1, FAULTS, amounts)]).toEqual([...planned(1, FAULTS, amounts)]);
    expect([...planned(1, FAULTS, amounts)]).not.toEqual([...planned(2, FAULTS, amounts)]);
  });

  it("has as many kills and other faults as are wanted", () => {
    const all = [...planned(3, FAULTS, { kills: 200, others: 150 })].flatMap(({ faults }) => faults);
    expect(all.filter(({ name }) => name === "kill")).toHaveLength(200);
    expect(all.filter(({ name }) => name !== "kill")).toHaveLength(150);
  });

  it("strikes nothing again while it goes on, where that would say nothing", () => {
    for (const { faults } of planned(4, FAULTS, { kills: 100, others: 100 })) {
      expect(faults.filter(({ name }) => name === "full").length).toBeLessThan(2);
    }
    expect([...planned(5, [fault("full", "disk", false)], { kills: 5, others: 4 })]).toHaveLength(4);
  });

  it("of everything once has everything once", () => {
    const names = everythingOnce(6, FAULTS, 2).flatMap(({ faults }) => faults.map(({ name }) => name));
    expect(names.toSorted()).toEqual(["full", "kill", "stop"]);
  });
});
