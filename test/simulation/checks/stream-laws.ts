import { decode, eventHash } from "../../../src/eventstore/envelope.ts";
import type { StoredEvent } from "../../../src/eventstore/port.ts";

/** What holds for every stream: no gap, no link of the chain broken, time that never goes back, one effect a key. */
export function brokenStream(stream: string, events: readonly StoredEvent[]): readonly string[] {
  const faults: string[] = [];
  const keys = new Map<string, number>();
  let previous: { readonly hash: string; readonly atMs: number } | null = null;
  for (const [index, stored] of events.entries()) {
    const about = (fault: string) => faults.push(`${stream}@${index}: ${fault}`);
    const { envelope } = decode(stored);
    const atMs = Date.parse(envelope.at);
    if (stored.revision !== index) about(`bears revision ${stored.revision}`);
    if (envelope.previousHash !== (previous?.hash ?? null)) about("does not follow what stands before it");
    if (previous !== null && atMs < previous.atMs) about(`is ${previous.atMs - atMs} ms before what stands before it`);
    const { keyHash } = envelope;
    if (keyHash !== null) {
      const earlier = keys.get(keyHash);
      if (earlier !== undefined) about(`answers a key that was answered at ${earlier}`);
      keys.set(keyHash, index);
    }
    previous = { hash: eventHash(stored), atMs };
  }
  return faults;
}
