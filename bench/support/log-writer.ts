import { hash, randomUUID } from "node:crypto";
import type { InventoryEvent } from "../../src/domain/inventory-events.ts";
import { encode, eventHash } from "../../src/eventstore/envelope.ts";
import { type EventStore, MAX_APPEND_BYTES, type NewEvent } from "../../src/eventstore/port.ts";

const MOST_BYTES = MAX_APPEND_BYTES * 0.9;
const MOST_EVENTS = 2_000;

/** Whose event it is, and when. */
export interface Written {
  readonly atMs: number;
  readonly accountId: string;
  /** Whether it answered a command with an `Idempotency-Key`. */
  readonly withKey: boolean;
}

/**
 * Writes a stream on as the product would have: the same bytes, envelope and hash chain, only without deciding, so that a
 * long history is there within a minute.
 */
export class LogWriter {
  readonly #store: EventStore;
  readonly #stream: string;
  #revision: number;
  #durableRevision: number;
  #lastHash: string;
  #waiting: NewEvent[] = [];
  #bytes = 0;
  #append: Promise<unknown> = Promise.resolve();

  private constructor(store: EventStore, stream: string, revision: number, lastHash: string) {
    this.#store = store;
    this.#stream = stream;
    this.#revision = revision;
    this.#durableRevision = revision;
    this.#lastHash = lastHash;
  }

  /** Behind the last event of a stream that there is. */
  static async behind(store: EventStore, stream: string): Promise<LogWriter> {
    const [last] = await store.read(stream, { from: "end", direction: "backwards", maxCount: 1 });
    if (last === undefined) throw new Error(`no stream ${stream}`);
    return new LogWriter(store, stream, last.revision, eventHash(last));
  }

  async write(event: InventoryEvent, { atMs, accountId, withKey }: Written): Promise<void> {
    const id = randomUUID();
    const requestId = `bench-${(this.#revision + 1).toString(36)}`;
    const encoded = encode(id, event, {
      schemaVersion: 1,
      at: new Date(atMs).toISOString(),
      actor: { account: accountId, role: "guest" },
      commandId: randomUUID(),
      correlationId: requestId,
      causationId: null,
      requestId,
      keyHash: withKey ? hash("sha256", id, "base64url") : null,
      bodyHash: withKey ? hash("sha256", event.type, "base64url") : null,
      previousHash: this.#lastHash,
    });
    this.#revision += 1;
    this.#lastHash = eventHash({ ...encoded, stream: this.#stream, revision: this.#revision });
    this.#waiting.push(encoded);
    this.#bytes += 100 + encoded.data.length + encoded.metadata.length;
    if (this.#bytes > MOST_BYTES - 2_000 || this.#waiting.length >= MOST_EVENTS) await this.#flush();
  }

  /** Resolves when all that was written is durable. */
  async done(): Promise<void> {
    await this.#flush();
    await this.#append;
  }

  /** One append is under way while the next is being written. */
  async #flush(): Promise<void> {
    await this.#append;
    if (this.#waiting.length === 0) return;
    const expected = this.#durableRevision;
    this.#append = this.#store.append(this.#stream, this.#waiting, expected);
    this.#append.catch(() => {}); // whoever flushes next, or is done, is told
    this.#durableRevision = this.#revision;
    this.#waiting = [];
    this.#bytes = 0;
  }
}
