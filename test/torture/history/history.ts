import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, type WriteStream } from "node:fs";
import { createInterface } from "node:readline";

/** One time that a client asked for something: what he asks again he has each time here. */
export interface Invocation {
  readonly client: number;
  /** The same for all times that the same is asked; no other command has it. */
  readonly command: number;
  /** Which command of the workload, by its name in the table. */
  readonly name: string;
  /** Place of the node in `Town.apiUrls`. */
  readonly node: number;
  /** Account that asks; null: nobody who is known. */
  readonly account: string | null;
  readonly method: string;
  /** As the API names it, e.g. `/events/:eventId/reservations`. */
  readonly route: string;
  readonly path: string;
  readonly body: unknown;
  readonly key: string | null;
  readonly ifMatch: string | null;
  /** `Boxoffice-Min-Position`. */
  readonly minPosition: string | null;
  /** Epoch milliseconds of a clock that never goes back ({@link nowMs}). */
  readonly sentAtMs: number;
}

/** Epoch milliseconds as this process counts them on, whatever is done to the machine's clock. */
export const nowMs = (): number => performance.timeOrigin + performance.now();

/** The log's end as somebody saw it who asked the event store itself. */
export interface HeadSeen {
  /** When it was asked for, and when the answer was there. */
  readonly askedAtMs: number;
  readonly seenAtMs: number;
  readonly position: bigint;
}

/** What came of it: an answer that says something, or nobody knows (no answer, a broken one, or "come again"). */
export type Outcome =
  | {
      readonly answered: true;
      readonly status: number;
      readonly body: unknown;
      /** `Boxoffice-Position` of a write. */
      readonly position: string | null;
      /** `Idempotency-Replayed`. */
      readonly replayed: boolean;
      readonly endedAtMs: number;
    }
  | { readonly answered: false; readonly why: string; readonly endedAtMs: number };

export type Entry = Invocation & { readonly outcome: Outcome };

/** All that clients saw, one line of JSON an attempt in the order in which they ended: only what counts stays in memory. */
export class History {
  readonly path: string;
  /** Attempts written so far. */
  attempts = 0;
  /** The log's end, several times a second, in order: what a moment of clients is in the log. */
  readonly heads: HeadSeen[] = [];
  readonly #file: WriteStream;
  #failure: Error | null = null;

  /** @param path of a file that is made anew */
  constructor(path: string) {
    this.path = path;
    this.#file = createWriteStream(path, { flags: "w" });
    this.#file.on("error", (error) => {
      this.#failure = error;
    });
  }

  /** Resolves when more may be written: a disk that is slower than the clients slows them down. */
  async append(entry: Entry): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    this.attempts += 1;
    if (this.#file.write(`${JSON.stringify(entry)}\n`)) return;
    await new Promise<void>((resolve) => {
      const go = () => {
        this.#file.off("drain", go).off("error", go);
        resolve();
      };
      this.#file.once("drain", go).once("error", go);
    });
  }

  /** Writes all out; nothing may be appended after it. */
  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#file.end(resolve));
    if (this.#failure !== null) throw this.#failure;
  }

  /** Reads it from the beginning, after it was closed. */
  async *entries(): AsyncIterable<Entry> {
    const lines = createInterface({ input: createReadStream(this.path), crlfDelay: Number.POSITIVE_INFINITY });
    for await (const line of lines) if (line !== "") yield JSON.parse(line) as Entry;
  }
}

/** The same for bodies that say the same, whatever the order of their fields. */
export const sameness = (body: unknown): string => createHash("sha256").update(ordered(body)).digest("base64url");

function ordered(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(ordered).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  const fields = Object.entries(value).filter(([, one]) => one !== undefined);
  fields.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, one]) => `${JSON.stringify(name)}:${ordered(one)}`).join(",")}}`;
}
