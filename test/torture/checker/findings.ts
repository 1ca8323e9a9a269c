import type { Finding } from "../../system/buying/verdict.ts";

/** So many violations of a kind are kept; of the others only how many they are. */
const KEPT = 50;

/** What was found so far, by kind, bounded: a run in which everything is wrong must not take all memory to say so. */
export class Findings {
  readonly #kept = new Map<string, { readonly violations: string[]; more: number }>();

  add(what: string, violation: string): void {
    this.addAll(what, [violation]);
  }

  addAll(what: string, violations: readonly string[]): void {
    if (violations.length === 0) return;
    const kept = this.#kept.get(what) ?? { violations: [], more: 0 };
    this.#kept.set(what, kept);
    const room = Math.max(0, KEPT - kept.violations.length);
    kept.violations.push(...violations.slice(0, room));
    kept.more += Math.max(0, violations.length - room);
  }

  all(): readonly Finding[] {
    return [...this.#kept].map(([what, { violations, more }]) => ({
      what,
      violations: more === 0 ? violations : [...violations, `and ${more} more`],
    }));
  }
}
