import { firstFailure } from "../seeds.ts";
import type { Bug } from "./planted.ts";

/** What a run of seeds against a bug came to. */
export interface Hunted {
  readonly bug: Bug;
  /** Seeds until it was caught; null: it was not. */
  readonly seeds: number | null;
  /** What the first violation says. */
  readonly by: string;
}

/** Simulates with the bug in the code until a seed fails. */
export async function hunt(bug: Bug, seeds: number, threads: number): Promise<Hunted> {
  const failed = await firstFailure({ from: 1, seeds, bug, threads });
  return { bug, seeds: failed?.seed ?? null, by: failed?.faults[0] ?? "" };
}
