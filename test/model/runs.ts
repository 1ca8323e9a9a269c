import { Chance } from "./chance.ts";
import { type Played, play } from "./play.ts";
import { randomSteps, type Step } from "./steps.ts";
import { randomWorld, type World } from "./world.ts";

/** A world and what happens in it, both by the seed. */
export interface Script {
  readonly world: World;
  readonly steps: readonly Step[];
}

const STEPS = 60;

export function scriptOf(seed: number): Script {
  const chance = new Chance(seed);
  const world = randomWorld(chance);
  return { world, steps: randomSteps(chance, world, STEPS) };
}

export const playScript = ({ world, steps }: Script): Promise<Played> => play(world, steps);
