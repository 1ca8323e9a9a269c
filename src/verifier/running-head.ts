import { sha256 } from "./event-hash.ts";

/** One hash of the whole log up to a position: of each of its events, and of the order that they are in. */
export interface RunningHead {
  /** Events that it is of. */
  readonly count: number;
  /** Of the last of them. */
  readonly position: bigint;
  /** SHA-256 in base64url; empty before the first event. */
  readonly hash: string;
}

/** Before the first event. */
export const NO_EVENTS: RunningHead = { count: 0, position: 0n, hash: "" };

/** The head with one more event: SHA-256 over the head before it, the event's position and its hash, each on a line. */
export const headAfter = (head: RunningHead, position: bigint, eventHash: string): RunningHead => ({
  count: head.count + 1,
  position,
  hash: sha256(`${head.hash}\n${position}\n${eventHash}`),
});
