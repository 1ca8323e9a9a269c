import type { Chance } from "../../model/chance.ts";

/** Kinds that can be asked for by name: `--faults kills,stops`. */
export const GROUPS = [
  "kills",
  "stops",
  "postgres",
  "connections",
  "disk",
  "clock",
  "provider",
  "webhooks",
  "projections",
  "store",
] as const;
export type FaultGroup = (typeof GROUPS)[number];

/** Something that is done to a town. */
export interface Fault {
  /** As the report counts it. */
  readonly name: string;
  readonly group: FaultGroup;
  /** How often it is drawn, beside the others. */
  readonly weight: number;
  /** How long it goes on, in milliseconds, from and to; 0 is over at once. */
  readonly lastsMs: readonly [number, number];
  /** Whether it may be struck again while it goes on. */
  readonly overlaps: boolean;
  /** @returns null: what it would strike is not there just now */
  strike(chance: Chance): Promise<Struck | null>;
}

/** One that goes on until it is undone. */
export interface Struck {
  /** What was done to whom. */
  readonly what: string;
  undo(): Promise<void> | void;
}

/** One that is over as soon as it is struck. */
export const over = (what: string): Struck => ({ what, undo() {} });
