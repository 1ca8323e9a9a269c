import { setTimeout as pause } from "node:timers/promises";
import { Chance } from "../../model/chance.ts";
import type { Fault, FaultGroup } from "./fault.ts";
import type { Bout, PlannedFault } from "./plan.ts";

/** What it strikes may just be starting again: it is waited for. */
const LOOK_MS = 50;
const WAIT_FOR_IT_MS = 30_000;

/** A fault as it was struck. */
export interface Injected {
  readonly bout: number;
  readonly name: string;
  readonly group: FaultGroup;
  /** What was done to whom; null: there was nobody to strike for half a minute. */
  readonly what: string | null;
  /** Since 1970. */
  readonly struckAtMs: number;
  readonly undoneAtMs: number;
}

/** Strikes a bout's faults, each at its time, and undoes each after its own. Resolves when all are undone. */
export async function playBout(
  bout: Bout,
  faults: ReadonlyMap<string, Fault>,
  onStruck: (injected: Pick<Injected, "name" | "what">) => void = () => {},
): Promise<readonly Injected[]> {
  return Promise.all(
    bout.faults.map(async (one) => {
      const fault = faults.get(one.name);
      if (fault === undefined) throw new Error(`nobody knows the fault ${one.name}`);
      await pause(one.atMs);
      const injected = await inject(fault, one, onStruck);
      return { bout: bout.number, name: fault.name, group: fault.group, ...injected };
    }),
  );
}

async function inject(
  fault: Fault,
  { lastsMs, seed }: PlannedFault,
  onStruck: (injected: Pick<Injected, "name" | "what">) => void,
): Promise<Pick<Injected, "what" | "struckAtMs" | "undoneAtMs">> {
  const untilMs = performance.now() + WAIT_FOR_IT_MS;
  for (;;) {
    const struckAtMs = Date.now();
    const struck = await fault.strike(new Chance(seed));
    if (struck !== null) {
      onStruck({ name: fault.name, what: struck.what });
      if (lastsMs > 0) await pause(lastsMs);
      await struck.undo();
      return { what: struck.what, struckAtMs, undoneAtMs: Date.now() };
    }
    if (performance.now() > untilMs) return { what: null, struckAtMs, undoneAtMs: struckAtMs };
    await pause(LOOK_MS);
  }
}
