import { closeSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import type { EventPage } from "../../eventstore/event-page.ts";
import { type Addressed, put, type SpilledEvent, sizeOf, spilledEvent, toldOf } from "./spilled-event.ts";

const BUFFER_BYTES = 64 * 1024;
const CHUNK_BYTES = 256 * 1024;
const LENGTH_BYTES = 4;

interface PartFile {
  readonly fd: number;
  /** On disk. */
  size: number;
  /** Of the buffer. */
  used: number;
  readonly buffer: Buffer;
}

/**
 * Files that streams are sorted into, each with all events of some of them, in the order of the log: so that a log of any
 * length is replayed with the states of a few streams in memory at a time.
 */
export class Spill {
  readonly #files: PartFile[];

  /** @param sizes of the files so far, in bytes; what lies beyond them is dropped */
  constructor(dir: string, sizes: readonly number[]) {
    this.#files = sizes.map((size, part) => {
      const fd = openSync(fileOf(dir, part), "a+");
      ftruncateSync(fd, size);
      return { fd, size, used: 0, buffer: Buffer.allocUnsafe(BUFFER_BYTES) };
    });
  }

  /** Where all events of a stream go. */
  partOf(stream: string): number {
    let sum = 0;
    for (let at = Math.max(0, stream.length - 8); at < stream.length; at += 1) {
      sum = (sum * 31 + stream.charCodeAt(at)) >>> 0;
    }
    return sum % this.#files.length;
  }

  write(part: number, page: EventPage, index: number, addressed: Addressed): void {
    const file = this.#files[part] as PartFile;
    const told = toldOf(page, index, addressed);
    const size = sizeOf(page, index, told);
    if (LENGTH_BYTES + size > BUFFER_BYTES - file.used) this.#flush(file);
    if (LENGTH_BYTES + size > BUFFER_BYTES) {
      const bytes = Buffer.allocUnsafe(LENGTH_BYTES + size);
      writeOne(bytes, 0, size, page, index, told);
      append(file, bytes, bytes.length);
      return;
    }
    writeOne(file.buffer, file.used, size, page, index, told);
    file.used += LENGTH_BYTES + size;
  }

  /** Writes what is in memory. @returns the files' sizes, from which it can be gone on */
  flush(): readonly number[] {
    for (const file of this.#files) this.#flush(file);
    return this.#files.map(({ size }) => size);
  }

  close(): void {
    for (const { fd } of this.#files) closeSync(fd);
  }

  #flush(file: PartFile): void {
    append(file, file.buffer, file.used);
    file.used = 0;
  }
}

function writeOne(to: Buffer, at: number, size: number, page: EventPage, index: number, told: string): void {
  to.writeUInt32LE(size, at);
  put(to, at + LENGTH_BYTES, page, index, told);
}

function append(file: PartFile, bytes: Buffer, length: number): void {
  for (let from = 0; from < length; ) from += writeSync(file.fd, bytes, from, length - from);
  file.size += length;
}

/** The events of one file of {@link Spill}, some at a time. */
export async function* spilledEvents(
  dir: string,
  part: number,
): AsyncGenerator<readonly SpilledEvent[], void, undefined> {
  const file = await open(fileOf(dir, part), "r");
  try {
    let buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    for (let kept = 0; ; ) {
      const { bytesRead } = await file.read(buffer, kept, buffer.length - kept);
      if (bytesRead === 0) return;
      const filled = buffer.subarray(0, kept + bytesRead);
      const events: SpilledEvent[] = [];
      let at = 0;
      while (filled.length - at >= LENGTH_BYTES) {
        const end = at + LENGTH_BYTES + filled.readUInt32LE(at);
        if (end > filled.length) break;
        events.push(spilledEvent(filled, at + LENGTH_BYTES, end));
        at = end;
      }
      kept = filled.length - at;
      const next = kept < buffer.length ? buffer : Buffer.allocUnsafe(2 * buffer.length); // for an event that is larger
      filled.copy(next, 0, at);
      buffer = next;
      yield events;
    }
  } finally {
    await file.close();
  }
}

const fileOf = (dir: string, part: number): string => join(dir, `part-${String(part).padStart(4, "0")}`);
