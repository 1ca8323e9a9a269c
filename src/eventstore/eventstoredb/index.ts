import type { Logger } from "pino";
import { type EventStore, type Position, StoreUnavailable } from "../port.ts";
import { scanBySubscription } from "../scan-by-subscription.ts";
import { appender } from "./append.ts";
import { appendChannel } from "./append-channel.ts";
import { connectionParts } from "./connection-string.ts";
import { because } from "./failures.ts";
import { endOfLog, headFinder, reader } from "./reading.ts";
import { sentBefore } from "./sent-before.ts";
import { startFailure } from "./start-failure.ts";
import { subscriber } from "./subscription.ts";
import { connect, type Transport } from "./transport.ts";

export interface EventStoreDBOptions {
  /**
   * `esdb://...` or `esdb+discover://...`, with the settings that EventStoreDB documents for it. `defaultDeadline` is
   * how long an append or a read may take, 10,000 ms unless set.
   */
  readonly connectionString: string;
  readonly log?: Pick<Logger, "warn"> | undefined;
  /** How often a subscription that nothing comes from is held against the leader's log: milliseconds, 5,000 unless set. */
  readonly staleAfterMs?: number;
}

const STALE_AFTER_MS = 5_000;

/**
 * The event store port on EventStoreDB 24.6, which it is tested with; older ones that give no positions when a stream is
 * read are told by their first read. One per process is enough. `docs/decisions/eventstoredb-adapter.md` has the reasons.
 *
 * @throws StoreUnavailable the connection string is malformed, no server answers, or none that may be used; the message
 *   is one line that says why, without the connection string
 */
export async function openEventStoreDB({
  connectionString,
  log,
  staleAfterMs = STALE_AFTER_MS,
}: EventStoreDBOptions): Promise<EventStore> {
  const { transport, end } = await started(connectionString);
  const ids = sentBefore();
  if (end !== null) ids.heard(end);
  const channel = appendChannel(transport, log);
  const read = reader(transport, ids);
  const head = headFinder(transport);
  const subscribe = subscriber({ transport, ids, head, staleAfterMs });
  return {
    name: "eventstoredb",
    append: appender(channel, ids, read),
    read,
    head,
    subscribe,
    scan: scanBySubscription(subscribe),
    async close() {
      await channel.drain();
      await transport.close();
    },
  };
}

/** A connection that has been used once: wrong certificates and passwords show now, not at the first command. */
async function started(connectionString: string): Promise<Started> {
  const parts = usable(() => connectionParts(connectionString));
  try {
    return await open(connectionString);
  } catch (error) {
    throw await startFailure(parts, error, async (alone) => (await open(alone)).transport.close());
  }
}

interface Started {
  readonly transport: Transport;
  readonly end: Position | null;
}

async function open(connectionString: string): Promise<Started> {
  const transport = usable(() => connect(connectionString));
  try {
    return { transport, end: await endOfLog(transport) };
  } catch (error) {
    await transport.close();
    throw error;
  }
}

function usable<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new StoreUnavailable(because("EVENTSTORE_URL can't be used", error), { cause: error });
  }
}
