import { sha256 } from "../../eventstore/envelope.ts";
import { type EventPage, PART } from "../../eventstore/event-page.ts";
import type { EventStore, Position } from "../../eventstore/port.ts";
import { BOXOFFICE_PREFIXES } from "../../eventstore/streams.ts";
import { cloudEventLine } from "./cloud-event.ts";
import { isWanted, type LineWish } from "./lines.ts";

export interface LogPart extends LineWish {
  /** A place just before `from` at which there is an event, as `EventStore.scan` takes it; null: before the first. */
  readonly after: Position | null;
}

/**
 * Lines of all streams, in pieces that nobody else holds, in the order of the log.
 * @throws StoreUnavailable
 */
export type LogLines = (part: LogPart) => AsyncGenerator<Uint8Array, void, undefined>;

const PIECE_CHARACTERS = 512 * 1024;

/** However long the part is, a few megabytes of it are in memory. */
export const logLines = (store: Pick<EventStore, "scan">) =>
  async function* (part: LogPart): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
    const done = new AbortController();
    const { after, to: upTo } = part;
    try {
      for await (const page of store.scan({ after, upTo, streamPrefixes: BOXOFFICE_PREFIXES, signal: done.signal })) {
        let text = "";
        for (let index = 0; index < page.count; index += 1) {
          text += lineOf(page, index, part);
          if (text.length < PIECE_CHARACTERS) continue;
          yield bytesOf(text);
          text = "";
        }
        if (text !== "") yield bytesOf(text);
      }
    } finally {
      done.abort();
    }
  };

/** In characters of a byte each: what was stored is moved as it is. What is parsed has to be text meanwhile. */
function lineOf(page: EventPage, index: number, wish: LineWish): string {
  if (!isWanted(wish, page.position(index), () => page.binary(index, PART.type))) return "";
  const { upcast } = wish;
  const hash = sha256(page.record(index));
  const stored = page.binaryEvent(index);
  if (!upcast && !stored.metadata.includes("\\u")) return cloudEventLine(stored, upcast, hash);
  return Buffer.from(cloudEventLine(page.event(index), upcast, hash)).toString("latin1");
}

/** Not out of the pool that small buffers share: a piece may be handed to another thread, and its memory with it. */
function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const bytes = Buffer.allocUnsafeSlow(text.length);
  bytes.write(text, "latin1");
  return bytes;
}
