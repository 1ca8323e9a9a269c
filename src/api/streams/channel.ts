import type { Position } from "../../eventstore/port.ts";
import type { Version } from "./event-text.ts";
import { inTurns } from "./in-turns.ts";
import type { Listener } from "./listener.ts";

/** Those who listen to the same thing, and the newest version of it. */
export class Channel {
  readonly listeners = new Set<Listener>();
  /** A change that was heard of and is not published yet: how far in the log a version has to have come. */
  wanted: { readonly minPosition: Position | null } | null = null;
  /** Whether somebody is about to publish it. */
  followed = false;
  #newest: Version | null = null;
  #telling = false;

  /** All get it, unless there is a newer one before it is their turn: then that. */
  publish(version: Version): void {
    if (this.#newest !== null && version.revision <= this.#newest.revision) return;
    this.#newest = version;
    if (this.#telling) return;
    this.#telling = true;
    void this.#tell();
  }

  /** One listener gets the newest, if it does not have it. */
  tell(listener: Listener): void {
    if (this.#newest !== null) listener.offer(this.#newest, performance.now());
  }

  async #tell(): Promise<void> {
    for (let begunWith: Version | null = null; begunWith !== this.#newest; ) {
      begunWith = this.#newest; // those who were told first may have missed one that came meanwhile
      await inTurns(this.listeners, (listener) => this.tell(listener));
    }
    this.#telling = false;
  }
}
