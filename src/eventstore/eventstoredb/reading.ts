import { bytesOf } from "../pages.ts";
import { type EventStore, PAGE_BYTES, type Position, type StoredEvent, StoreUnavailable } from "../port.ts";
import { because, isNotLeader } from "./failures.ts";
import {
  empty,
  prefixFilter,
  type ReadReq,
  type ReadResp,
  readOptions,
  streamIdentifier,
  streams,
} from "./protocol.ts";
import type { SentBefore } from "./sent-before.ts";
import { storedEvent } from "./stored-event.ts";
import type { ReadStream, Transport } from "./transport.ts";

/** Events that the server looks through at a time for one that fits a filter. */
const SEARCH_WINDOW = 500;

const { BACKWARDS, FORWARDS } = streams.ReadReq.Options.ReadDirection;

/** The port's reads of one stream, on the leader, so that they cover every acknowledged append. */
export function reader(transport: Transport, ids: SentBefore): EventStore["read"] {
  return async (stream, { from, direction, maxCount }) => {
    const place = new streams.ReadReq.Options.StreamOptions().setStreamIdentifier(streamIdentifier(stream));
    if (from === "start") place.setStart(empty());
    else if (from === "end") place.setEnd(empty());
    else place.setRevision(String(from));
    const options = readOptions()
      .setStream(place)
      .setReadDirection(direction === "forwards" ? FORWARDS : BACKWARDS)
      .setCount(String(maxCount))
      .setNoFilter(empty());
    const events = await collect(transport, new streams.ReadReq().setOptions(options), `stream ${stream}`);
    requirePositions(events);
    const newest = direction === "forwards" ? events.at(-1) : events[0];
    if (newest !== undefined) ids.heard(newest.position);
    return events;
  };
}

/** What servers that know an event's position in `$all` only give for it in reads of a stream. */
const NO_POSITION = 2n ** 64n - 1n;

function requirePositions(events: readonly StoredEvent[]): void {
  if (events[0]?.position !== NO_POSITION) return;
  throw new StoreUnavailable(
    "EventStoreDB gives no positions in reads of a stream: a server of version 24.6 is needed",
  );
}

/** The port's head: the newest event that fits the prefixes, looked for from the end of the log. */
export function headFinder(transport: Transport): EventStore["head"] {
  return async (prefixes) => {
    if (prefixes.length === 0) return null;
    const options = newestOfAll().setFilter(prefixFilter(prefixes, SEARCH_WINDOW));
    return positionOf(await collect(transport, new streams.ReadReq().setOptions(options), "the head of the log"));
  };
}

/**
 * Position of the newest event of all, system events too; null in an empty log.
 * @throws StoreUnavailable
 */
export async function endOfLog(transport: Transport): Promise<Position | null> {
  const options = newestOfAll().setNoFilter(empty());
  return positionOf(await collect(transport, new streams.ReadReq().setOptions(options), "the end of the log"));
}

const newestOfAll = (): streams.ReadReq.Options =>
  readOptions()
    .setAll(new streams.ReadReq.Options.AllOptions().setEnd(empty()))
    .setReadDirection(BACKWARDS)
    .setCount("1");

const positionOf = (events: readonly StoredEvent[]): Position | null => events[0]?.position ?? null;

/** Runs a read to its end, once more where the leader has moved. */
async function collect(transport: Transport, request: ReadReq, what: string): Promise<StoredEvent[]> {
  try {
    return await eventsOf(await transport.read(request)).catch((error: unknown) => {
      if (!isNotLeader(error)) throw error;
      return transport.read(request).then(eventsOf);
    });
  } catch (cause) {
    if (cause instanceof StoreUnavailable) throw cause;
    throw new StoreUnavailable(because(`${what} can't be read from EventStoreDB`, cause), { cause });
  }
}

/**
 * A stream that doesn't exist comes as a message of its own, and as no event. The call is ended when the events that have
 * come are a page by their bytes.
 */
function eventsOf(stream: ReadStream): Promise<StoredEvent[]> {
  return new Promise((resolve, reject) => {
    const events: StoredEvent[] = [];
    let bytes = 0;
    stream.on("data", (response: ReadResp) => {
      const event = response.getEvent()?.getEvent();
      if (event === undefined || bytes >= PAGE_BYTES) return;
      const stored = storedEvent(event);
      events.push(stored);
      bytes += bytesOf(stored);
      if (bytes < PAGE_BYTES) return;
      resolve(events);
      stream.cancel();
    });
    stream.on("end", () => resolve(events));
    stream.on("error", reject);
  });
}
