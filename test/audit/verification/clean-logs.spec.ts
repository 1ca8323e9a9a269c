import { expect, it } from "vitest";
import { playRun } from "../../model/runs.ts";
import { Simulation } from "../../simulation/simulation.ts";
import { checked } from "./checking.ts";

const RUNS = 120;
const SIMULATED = 40;

it("nothing is found in what random sequences of everything that can be asked left in the log", async () => {
  let events = 0;
  for (let seed = 1; seed <= RUNS; seed += 1) {
    const { log } = await playRun(seed);
    events += log.length;
    expect(checked(log).violations, `npm run model -- --seed ${seed}`).toEqual([]);
  }
  expect(events).toBeGreaterThan(5_000);
}, 60_000);

it("nor in what nodes left there that crashed, froze and lost answers", async () => {
  for (let seed = 1; seed <= SIMULATED; seed += 1) {
    const simulation = new Simulation(seed, null);
    await simulation.run();
    const { events } = simulation.evidence().store.memory;
    expect(checked(events).violations, `npm run simulate -- --seed ${seed}`).toEqual([]);
  }
}, 60_000);
