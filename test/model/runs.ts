import { Chance } from "./chance.ts";
import { type Played, play } from "./play.ts";
import { shrink } from "./shrink.ts";
import { randomSteps, type Step } from "./steps.ts";
import { playStorm, stormOf } from "./storm.ts";
import { randomWorld, type World } from "./world.ts";

const STEPS = 70;
/** One in so many runs is a storm. */
const STORM_EVERY = 4;

/** A run and all that is needed to do it once more. */
export interface RunResult extends Played {
  readonly seed: number;
  readonly isStorm: boolean;
}

/** The run of a seed; the same one goes the same way each time. */
export async function playRun(seed: number): Promise<RunResult> {
  const isStorm = seed % STORM_EVERY === 0;
  const { world, steps } = scriptOf(seed);
  const played = isStorm ? await playStorm(stormOf(seed)) : await play(world, steps);
  const { story, faults, answers, recorded, log } = played;
  return { story, faults, answers, recorded, log, seed, isStorm };
}

export function scriptOf(seed: number): { readonly world: World; readonly steps: readonly Step[] } {
  const chance = new Chance(seed);
  const world = randomWorld(chance);
  return { world, steps: randomSteps(chance, world, STEPS) };
}

/** What is left of a failed run when everything is left out that the failure does not need. */
export interface Shrunk {
  readonly kept: number;
  readonly of: number;
  readonly played: Played;
}

export async function shrunk({ seed, isStorm }: RunResult): Promise<Shrunk> {
  if (isStorm) {
    const storm = stormOf(seed);
    return shortest(storm.bursts, (bursts) => playStorm({ ...storm, bursts }));
  }
  const { world, steps } = scriptOf(seed);
  return shortest(steps, (some) => play(world, some));
}

async function shortest<One>(all: readonly One[], run: (some: readonly One[]) => Promise<Played>): Promise<Shrunk> {
  const kept = await shrink(all, async (some) => (await run(some)).faults.length > 0);
  return { kept: kept.length, of: all.length, played: await run(kept) };
}
