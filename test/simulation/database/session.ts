import type { Scheduler } from "../scheduler.ts";
import type { DatabaseServer, Row } from "./server.ts";
import { statementOf, UnknownStatement } from "./statements.ts";
import { Transaction } from "./transaction.ts";

export interface Result {
  readonly rows: readonly Row[];
  readonly rowCount: number;
}

const NOTHING: Result = { rows: [], rowCount: 0 };

/** The connection is no more; what was under way may or may not be done. */
export class ConnectionLost extends Error {
  override readonly name = "ConnectionLost";
}

/** A connection's other end. */
export class Session {
  readonly #server: DatabaseServer;
  readonly #scheduler: Scheduler;
  readonly #by: string;
  /** Between `begin` and its end; or of the one statement that is at work. */
  #transaction: Transaction | null = null;
  #isOpen = true;
  #isExplicit = false;
  #hasFailed = false;
  /** Of a transaction that is not at work: after so long it is ended; null: never. */
  #idleLimitMs: number | null = null;
  #statements = 0;
  readonly #over = Promise.withResolvers<never>();
  readonly #onTerminated: (why: string) => void;

  /**
   * @param by the process at the other end
   * @param onTerminated told when it ends
   */
  constructor(by: string, server: DatabaseServer, scheduler: Scheduler, onTerminated: (why: string) => void) {
    this.#by = by;
    this.#server = server;
    this.#scheduler = scheduler;
    this.#onTerminated = onTerminated;
    this.#over.promise.catch(() => {});
    server.opened(this);
  }

  /** @throws ConnectionLost, also when the session is terminated meanwhile */
  async query(text: string, values: readonly unknown[]): Promise<Result> {
    if (!this.#isOpen) return this.#over.promise;
    this.#statements += 1;
    try {
      return await Promise.race([this.#over.promise, this.#run(text, values)]);
    } finally {
      this.#watchIdling();
    }
  }

  /** What is not committed never was. */
  terminate(why: string): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#over.reject(new ConnectionLost(why));
    this.#transaction?.rollback();
    this.#server.closed(this);
    this.#onTerminated(why);
  }

  async #run(words: string, values: readonly unknown[]): Promise<Result> {
    if (words.startsWith("begin;")) return this.#begin(words);
    if (words === "commit") return this.#end(!this.#hasFailed);
    if (words === "rollback") return this.#end(false);
    if (this.#hasFailed) throw new Error("current transaction is aborted");
    const transaction = this.#transaction ?? new Transaction(this.#server, this.#by);
    this.#transaction = transaction;
    try {
      this.#bound(words);
      const result = await statementOf(words)(transaction, values);
      if (!this.#isExplicit && this.#isOpen) this.#end(true);
      return result;
    } catch (error) {
      if (error instanceof UnknownStatement) this.#server.faults.push(`no such statement is simulated: ${words}`);
      if (this.#isExplicit) this.#hasFailed = true;
      else this.#end(false);
      throw error;
    }
  }

  #begin(words: string): Result {
    this.#transaction = new Transaction(this.#server, this.#by);
    this.#isExplicit = true;
    this.#transaction.isAsynchronous = words.includes("set local synchronous_commit = off");
    return NOTHING;
  }

  /** Takes note of a statement that bounds how long its transaction may idle. */
  #bound(words: string): void {
    const idle = words.match(/set_config\('idle_in_transaction_session_timeout', '(\d+)', true\)/)?.[1];
    if (idle !== undefined) this.#idleLimitMs = Number(idle);
  }

  #end(isCommit: boolean): Result {
    if (isCommit) this.#transaction?.commit();
    else this.#transaction?.rollback();
    this.#transaction = null;
    this.#isExplicit = false;
    this.#hasFailed = false;
    this.#idleLimitMs = null;
    return NOTHING;
  }

  #watchIdling(): void {
    if (!this.#isExplicit || this.#idleLimitMs === null || !this.#isOpen) return;
    const sofar = this.#statements;
    this.#scheduler.after(this.#idleLimitMs, "a transaction has idled", null, () => {
      if (this.#isExplicit && this.#statements === sofar) this.terminate("idle-in-transaction timeout");
    });
  }
}
