import { DIMENSIONS } from "./views/dimensions.ts";
import { FACTS } from "./views/facts.ts";
import { QUESTIONS } from "./views/questions.ts";

/** A view of schema `analytics`, with what it and each of its columns is. */
export interface AnalystView {
  readonly name: string;
  readonly about: string;
  /** By name: SQL, and a comment. */
  readonly columns: Readonly<Record<string, readonly [expression: string, comment: string]>>;
  /** The rest of the query, from `from` on. */
  readonly from: string;
}

/** In the order in which they can be made: some are made of others. */
export const ANALYST_VIEWS: readonly AnalystView[] = [...DIMENSIONS, ...FACTS, ...QUESTIONS];

/** Views of read models that they are made of. */
export const BASES: readonly string[] = [
  ...new Set(
    ANALYST_VIEWS.flatMap(({ from }) => [...from.matchAll(/readmodels\.(\w+)/g)].map(([, name]) => name as string)),
  ),
];
