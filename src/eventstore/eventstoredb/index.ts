import type { Logger } from "pino";
import type { EventStore } from "../port.ts";
import { appender } from "./append.ts";
import { appendChannel } from "./append-channel.ts";
import { endOfLog, headFinder, reader } from "./reading.ts";
import { sentBefore } from "./sent-before.ts";
import { subscriber } from "./subscription.ts";
import { connect } from "./transport.ts";

export interface EventStoreDBOptions {
  /**
   * `esdb://...` or `esdb+discover://...`, with the settings that EventStoreDB documents for it. `defaultDeadline` is
   * how long an append or a read may take, 10,000 ms unless set.
   */
  readonly connectionString: string;
  readonly log?: Pick<Logger, "warn"> | undefined;
}

/**
 * The event store port on EventStoreDB 24.6, which it is tested with; older ones that give no positions when a stream is
 * read are told by their first read. One per process is enough. `docs/decisions/eventstoredb-adapter.md` has the reasons.
 *
 * @throws Error the connection string is malformed
 * @throws StoreUnavailable no server answers
 */
export async function openEventStoreDB({ connectionString, log }: EventStoreDBOptions): Promise<EventStore> {
  const transport = connect(connectionString);
  const ids = sentBefore();
  const channel = appendChannel(transport, log);
  const read = reader(transport, ids);
  try {
    const end = await endOfLog(transport);
    if (end !== null) ids.heard(end);
  } catch (error) {
    await transport.close();
    throw error;
  }
  return {
    name: "eventstoredb",
    append: appender(channel, ids, read),
    read,
    head: headFinder(transport),
    subscribe: subscriber(transport, ids),
    async close() {
      await channel.drain();
      await transport.close();
    },
  };
}
