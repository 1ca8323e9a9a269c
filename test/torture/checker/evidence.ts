import { randomUUID } from "node:crypto";
import { encode, eventHash, sha256 } from "../../../src/eventstore/envelope.ts";
import type { StoredEvent } from "../../../src/eventstore/port.ts";
import { ANN, type Fact, MORNING } from "../../projections/recorded.ts";
import type { Entry, HeadSeen, Outcome } from "../history/history.ts";
import { holdAgainstTheLog } from "./against-the-log.ts";
import { Findings } from "./findings.ts";
import { TortureRecord } from "./record.ts";

/** When all of it happens, in epoch milliseconds. */
export const MORNING_MS = Date.parse(MORNING);

export type Asked = Pick<Entry, "name" | "method" | "route" | "path"> & Partial<Entry>;

/**
 * A run that is written down by hand for the checker's specs. Facts come before or after what clients were told, in the
 * order in which they are called; each takes a second, at the end of which somebody looks at the log's end.
 */
export class Evidence {
  readonly #log: StoredEvent[] = [];
  readonly #entries: Entry[] = [];
  readonly #heads: HeadSeen[] = [];
  #nowMs = MORNING_MS;
  #commands = 0;

  constructor() {
    this.#look();
  }

  /** The log's end. */
  get position(): string {
    return String(this.#log.length);
  }

  /** These are recorded now. */
  recorded(...facts: readonly Fact[]): this {
    for (const { stream, event, at, key } of facts) {
      const before = this.#log.findLast((one) => one.stream === stream);
      const bytes = encode(randomUUID(), event, {
        ...{ schemaVersion: 1, at, actor: { account: ANN, role: "customer" }, commandId: "c", correlationId: "c" },
        ...{ causationId: null, requestId: null, bodyHash: null, keyHash: key === null ? null : sha256(key) },
        previousHash: before === undefined ? null : eventHash(before),
      });
      const revision = before === undefined ? 0 : before.revision + 1;
      this.#log.push({ ...bytes, stream, revision, position: BigInt(this.#log.length + 1) });
    }
    this.#pass();
    return this;
  }

  /** A client asks, `during` happens, and he is told. */
  told(asked: Asked, outcome: Partial<Extract<Outcome, { answered: true }>>, during = () => {}): this {
    return this.#ended(
      asked,
      { answered: true, status: 200, body: null, position: null, replayed: false, ...outcome },
      during,
    );
  }

  /** A client asks, and nobody tells him anything. */
  unknown(asked: Asked, why = "no answer in time", during = () => {}): this {
    return this.#ended(asked, { answered: false, why }, during);
  }

  #ended(asked: Asked, outcome: object, during: () => void): this {
    const sentAtMs = this.#nowMs;
    this.#nowMs += 1;
    during();
    const endedAtMs = this.#nowMs;
    this.#commands += 1;
    const defaults = { client: 1, command: this.#commands, node: 0, account: ANN, body: null, key: null };
    const none = { ifMatch: null, minPosition: null };
    const entry = { ...defaults, ...none, ...asked, sentAtMs, outcome: { ...outcome, endedAtMs } };
    this.#entries.push(entry as Entry);
    this.#pass();
    return this;
  }

  /** What is found, by kind. */
  async findings(restAtMs = this.#nowMs): Promise<Readonly<Record<string, readonly string[]>>> {
    const record = new TortureRecord();
    for (const stored of this.#log) record.take(stored);
    const findings = new Findings();
    const entries = this.#entries;
    const history = {
      heads: this.#heads,
      async *entries() {
        yield* entries;
      },
    };
    const readLog = async (take: (stored: StoredEvent) => void) => this.#log.forEach(take);
    await holdAgainstTheLog({ record, history, findings, readLog, clockAheadMs: 0, restAtMs });
    return Object.fromEntries(findings.all().map(({ what, violations }) => [what, violations]));
  }

  #pass(): void {
    this.#nowMs += 1_000;
    this.#look();
  }

  #look(): void {
    this.#heads.push({ askedAtMs: this.#nowMs, seenAtMs: this.#nowMs + 1, position: BigInt(this.#log.length) });
    this.#nowMs += 10;
  }
}
