/** Plants a bug and simulates until a seed fails: `hunted.ts <bug> <seeds>`, answers JSON of {@link Hunted}. */
import { plant } from "./plant.ts";
import { BUGS } from "./planted.ts";

const [name, seeds] = process.argv.slice(2);
const bug = BUGS.find((one) => one.name === name);
if (bug === undefined) throw new Error(`no such bug: ${name}`);
plant(bug);
const { simulate } = await import("../run.ts"); // only now, with the bug in the product

console.log(JSON.stringify(await firstFailure(Number(seeds))));

async function firstFailure(most: number) {
  for (let seed = 1; seed <= most; seed += 1) {
    const { faults } = await simulate(seed);
    if (faults[0] !== undefined) return { seeds: seed, by: faults[0] };
  }
  return { seeds: null, by: "" };
}
