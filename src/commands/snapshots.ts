import type { Revision } from "../eventstore/port.ts";
import type { KeyWindowSnapshot } from "./key-window.ts";

/**
 * An aggregate as it was at a revision. A cache: dropping snapshots costs time only. It counts only if the stream still
 * has `eventId` at `revision`, with `hash`, and if `stateVersion` is the one that the code writes today.
 */
export interface Snapshot {
  readonly stream: string;
  readonly stateVersion: number;
  readonly revision: Revision;
  readonly eventId: string;
  /** `eventHash` of that event. */
  readonly hash: string;
  readonly atMs: number;
  readonly keys: KeyWindowSnapshot;
  /** The state as its {@link SnapshotFormat} writes it. */
  readonly state: unknown;
}

/** Where snapshots are kept; the newest of each stream is enough. */
export interface SnapshotStore {
  /**
   * @throws StoreUnavailable it can't be said at the moment whether there is one; any other error: there is none that can
   *   be used
   */
  load(stream: string, stateVersion: number): Promise<Snapshot | null>;
  /** Keeps it, unless one of a higher revision is there. */
  save(snapshot: Snapshot): Promise<void>;
  /** Drops what is kept of a stream because it turned out to be of no use, so that it doesn't stand in a better one's way. */
  discard(stream: string): Promise<void>;
}

/** How a kind of aggregate's state is written into a snapshot and read back. */
export interface SnapshotFormat<State> {
  /** Raised whenever the written form changes or `evolve` would make another state of the same events. */
  readonly version: number;
  write(state: State): unknown;
  read(written: unknown): State;
  /** How large the state is, in entries: what decides how often a snapshot is worth it, and what the cache counts. */
  size(state: State): number;
}
