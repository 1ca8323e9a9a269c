import type { Finding } from "../../system/buying/verdict.ts";
import type { History } from "../history/history.ts";
import type { Town } from "../town.ts";

export interface CheckOptions {
  readonly town: Town;
  /** Closed: all that was asked has its answer. */
  readonly history: History;
  readonly say?: (line: string) => void;
}

export interface CheckResult {
  /** What must not be and is, each with its first violations; none: all is well. */
  readonly findings: readonly Finding[];
  /** How much was looked at, by its name, so that a check that saw nothing is not taken for one that found nothing. */
  readonly counted: Readonly<Record<string, number>>;
}

/** Holds what clients saw, the log, the provider's record and the read models against each other, when all was healed. */
export async function check({ town }: CheckOptions): Promise<CheckResult> {
  throw new Error(`nothing is checked yet at ${town.apiUrls.length} nodes`);
}
