import type { ScriptedProvider } from "../support/scripted-provider.ts";
import type { Answer } from "./answers.ts";
import type { Office, Verdict } from "./expected/office.ts";
import type { OnRecord } from "./on-record.ts";
import type { Key, Node } from "./product.ts";
import type { WorldUser } from "./world.ts";

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
  /** Has a ticket type that was added be known of from now on. */
  readonly addType: (type: { readonly eventId: string; readonly ticketTypeId: string }) => void;
  /** Entries of waitlists that there ever were. */
  readonly entries: Map<string, { readonly type: string; readonly account: string }>;
}

export const nthOf = <One>(list: readonly One[], n: number): One | undefined => list[n % Math.max(1, list.length)];
