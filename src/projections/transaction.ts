import type { ClientBase } from "pg";
import type { Batch, Position } from "../eventstore/port.ts";
import { type Lease, requireLease } from "../processes/lease.ts";
import { FeedEvent } from "./feed-event.ts";
import type { Projection, Statement } from "./projection.ts";
import { advance, lockStandings, type Standing } from "./registry.ts";

/**
 * What the projector's transactions are like:
 * - not flushed one by one: after a crash of Postgres rows and checkpoint go back together and the log is read again;
 * - ended by Postgres when their process is frozen, since a takeover waits for them;
 * - planned once: a plan for the arrays at hand would now and then prefer to scan a table whose statistics are old.
 */
const BEGIN = `begin;
  set local synchronous_commit = off;
  set local idle_in_transaction_session_timeout = 2000;
  set local plan_cache_mode = force_generic_plan;`;

/** The database's read models were made by other code than this: a rebuild brings them together. */
export class VersionMismatch extends Error {
  override readonly name = "VersionMismatch";
}

/**
 * Brings all projections past one batch, in one transaction with their checkpoints: either all of it is there
 * afterwards or nothing. A projection that has seen some of the events skips those.
 * @returns the checkpoint now reached
 * @throws LeaseLost nothing was changed, somebody else is the projector now
 * @throws VersionMismatch nothing was changed
 */
export async function projectBatch(
  client: ClientBase,
  lease: Pick<Lease, "name" | "epoch">,
  projections: readonly Projection[],
  batch: Batch,
): Promise<Position> {
  await client.query(BEGIN);
  try {
    await requireLease(client, lease);
    const standings = await lockStandings(
      client,
      projections.map(({ name }) => name),
    );
    const behind = standings.filter(({ checkpoint }) => checkpoint === null || checkpoint < batch.checkpoint);
    const feed = batch.events.map((stored) => new FeedEvent(stored));
    for (const projection of projections) {
      const standing = behind.find(({ name }) => name === projection.name);
      if (standing === undefined) continue;
      requireVersion(projection, standing);
      await run(client, projection.statements(after(feed, standing.checkpoint), standing.generation));
    }
    if (behind.length > 0) {
      await advance(
        client,
        behind.map(({ name }) => name),
        batch.checkpoint,
      );
    }
    await client.query("commit");
    return batch.checkpoint;
  } catch (error) {
    await client.query("rollback").catch(() => undefined);
    throw error;
  }
}

export async function run(client: ClientBase, statements: readonly Statement[]): Promise<void> {
  for (const { name, text, values } of statements) await client.query({ name, text, values: [...values] });
}

function after(feed: readonly FeedEvent[], checkpoint: Position | null): readonly FeedEvent[] {
  const first = feed[0];
  if (checkpoint === null || first === undefined || first.stored.position > checkpoint) return feed;
  return feed.filter(({ stored }) => stored.position > checkpoint);
}

function requireVersion(projection: Projection, standing: Standing): void {
  if (standing.version === projection.version) return;
  throw new VersionMismatch(
    `${projection.name} is kept in version ${standing.version}, this code has ${projection.version}`,
  );
}
