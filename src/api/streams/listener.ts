import type { Writable } from "node:stream";
import type { Version } from "./event-text.ts";

/**
 * One who listens. Nothing waits for a slow one: while its connection is full it is sent nothing, and when there is room
 * again it gets the newest version, whatever it missed. So it never has more than one version and a few heartbeats waiting.
 */
export class Listener {
  /** The connection is closed by this time, by the monotonic clock: who may listen is then asked anew. */
  readonly untilMs: number;
  readonly #connection: Writable;
  #revision: number | null;
  /** Since when the connection is full; null: there is room. */
  #fullSinceMs: number | null = null;

  /**
   * @param revision what the listener has already; null: nothing
   * @param onRoom called when there is room again
   */
  constructor(
    connection: Writable,
    revision: number | null,
    untilMs: number,
    { onRoom, onGone }: { readonly onRoom: (listener: Listener) => void; readonly onGone: (one: Listener) => void },
  ) {
    this.#connection = connection;
    this.#revision = revision;
    this.untilMs = untilMs;
    connection.on("close", () => onGone(this));
    connection.on("error", ignored); // a connection that breaks is closed, too
    connection.on("drain", () => {
      this.#fullSinceMs = null;
      onRoom(this);
    });
  }

  /** Sends a version that it does not have yet, if there is room. */
  offer(version: Version, nowMs: number): void {
    const [had, { revision }] = [this.#revision, version];
    if (had === revision || this.#fullSinceMs !== null) return;
    this.#revision = revision;
    const changes = had === null ? null : (version.since?.(had) ?? null);
    this.#write(changes ?? version.bytes, nowMs);
  }

  /** Says something that may be left out when there is no room. */
  say(bytes: Buffer, nowMs: number): void {
    if (this.#fullSinceMs === null) this.#write(bytes, nowMs);
  }

  /** Whether it has taken nothing for so long. */
  isStuck(forMs: number, nowMs: number): boolean {
    return this.#fullSinceMs !== null && nowMs - this.#fullSinceMs > forMs;
  }

  /** Ends it, in order if there is room for last words. */
  end(lastWords?: Buffer): void {
    if (this.#fullSinceMs === null) this.#connection.end(lastWords);
    else this.cut();
  }

  /** Ends it at once. */
  cut(): void {
    this.#connection.destroy();
  }

  #write(bytes: Buffer, nowMs: number): void {
    if (!this.#connection.write(bytes)) this.#fullSinceMs ??= nowMs;
  }
}

const ignored = (): void => undefined;
