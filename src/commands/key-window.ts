import type { Staged } from "../domain/decision.ts";
import type { Revision } from "../eventstore/port.ts";

/** How long the answer to an `Idempotency-Key` is kept. */
export const KEY_WINDOW_MS = 24 * 60 * 60 * 1000;

/** Keys in one segment; a full one is sealed and later dropped as a whole. */
const SEGMENT_KEYS = 16_384;
/** A segment's table begins with so many slots, a power of two, and doubles when it is more than half full. */
const FIRST_SLOTS = 16;
/** Words of a slot: two of the key's fingerprint, one of the revision plus 1 (0 is an empty slot). */
const SLOT_WORDS = 3;
/** At 384 KiB a full segment: 24 MiB for a million keys. */
export const MAX_SEGMENTS = 64;

/**
 * Which revision answered which `Idempotency-Key` in one stream: key hash -> revision, for 24 hours and a million keys.
 *
 * Compact (24 to 48 bytes a key) because a stadium's on-sale puts a million of them into one aggregate, and small for
 * few keys because twenty thousand aggregates may be in memory. Only 64 bits of each key's hash are kept, so a hit is a hint: the event at the revision tells for certain, as it does about
 * the exact 24 hours. Changes are staged like the rest of the state.
 */
export class KeyWindow implements Staged {
  #segments: Segment[] = [];
  #staged = new Map<string, { revision: Revision; atMs: number }>();
  /** Keys at or below this revision may be younger than 24 h and yet be forgotten; -1: none are. */
  #forgottenUpTo: Revision = -1;
  #forgottenAtMs = 0;

  get size(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.used, 0);
  }

  add(keyHash: string, revision: Revision, atMs: number): void {
    this.#staged.set(keyHash, { revision, atMs });
  }

  /** The revision that probably answered the key, or undefined when none of those remembered did. */
  find(keyHash: string): Revision | undefined {
    const staged = this.#staged.get(keyHash);
    if (staged !== undefined) return staged.revision;
    const [high, low] = fingerprint(keyHash);
    for (let i = this.#segments.length - 1; i >= 0; i -= 1) {
      const revision = (this.#segments[i] as Segment).find(high, low);
      if (revision !== undefined) return revision;
    }
    return undefined;
  }

  /** Up to which revision keys younger than 24 h had to be forgotten for want of room; null when none were. */
  forgotten(nowMs: number): Revision | null {
    return this.#forgottenUpTo >= 0 && nowMs - this.#forgottenAtMs < KEY_WINDOW_MS ? this.#forgottenUpTo : null;
  }

  commit(): void {
    for (const [keyHash, { revision, atMs }] of this.#staged) {
      const [high, low] = fingerprint(keyHash);
      this.#openSegment(atMs).insert(high, low, revision, atMs);
    }
    this.#staged.clear();
  }

  rollback(): void {
    this.#staged.clear();
  }

  /** The newest segment, a new one when it is full; drops what is too old or too much. */
  #openSegment(nowMs: number): Segment {
    const newest = this.#segments.at(-1);
    if (newest !== undefined && newest.used < SEGMENT_KEYS) return newest;
    const young = this.#segments.filter((segment) => nowMs - segment.newestAtMs < KEY_WINDOW_MS);
    while (young.length >= MAX_SEGMENTS) {
      const dropped = young.shift() as Segment;
      this.#forgottenUpTo = Math.max(this.#forgottenUpTo, dropped.newestRevision);
      this.#forgottenAtMs = Math.max(this.#forgottenAtMs, dropped.newestAtMs);
    }
    const segment = new Segment();
    this.#segments = [...young, segment];
    return segment;
  }

  /** As JSON: what {@link restore} takes back. */
  snapshot(): KeyWindowSnapshot {
    return {
      forgottenUpTo: this.#forgottenUpTo,
      forgottenAtMs: this.#forgottenAtMs,
      segments: this.#segments.map((segment) => segment.snapshot()),
    };
  }

  static restore(snapshot: KeyWindowSnapshot): KeyWindow {
    const window = new KeyWindow();
    window.#forgottenUpTo = snapshot.forgottenUpTo;
    window.#forgottenAtMs = snapshot.forgottenAtMs;
    window.#segments = snapshot.segments.map(Segment.restore);
    return window;
  }
}

export interface KeyWindowSnapshot {
  readonly forgottenUpTo: Revision;
  readonly forgottenAtMs: number;
  readonly segments: readonly SegmentSnapshot[];
}

interface SegmentSnapshot {
  readonly newestAtMs: number;
  readonly newestRevision: Revision;
  /** The used slots, little-endian, in base64. */
  readonly slots: string;
}

/** An open-addressing hash table in one typed array. */
class Segment {
  #words = new Uint32Array(FIRST_SLOTS * SLOT_WORDS);
  #lastSlot = FIRST_SLOTS - 1;
  /** What {@link Segment.snapshot} wrote last, while it still holds: full segments are written once, not each time. */
  #written: SegmentSnapshot | null = null;
  used = 0;
  newestAtMs = 0;
  newestRevision: Revision = -1;

  find(high: number, low: number): Revision | undefined {
    const revision = this.#words[this.#placeOf(high, low) + 2] as number;
    return revision === 0 ? undefined : revision - 1;
  }

  insert(high: number, low: number, revision: Revision, atMs: number): void {
    this.#written = null;
    this.#put(high, low, revision + 1);
    this.newestAtMs = Math.max(this.newestAtMs, atMs);
    this.newestRevision = Math.max(this.newestRevision, revision);
    if (2 * this.used > this.#lastSlot + 1) this.#grow();
  }

  #put(high: number, low: number, revisionPlusOne: number): void {
    const at = this.#placeOf(high, low);
    if (this.#words[at + 2] === 0) this.used += 1;
    this.#words[at] = high;
    this.#words[at + 1] = low;
    this.#words[at + 2] = revisionPlusOne;
  }

  /** Where the key stands in the words, or where it would go. */
  #placeOf(high: number, low: number): number {
    const words = this.#words;
    for (let slot = low & this.#lastSlot; ; slot = (slot + 1) & this.#lastSlot) {
      const at = slot * SLOT_WORDS;
      if (words[at + 2] === 0 || (words[at] === high && words[at + 1] === low)) return at;
    }
  }

  #grow(): void {
    const before = this.#words;
    this.#words = new Uint32Array(2 * before.length);
    this.#lastSlot = 2 * this.#lastSlot + 1;
    this.used = 0;
    for (let at = 0; at < before.length; at += SLOT_WORDS) {
      const revisionPlusOne = before[at + 2] as number;
      if (revisionPlusOne !== 0) this.#put(before[at] as number, before[at + 1] as number, revisionPlusOne);
    }
  }

  snapshot(): SegmentSnapshot {
    this.#written ??= this.#write();
    return this.#written;
  }

  #write(): SegmentSnapshot {
    const bytes = Buffer.alloc(this.used * SLOT_WORDS * 4);
    let offset = 0;
    for (let at = 0; at < this.#words.length; at += SLOT_WORDS) {
      if (this.#words[at + 2] === 0) continue;
      for (let word = 0; word < SLOT_WORDS; word += 1) {
        offset = bytes.writeUInt32LE(this.#words[at + word] as number, offset);
      }
    }
    return { newestAtMs: this.newestAtMs, newestRevision: this.newestRevision, slots: bytes.toString("base64") };
  }

  static restore(snapshot: SegmentSnapshot): Segment {
    const segment = new Segment();
    const bytes = Buffer.from(snapshot.slots, "base64");
    if (bytes.length > SEGMENT_KEYS * SLOT_WORDS * 4) throw new Error(`${bytes.length} bytes are more than a segment`);
    for (let offset = 0; offset < bytes.length; offset += SLOT_WORDS * 4) {
      const revision = bytes.readUInt32LE(offset + 8) - 1;
      segment.insert(bytes.readUInt32LE(offset), bytes.readUInt32LE(offset + 4), revision, snapshot.newestAtMs);
    }
    segment.newestRevision = snapshot.newestRevision;
    return segment;
  }
}

/** The first 64 bits of a SHA-256 in base64url. */
function fingerprint(keyHash: string): [high: number, low: number] {
  const bytes = Buffer.from(keyHash.slice(0, 11), "base64url");
  return [bytes.readUInt32LE(0), bytes.readUInt32LE(4)];
}
