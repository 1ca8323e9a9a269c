import { KEPT_MS } from "../../../src/domain/waiting-room/kept.ts";
import type { BuyerRecord } from "../crowd/record.ts";
import { type Books, booksOf, type Logged } from "./books.ts";
import { type IdleTerms, type Moment, momentsOf, uncalledFor } from "./idle.ts";
import { calledOutOfOrder } from "./order.ts";
import { ranked, type Seeds } from "./ranks.ts";
import { toldOtherwise } from "./told.ts";

/** All that is known of a rehearsal when it is over. */
export interface Evidence {
  readonly terms: Omit<IdleTerms, "keptMs">;
  /** Of the ticket type's stream, all of it. */
  readonly log: readonly Logged[];
  readonly records: readonly BuyerRecord[];
  readonly seeds: Seeds;
  /** How often each request was answered by what: `place: 200`. */
  readonly answers: ReadonlyMap<string, number>;
}

/** One thing that has to be so. */
export interface Finding {
  readonly what: string;
  readonly figure: number;
  readonly wanted: string;
  readonly met: boolean;
  /** The first of what must not be. */
  readonly examples: readonly string[];
}

export interface Verdict {
  readonly isWell: boolean;
  readonly findings: readonly Finding[];
  readonly books: Books;
  readonly moments: readonly Moment[];
}

/**
 * So long a ticket may be free without anybody called for it. Within a second of arrival the room calls shares of the lots:
 * by chance there are fewer people than it takes them for, and it believes as many tickets kept until that time is over.
 * The rest is for read models, its own rounds, a busy machine.
 */
export const CALLED_WITHIN_MS = KEPT_MS + 10_000;
const EXAMPLES = 5;

/** Holds what buyers saw against what is on record. */
export function verdictOn({ terms, log, records, seeds, answers }: Evidence): Verdict {
  const books = booksOf(log);
  const people = ranked(records, seeds);
  const moments = momentsOf(people, books, { ...terms, keptMs: KEPT_MS });
  const last = books.stands.at(-1) ?? { held: 0, booked: 0 };
  const left = books.capacity - last.held - last.booked;
  const stillWaiting = records.filter(
    ({ ending, second }) => second !== null && (ending ?? "broken off") === "broken off",
  );
  const none = (what: string, examples: readonly string[]): Finding => count(what, examples.length, examples);
  const count = (what: string, figure: number, examples: readonly string[] = []): Finding => ({
    what,
    figure,
    wanted: "0",
    met: figure === 0,
    examples: examples.slice(0, EXAMPLES),
  });
  const findings = [
    count("oversold", Math.max(0, books.mostTaken - books.capacity)),
    none("contradictions in the log", books.violations),
    none("told otherwise than it is on record", toldOtherwise(records, books)),
    none("admitted out of the order of ranks", calledOutOfOrder(people)),
    count("tickets unsold in the end while people waited", stillWaiting.length === 0 ? 0 : left),
    count(
      `tickets free for ${CALLED_WITHIN_MS / 1_000} s while people waited, with nobody called for them`,
      uncalledFor(moments, CALLED_WITHIN_MS),
    ),
    count("buyers who were not done when it was broken off", stillWaiting.length),
    none("answers of 500 or none", faults(answers)),
  ];
  return { isWell: findings.every(({ met }) => met), findings, books, moments };
}

/** 503 is an answer that asks for patience; what else begins with 5, or is none, is a fault. */
const faults = (answers: ReadonlyMap<string, number>): readonly string[] =>
  [...answers]
    .filter(([answer]) => /: (?:5(?!03)|no answer)/.test(answer))
    .map(([answer, times]) => `${answer}, ${times} times`);
