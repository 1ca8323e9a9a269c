import { KeyReused } from "../../src/commands/outcome.ts";
import type { Refused } from "../../src/domain/decision.ts";
import type { ScriptedProvider } from "../support/scripted-provider.ts";
import type { Office, Verdict } from "./expected/office.ts";
import type { OnRecord } from "./on-record.ts";
import type { Key, Node } from "./product.ts";
import type { WorldUser } from "./world.ts";

/** What the product answered. */
export type Answer =
  | { readonly granted: true; readonly id: string | null; readonly replayed: boolean }
  | { readonly granted: false; readonly code: string; readonly details: Readonly<Record<string, unknown>> };

/** One thing that is asked of the product and of the model. */
export interface Action {
  readonly kind: string;
  /** For the report. */
  readonly words: string;
  readonly ask: (on: Node, key: Key | null) => Promise<Answer>;
  /** How it should be answered, knowing only what things are called that came to be by it. */
  readonly expect: (id: string) => Verdict;
  /** null: it is not sent with a key. */
  readonly key: Keyed | null;
}

/** Under which the first answer is remembered, and what a repetition does beyond giving it again. */
export interface Keyed {
  readonly name: string;
  readonly again: (id: string) => void;
}

/** What a step is resolved with. */
export interface Scene {
  readonly office: Office;
  readonly users: readonly WorldUser[];
  readonly record: OnRecord;
  readonly provider: ScriptedProvider;
  /** In the order in which they were opened. */
  readonly eventIds: readonly string[];
  readonly typeIds: readonly string[];
  /** Entries of waitlists that there ever were. */
  readonly entries: Map<string, { readonly type: string; readonly account: string }>;
}

export const nthOf = <One>(list: readonly One[], n: number): One | undefined => list[n % Math.max(1, list.length)];

/** What a command says, in the words of an {@link Answer}; faults that are answers, too. */
export async function answerOf(
  run: () => Promise<({ readonly accepted: true } & Partial<Given>) | Refused>,
): Promise<Answer> {
  try {
    const outcome = await run();
    if (!outcome.accepted) return { granted: false, code: outcome.code, details: outcome.details };
    return { granted: true, id: outcome.id ?? null, replayed: outcome.replayed ?? false };
  } catch (error) {
    if (error instanceof KeyReused) return { granted: false, code: "key-reused", details: {} };
    throw error;
  }
}

interface Given {
  readonly id: string;
  readonly replayed: boolean;
}
