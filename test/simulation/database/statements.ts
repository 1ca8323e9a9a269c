import { cancellationStatements } from "./cancellation-statements.ts";
import { leaseStatements } from "./lease-statements.ts";
import { projectionStatements } from "./projection-statements.ts";
import type { Result } from "./session.ts";
import { timerStatements } from "./timer-statements.ts";
import type { Transaction } from "./transaction.ts";

/** What a statement does to the tables. */
export type Statement = (transaction: Transaction, values: readonly unknown[]) => Promise<Result>;

/** By their text in one line: what is not here word for word is not simulated. */
export type Statements = Readonly<Record<string, Statement>>;

const STATEMENTS: Statements = {
  ...leaseStatements,
  ...projectionStatements,
  ...timerStatements,
  ...cancellationStatements,
};

/** @throws for a text that has changed since: what it does now has to be written down here, too */
export function statementOf(words: string): Statement {
  const statement = STATEMENTS[words];
  if (statement === undefined) throw new UnknownStatement(words);
  return statement;
}

export class UnknownStatement extends Error {
  override readonly name = "UnknownStatement";
}
