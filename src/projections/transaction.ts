import { finished } from "node:stream/promises";
import type { ClientBase } from "pg";
import { from as copyFrom } from "pg-copy-streams";
import type { Batch, Position } from "../eventstore/port.ts";
import { type Lease, requireLease } from "../leases/lease.ts";
import { FeedEvent } from "./feed-event.ts";
import { type Change, HOT_MODELS, tellChange, touchedBy } from "./hot-reads/changes.ts";
import type { Copy, Projection, Write } from "./projection.ts";
import { advance, lockStandings, type Standing } from "./registry.ts";

/**
 * How transactions that project begin:
 * - not flushed one by one: after a crash of Postgres rows and checkpoint go back together and the log is read again;
 * - planned once, by keys: a plan made while a table was small would go on scanning it when it has grown (an update of
 *   100 reservations then took 8 ms instead of 1).
 */
export const BEGIN_PROJECTING = `begin;
  set local synchronous_commit = off;
  set local plan_cache_mode = force_generic_plan;
  set local enable_seqscan = off; set local enable_hashjoin = off; set local enable_mergejoin = off;`;

/** The database's read models were made by other code than this: a rebuild brings them together. */
export class VersionMismatch extends Error {
  override readonly name = "VersionMismatch";
}

/**
 * Brings all projections past one batch, in one transaction with their checkpoints: either all of it is there
 * afterwards or nothing. A projection that has seen some of the events skips those.
 * @returns what it changed of what is read most, or null: that had seen it all before
 * @throws LeaseLost nothing was changed, somebody else is the projector now
 * @throws VersionMismatch nothing was changed
 */
export async function projectBatch(
  client: ClientBase,
  lease: Pick<Lease, "name" | "epoch">,
  projections: readonly Projection[],
  batch: Batch,
): Promise<Change | null> {
  await client.query(BEGIN_PROJECTING);
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
      await run(client, projection.writes(after(feed, standing.checkpoint), standing.generation));
    }
    if (behind.length > 0) {
      await advance(
        client,
        behind.map(({ name }) => name),
        batch.checkpoint,
      );
    }
    const change = changeOf(behind, batch);
    if (change !== null) await tellChange(client, change);
    await client.query("commit");
    return change;
  } catch (error) {
    await client.query("rollback").catch(() => undefined);
    throw error;
  }
}

function changeOf(behind: readonly Standing[], batch: Batch): Change | null {
  const hot = behind.filter(({ name }) => HOT_MODELS.includes(name));
  if (hot.length === 0) return null;
  const known = hot.flatMap(({ checkpoint }) => (checkpoint === null ? [] : [checkpoint]));
  const after = known.length < hot.length ? null : known.reduce((lowest, one) => (one < lowest ? one : lowest));
  return { after, upTo: batch.checkpoint, events: touchedBy(batch.events) };
}

export async function run(client: ClientBase, writes: readonly Write[]): Promise<void> {
  for (const write of writes) {
    if ("copy" in write) await copy(client, write);
    else await client.query({ name: write.name, text: write.text, values: [...write.values] });
  }
}

async function copy(client: ClientBase, { copy, rows }: Copy): Promise<void> {
  const stream = client.query(copyFrom(copy));
  stream.end(rows);
  await finished(stream);
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
