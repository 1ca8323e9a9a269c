import { closeSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";

/**
 * What is kept of an event between reading it and replaying its stream. It is written in characters of a byte each, as
 * `EventPage.binary` gives them, so that bytes are only moved; it comes back as texts.
 */
export interface SpilledEvent {
  readonly position: string;
  readonly revision: number;
  readonly stream: string;
  readonly type: string;
  readonly at: string;
  readonly schemaVersion: number;
  readonly previousHash: string | null;
  readonly hash: string;
  readonly data: string;
}

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

  /** Texts have no NUL in them: Postgres takes none, and JSON escapes it. */
  write(part: number, event: SpilledEvent): void {
    const { position, revision, stream, type, at, schemaVersion, previousHash, hash, data } = event;
    const text = `${position}\0${revision}\0${stream}\0${type}\0${at}\0${schemaVersion}\0${previousHash ?? ""}\0${hash}\0${data}`;
    const file = this.#files[part] as PartFile;
    const size = LENGTH_BYTES + text.length;
    if (size > BUFFER_BYTES - file.used) this.#flush(file);
    if (size > BUFFER_BYTES) {
      this.#writeLarge(file, text);
      return;
    }
    file.buffer.writeUInt32LE(text.length, file.used);
    file.buffer.write(text, file.used + LENGTH_BYTES, "latin1");
    file.used += size;
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
    for (let from = 0; from < file.used; ) from += writeSync(file.fd, file.buffer, from, file.used - from);
    file.size += file.used;
    file.used = 0;
  }

  #writeLarge(file: PartFile, text: string): void {
    const bytes = Buffer.from(text, "latin1");
    const length = Buffer.allocUnsafe(LENGTH_BYTES);
    length.writeUInt32LE(bytes.length);
    for (const part of [length, bytes]) {
      for (let from = 0; from < part.length; ) from += writeSync(file.fd, part, from, part.length - from);
      file.size += part.length;
    }
  }
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
        events.push(eventIn(filled.toString("utf8", at + LENGTH_BYTES, end)));
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

function eventIn(text: string): SpilledEvent {
  const [position = "", revision, stream = "", type = "", at = "", version, previous, hash = "", data = ""] =
    text.split("\0");
  return {
    position,
    revision: Number(revision),
    stream,
    type,
    at,
    schemaVersion: Number(version),
    previousHash: previous === "" || previous === undefined ? null : previous,
    hash,
    data,
  };
}
