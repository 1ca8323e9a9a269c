import type { Position, StoredEvent } from "./port.ts";

/** The parts of a record, in the order in which `eventHash` takes them. */
export const PART = { stream: 0, revision: 1, id: 2, type: 3, metadata: 4, data: 5 } as const;

export type Part = (typeof PART)[keyof typeof PART];

const PARTS = 6;

/** As it goes from thread to thread. */
export interface PackedPage {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly positions: BigInt64Array<ArrayBuffer>;
  readonly bounds: Uint32Array<ArrayBuffer>;
}

/**
 * A run of events as the bytes that were stored. Who goes through millions of them makes texts of what is needed only: an
 * event costs two or three small objects in place of eight.
 *
 * A record is stream, revision, id, type, metadata and data, each on a line of its own: the bytes that `eventHash` is of.
 */
export class EventPage {
  readonly #bytes: Buffer<ArrayBuffer>;
  readonly #positions: BigInt64Array<ArrayBuffer>;
  /** Where each part begins, and where the record ends: {@link PARTS} + 1 numbers an event. */
  readonly #bounds: Uint32Array<ArrayBuffer>;

  constructor(bytes: Buffer<ArrayBuffer>, positions: BigInt64Array<ArrayBuffer>, bounds: Uint32Array<ArrayBuffer>) {
    this.#bytes = bytes;
    this.#positions = positions;
    this.#bounds = bounds;
  }

  static unpacked({ bytes, positions, bounds }: PackedPage): EventPage {
    return new EventPage(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), positions, bounds);
  }

  /** For another thread, which can be given the memory of all three: this page is then no more. */
  packed(): PackedPage {
    const isWhole = this.#bytes.length === this.#bytes.buffer.byteLength; // small ones share theirs
    return {
      bytes: isWhole ? this.#bytes : Uint8Array.from(this.#bytes),
      positions: this.#positions,
      bounds: this.#bounds,
    };
  }

  get count(): number {
    return this.#positions.length;
  }

  /** Of the last event; null where there is none. */
  get last(): Position | null {
    return this.#positions.at(-1) ?? null;
  }

  position(index: number): Position {
    return this.#positions[index] as Position;
  }

  /** The whole record; the page's own bytes, not to be changed. */
  record(index: number): Buffer {
    const at = index * (PARTS + 1);
    return this.#bytes.subarray(this.#bounds[at], this.#bounds[at + PARTS]);
  }

  /** Of the record, in bytes. */
  size(index: number): number {
    return this.offset(index, PARTS);
  }

  /** Where a part begins in its record. */
  offset(index: number, part: Part | typeof PARTS): number {
    const at = index * (PARTS + 1);
    return (this.#bounds[at + part] as number) - (this.#bounds[at] as number);
  }

  /** Copies a record's bytes from one part to before another one; null: to its end. */
  copy(index: number, from: Part, before: Part | null, to: Buffer, at: number): void {
    const first = index * (PARTS + 1);
    this.#bytes.copy(to, at, this.#bounds[first + from], this.#bounds[first + (before ?? PARTS)]);
  }

  /** One part in characters of a byte each: what is ASCII reads as it is, all else is to be written back as it came. */
  binary(index: number, part: Part): string {
    const at = index * (PARTS + 1) + part;
    return this.#bytes.toString("latin1", this.#bounds[at], this.#end(at, part));
  }

  text(index: number, part: Part): string {
    const at = index * (PARTS + 1) + part;
    return this.#bytes.toString("utf8", this.#bounds[at], this.#end(at, part));
  }

  event(index: number): StoredEvent {
    return this.#event(index, (part) => this.text(index, part));
  }

  /** As {@link binary} gives its parts. */
  binaryEvent(index: number): StoredEvent {
    return this.#event(index, (part) => this.binary(index, part));
  }

  #event(index: number, read: (part: Part) => string): StoredEvent {
    return {
      stream: read(PART.stream),
      revision: Number(read(PART.revision)),
      position: this.position(index),
      id: read(PART.id),
      type: read(PART.type),
      data: read(PART.data),
      metadata: read(PART.metadata),
    };
  }

  /** Before the line break behind it; nothing stands behind the last part. */
  #end(at: number, part: Part): number {
    return (this.#bounds[at + 1] as number) - (part === PART.data ? 0 : 1);
  }
}

/** The same, of events whose texts were made already. */
export function pageOfEvents(events: readonly StoredEvent[]): EventPage {
  const records: string[] = [];
  const bounds: number[] = [];
  let at = 0;
  for (const { stream, revision, id, type, metadata, data } of events) {
    for (const part of [stream, String(revision), id, type, metadata]) {
      bounds.push(at);
      at += Buffer.byteLength(part) + 1;
    }
    bounds.push(at);
    at += Buffer.byteLength(data);
    bounds.push(at);
    records.push(`${stream}\n${revision}\n${id}\n${type}\n${metadata}\n${data}`);
  }
  return new EventPage(
    Buffer.from(records.join("")),
    BigInt64Array.from(events, ({ position }) => position),
    Uint32Array.from(bounds),
  );
}
