import { Chance } from "../../model/chance.ts";
import type { Fault } from "./fault.ts";

/** One fault as it is to be struck. */
export interface PlannedFault {
  readonly name: string;
  /** After the bout began. */
  readonly atMs: number;
  /** Until it is undone. */
  readonly lastsMs: number;
  /** Of what it chooses itself: whom, how much. */
  readonly seed: number;
}

/** Faults that come close together and overlap; when all are undone, everything has to recover. */
export interface Bout {
  readonly number: number;
  readonly faults: readonly PlannedFault[];
  /** Of nothing but load, after it has recovered. */
  readonly restMs: number;
}

export type Plannable = Pick<Fault, "name" | "group" | "weight" | "lastsMs" | "overlaps">;

/** How many at most; of kinds that there are none of none are planned. */
export interface Amounts {
  readonly kills: number;
  readonly others: number;
}

/** A fault alone shows most clearly what it does, several together what nobody thought of. */
const SIZES = [
  [5, 1],
  [3, 2],
  [4, 3],
  [4, 4],
  [4, 5],
] as const;
const APART_MS = 1_600;
const LONGEST_REST_MS = 800;

/**
 * Bouts of faults, drawn from the seed alone: what comes, in which order, when within its bout and for how long is the same
 * each time. Kills and other faults are drawn alike often.
 */
export function* planned(seed: number, faults: readonly Plannable[], amounts: Amounts): Generator<Bout> {
  const chance = new Chance(seed);
  const kills = faults.filter(({ group }) => group === "kills");
  const others = faults.filter(({ group }) => group !== "kills");
  const left = { kills: kills.length === 0 ? 0 : amounts.kills, others: others.length === 0 ? 0 : amounts.others };
  for (let number = 1; left.kills + left.others > 0; number += 1) {
    const bout: PlannedFault[] = [];
    const taken = new Set<string>();
    const size = Math.min(chance.weighted(SIZES), left.kills + left.others);
    let atMs = 0;
    while (bout.length < size) {
      const isKill = left.others === 0 || (left.kills > 0 && chance.is(0.5));
      const open = (isKill ? kills : others).filter(({ name, overlaps }) => overlaps || !taken.has(name));
      if (open.length === 0) break; // each of them goes on already
      left[isKill ? "kills" : "others"] -= 1;
      const fault = chance.weighted(open.map((one) => [one.weight, one] as const));
      taken.add(fault.name);
      const [least, most] = fault.lastsMs;
      bout.push({
        name: fault.name,
        atMs,
        lastsMs: least + chance.below(most - least + 1),
        seed: chance.below(2 ** 31),
      });
      atMs += chance.below(APART_MS);
    }
    yield { number, faults: bout, restMs: chance.below(LONGEST_REST_MS) };
  }
}

/** A few bouts in which everything comes once, each fault for no longer than it must be: to see that all of it works. */
export function everythingOnce(seed: number, faults: readonly Plannable[], bouts: number): readonly Bout[] {
  const chance = new Chance(seed);
  const left = [...faults];
  const shuffled: Plannable[] = [];
  while (left.length > 0) shuffled.push(...left.splice(chance.below(left.length), 1));
  return Array.from({ length: bouts }, (_, index) => {
    let atMs = 0;
    const own = shuffled.filter((_fault, place) => place % bouts === index);
    const planned = own.map(({ name, lastsMs: [least] }) => {
      atMs += chance.below(APART_MS / 2);
      return { name, atMs, lastsMs: least, seed: chance.below(2 ** 31) };
    });
    return { number: index + 1, faults: planned, restMs: 0 };
  });
}
