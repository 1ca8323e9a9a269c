import type { BenchPostgres } from "./postgres-server.ts";

/** How long and how often to measure. */
export interface BenchOptions {
  /** Of one measurement under load. */
  readonly seconds: number;
  readonly repeats: number;
  /** Of what is measured once, for long. */
  readonly minutes: number;
  /** Of people into a waiting room over HTTP, in all repeats together. */
  readonly entries: number;
  /** A look at whether everything works: small amounts, figures that mean little. */
  readonly quick: boolean;
  /** A folder for CPU profiles of the product; null: none are taken. */
  readonly profileDir: string | null;
  /** A real EventStoreDB to measure with too, from EVENTSTORE_URL. */
  readonly eventStoreUrl: string | null;
}

/** What a part may use; all of it is ended and removed after the part. */
export interface Bench {
  readonly options: BenchOptions;
  /** An empty folder. */
  readonly workDir: string;
  /** Postgres as the product brings it along, with the same settings, on an empty folder. */
  postgres(): Promise<BenchPostgres>;
  /** A line about what is going on. */
  say(line: string): void;
}

/** A figure that the product promises, and what came out. */
export interface Check {
  readonly what: string;
  readonly figure: string;
  readonly floor: string;
  readonly met: boolean;
}

export interface PartResult {
  /** The first row is the heading. */
  readonly table: readonly (readonly string[])[];
  readonly checks: readonly Check[];
  /** All measurements, for the JSON file. */
  readonly measurements: unknown;
}

/** One thing that is measured: `npm run bench -- NAME`. */
export interface Part {
  readonly name: string;
  readonly about: string;
  /** It takes so long that it is run only where it is named. */
  readonly byName?: boolean;
  run(bench: Bench): Promise<PartResult>;
}
