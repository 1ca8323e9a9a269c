import { KeyReused } from "../../src/commands/outcome.ts";
import type { Refused } from "../../src/domain/decision.ts";
import type { Verdict } from "./expected/office.ts";

/** What the product answered. */
export type Answer =
  | { readonly granted: true; readonly id: string | null; readonly replayed: boolean }
  | { readonly granted: false; readonly code: string; readonly details: Readonly<Record<string, unknown>> };

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

/** For the story. */
export const told = (answer: Answer): string =>
  answer.granted
    ? `granted${answer.replayed ? " before" : ""}${answer.id === null ? "" : ` ${answer.id}`}`
    : `${answer.code} ${JSON.stringify(answer.details)}`;

/** What of an answer is not as it was expected. */
export function comparedAnswers(verdict: Verdict, answer: Answer): readonly string[] {
  if (verdict.granted !== answer.granted)
    return [`expected ${JSON.stringify(verdict)}, the answer was ${told(answer)}`];
  if (verdict.granted || answer.granted) return [];
  if (verdict.code !== answer.code) return [`expected ${verdict.code}, the answer was ${told(answer)}`];
  return Object.entries(verdict.details).flatMap(([name, expected]) => {
    const said = answer.details[name];
    const amount = typeof said === "object" && said !== null && "amount" in said ? said.amount : said;
    return amount === expected ? [] : [`expected ${name} ${expected}, the answer was ${told(answer)}`];
  });
}
