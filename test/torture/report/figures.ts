import type { Injected } from "../faults/play-bout.ts";
import type { TortureResult } from "../run.ts";

/** Of times in milliseconds; null without any. */
export interface Spread {
  readonly count: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly maxMs: number | null;
}

export function spread(timesMs: readonly number[]): Spread {
  const sorted = timesMs.toSorted((a, b) => a - b);
  const at = (share: number) => {
    const found = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
    return found === undefined ? null : Math.round(found);
  };
  return { count: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
}

/** What a run comes to, as it is printed and kept. */
export interface Figures {
  readonly seed: number;
  readonly kills: number;
  readonly others: number;
  /** By kind, the most frequent first. */
  readonly faults: readonly (readonly [name: string, count: number])[];
  /** From when all faults of a bout were undone until everything worked on every node. */
  readonly recovery: Spread;
  /** Of bouts with this kind in them, the slowest first. */
  readonly recoveryByFault: readonly (readonly [name: string, spread: Spread])[];
  readonly asked: number;
  readonly unknown: number;
  /** By command: answered, and of them granted. */
  readonly commands: readonly (readonly [name: string, answered: number, granted: number])[];
  readonly violations: number;
}

export function figuresOf({ seed, injected, recoveries, progress, findings }: TortureResult): Figures {
  const struck = injected.filter(({ what }) => what !== null);
  const kills = struck.filter(({ group }) => group === "kills").length;
  const byBout = new Map(recoveries.map(({ bout, ms }) => [bout, ms]));
  const byName = Map.groupBy(struck, ({ name }) => name);
  const recoveryByFault = [...byName].map(([name, ones]) => [name, spread(recoveriesOf(ones, byBout))] as const);
  return {
    seed,
    kills,
    others: struck.length - kills,
    faults: [...byName].map(([name, ones]) => [name, ones.length] as const).sort(([, a], [, b]) => b - a),
    recovery: spread(recoveries.map(({ ms }) => ms)),
    recoveryByFault: recoveryByFault.sort(([, a], [, b]) => (b.p50Ms ?? 0) - (a.p50Ms ?? 0)),
    asked: progress.asked,
    unknown: progress.unknown,
    commands: [...progress.byCommand]
      .map(([name, answered]) => [name, answered, progress.granted.get(name) ?? 0] as const)
      .sort(([, a], [, b]) => b - a),
    violations: findings.reduce((sum, { violations }) => sum + violations.length, 0),
  };
}

function recoveriesOf(ones: readonly Injected[], byBout: ReadonlyMap<number, number>): number[] {
  return [...new Set(ones.map(({ bout }) => bout))].flatMap((bout) => byBout.get(bout) ?? []);
}
