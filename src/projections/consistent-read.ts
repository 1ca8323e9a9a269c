import { setTimeout as sleep } from "node:timers/promises";
import { type Position, StoreUnavailable } from "../eventstore/port.ts";
import type { Progress } from "./progress.ts";
import { SCHEMA } from "./projection.ts";

/** What a query found, and how far the read models it used had come in the very snapshot that it was answered from. */
export interface Answer<Value> {
  /** The lowest checkpoint of the read models used; null: one of them has seen nothing yet. */
  readonly checkpoint: Position | null;
  readonly value: Value;
}

/** What a read asks of the read models, and the instant that it is answered for. */
export interface ReadAt {
  /** Answer only from read models that have come this far; null: from what is there. */
  readonly minPosition: Position | null;
  /** Epoch milliseconds, by the one clock. */
  readonly nowMs: number;
}

/** The read models have not come as far as the read asks, within the time that it may wait. */
export class ReadModelBehind extends Error {
  override readonly name = "ReadModelBehind";
  readonly retryAfterSeconds = 1;
}

export interface ConsistentReads {
  /**
   * Answers from read models that have reached `minPosition`, waiting for them if need be.
   * @throws ReadModelBehind
   */
  read<Value>(models: readonly string[], minPosition: Position | null, query: Query<Value>): Promise<Value>;
  /**
   * The same for a look-up: that there is no such thing is said only by read models that have passed the log's head as
   * of the request, because it may just have been made.
   * @throws ReadModelBehind
   * @throws StoreUnavailable the log does not tell its head within the time that a read may wait
   */
  find<Value>(
    models: readonly string[],
    minPosition: Position | null,
    query: Query<Value | null>,
  ): Promise<Value | null>;
}

/** Runs one statement, which selects {@link checkpointOf} beside its rows. May be run several times. */
export type Query<Value> = () => Promise<Answer<Value>>;

export interface ConsistentReadOptions {
  readonly progress: Progress;
  /** The log's last position of Boxoffice's streams; see `EventStore.head`. */
  readonly head: () => Promise<Position | null>;
  readonly waitMs?: number;
}

const WAIT_MS = 2_000;
/** A replica may be behind what the projector has told: it is asked again after this. */
const REPLICA_RETRY_MS = 25;

/** An SQL expression for {@link Answer.checkpoint} as text; the names are those of projections, from the code. */
export const checkpointOf = (models: readonly string[]): string =>
  `(select case when count(checkpoint) = ${models.length} then min(checkpoint)::text end
    from ${SCHEMA}.projections where name in (${models.map((name) => `'${name}'`).join(", ")}))`;

export const positionOf = (checkpoint: string | null): Position | null =>
  checkpoint === null ? null : BigInt(checkpoint);

export function consistentReads({ progress, head, waitMs = WAIT_MS }: ConsistentReadOptions): ConsistentReads {
  const readUntil = async <Value>(
    models: readonly string[],
    minPosition: Position | null,
    query: Query<Value>,
    deadlineMs: number,
  ): Promise<Answer<Value>> => {
    for (let told = false; ; told = true) {
      const answer = await query();
      if (minPosition === null || hasReached(answer, minPosition)) return answer;
      if (told) await sleep(REPLICA_RETRY_MS);
      const restMs = deadlineMs - performance.now();
      if (restMs <= 0 || !(await progress.reached(models, minPosition, restMs))) {
        throw new ReadModelBehind(`${models.join(", ")} have not reached ${minPosition} within ${waitMs} ms`);
      }
    }
  };
  return {
    async read(models, minPosition, query) {
      return (await readUntil(models, minPosition, query, performance.now() + waitMs)).value;
    },
    async find(models, minPosition, query) {
      const deadlineMs = performance.now() + waitMs;
      const answer = await readUntil(models, minPosition, query, deadlineMs);
      if (answer.value !== null) return answer.value;
      const newest = await before(deadlineMs, head());
      if (newest === null || hasReached(answer, newest)) return null;
      return (await readUntil(models, newest, query, deadlineMs)).value;
    },
  };
}

const hasReached = ({ checkpoint }: Answer<unknown>, position: Position): boolean =>
  checkpoint !== null && checkpoint >= position;

/** What it resolves to, unless that takes too long; it is not waited for then. */
async function before<Value>(deadlineMs: number, asked: Promise<Value>): Promise<Value> {
  const over = new AbortController();
  const tooLong = sleep(Math.max(0, deadlineMs - performance.now()), undefined, { signal: over.signal }).then(() => {
    throw new StoreUnavailable("the log's head is not told in time");
  });
  tooLong.catch(() => undefined);
  asked.catch(() => undefined);
  return Promise.race([asked, tooLong]).finally(() => over.abort());
}
