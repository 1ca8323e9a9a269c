import type { Refused } from "../domain/decision.ts";
import type { Actor, RecordedEvent } from "../eventstore/envelope.ts";
import type { Position } from "../eventstore/port.ts";

/** Who sends a command and why; all of it goes into the envelope of the events that come of it. */
export interface CommandContext {
  readonly actor: Actor;
  /** A UUID of this command. */
  readonly commandId: string;
  /** The id that everything shares that came of one request; the request's own id unless a process passes one on. */
  readonly correlationId: string;
  /** The event or command that led to this one; null when a person did. */
  readonly causationId: string | null;
  readonly requestId: string | null;
  /** Present when the client sent an `Idempotency-Key`. */
  readonly idempotency: { readonly keyHash: string; readonly bodyHash: string } | null;
}

/** What became of a command: it is durable, or it was refused and nothing was recorded. */
export type Outcome<Event extends { readonly type: string }> = Recorded<Event> | Refused;

export interface Recorded<Event extends { readonly type: string }> {
  readonly accepted: true;
  /** The command's events in order; of a replay, only the one that answered the first time. Empty: nothing to change. */
  readonly events: readonly RecordedEvent<Event>[];
  /** Where the last of them stands in the log; the stream's last position when there are none. */
  readonly position: Position;
  /** The same key was used before: this is the first answer again. */
  readonly replayed: boolean;
}

/** Too much is waiting; the command was not run. */
export class Busy extends Error {
  override readonly name = "Busy";
  readonly retryAfterSeconds: number;
  constructor(message: string, retryAfterSeconds = 1) {
    super(message);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The `Idempotency-Key` was used before with another body. */
export class KeyReused extends Error {
  override readonly name = "KeyReused";
}
