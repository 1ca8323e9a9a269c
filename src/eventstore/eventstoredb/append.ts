import { randomUUID } from "node:crypto";
import {
  type AppendResult,
  type EventStore,
  type ExpectedRevision,
  InvalidAppend,
  type NewEvent,
  OutcomeUnknown,
  type StoredEvent,
  StoreUnavailable,
} from "../port.ts";
import { type Recorded, readAnswer } from "./answer.ts";
import type { AppendChannel } from "./append-channel.ts";
import { encodeAppend } from "./encoding.ts";
import { because } from "./failures.ts";
import type { SentBefore } from "./sent-before.ts";

/** The port's append: sends, understands the answer, and looks at the stream where a success may be an old one. */
export function appender(channel: AppendChannel, ids: SentBefore, read: EventStore["read"]): EventStore["append"] {
  return async (stream, events, expected) => {
    const encoded = encodeAppend(stream, events, expected);
    const sending = await ids.begin(events);
    try {
      const answer = readAnswer(await channel.send(encoded, randomUUID()), stream, expected);
      const result = sending.doubts(answer) ? await storedAs(read, stream, events, expected, answer) : fresh(answer);
      ids.heard(result.position);
      sending.settled();
      return result;
    } catch (error) {
      if (error instanceof OutcomeUnknown) sending.unknown();
      else if (error instanceof StoreUnavailable) sending.unsent();
      else sending.settled();
      throw error;
    }
  };
}

function fresh({ revision, position }: Recorded): AppendResult {
  if (position === null) throw new Error("a success without a position is never taken for fresh");
  return { revision, position };
}

/**
 * Finds the events that a success is about and holds them against what was sent.
 *
 * @throws InvalidAppend ids-reused: the ids are in the stream with other bytes, or not together
 * @throws OutcomeUnknown the stream can't be read now
 */
async function storedAs(
  read: EventStore["read"],
  stream: string,
  events: readonly NewEvent[],
  expected: ExpectedRevision,
  { revision }: Recorded,
): Promise<AppendResult> {
  const from =
    typeof expected === "number" ? expected + 1 : expected === "no-stream" ? 0 : revision - events.length + 1;
  const stored = await readOrUnknown(read, stream, Math.max(from, 0), events.length);
  const last = stored.at(-1);
  const same = stored.length === events.length && stored.every((event, index) => isSame(event, events[index]));
  if (last === undefined || !same) {
    throw new InvalidAppend("ids-reused", `stream ${stream} has other events under these ids, or part of them`);
  }
  return { revision: last.revision, position: last.position };
}

async function readOrUnknown(
  read: EventStore["read"],
  stream: string,
  from: number,
  count: number,
): Promise<readonly StoredEvent[]> {
  try {
    return await read(stream, { from, direction: "forwards", maxCount: count });
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
    throw new OutcomeUnknown(because("recorded, now or before; what is there can't be read", error), { cause: error });
  }
}

const isSame = (stored: StoredEvent, sent: NewEvent | undefined): boolean =>
  stored.id === sent?.id && stored.type === sent.type && stored.data === sent.data && stored.metadata === sent.metadata;
