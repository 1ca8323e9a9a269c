import type { Climate } from "./climate.ts";
import { Simulation } from "./simulation.ts";
import { faultsIn } from "./verdict.ts";

export interface Ran {
  readonly seed: number;
  /** What must not be; none: all is well. */
  readonly faults: readonly string[];
  /** Equal for equal runs. */
  readonly hash: number;
  readonly tasks: number;
  readonly simulatedMs: number;
  readonly events: number;
  readonly asked: number;
  readonly climate: Climate;
}

/**
 * Runs a seed from beginning to end, and checks what came of it.
 * @param trace told of each thing that happens
 */
export async function simulate(seed: number, trace: ((line: string) => void) | null = null): Promise<Ran> {
  const { stackTraceLimit } = Error;
  if (trace === null) Error.stackTraceLimit = 0; // thousands fail as they should, and stacks are dear
  const unhandled: string[] = [];
  const onUnhandled = (error: unknown) => void unhandled.push(`nobody handles ${stackOf(error)}`);
  process.on("unhandledRejection", onUnhandled);
  try {
    const simulation = new Simulation(seed, trace);
    const restless = await simulation.run();
    const faults = [...restless, ...faultsIn(simulation.evidence()), ...unhandled];
    return { ...simulation.figures(), seed, faults };
  } finally {
    process.off("unhandledRejection", onUnhandled);
    Error.stackTraceLimit = stackTraceLimit;
  }
}

const stackOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));
