import { hash, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import pg from "pg";
import type { InventoryEvent } from "../src/domain/inventory-events.ts";
import { encode } from "../src/eventstore/envelope.ts";
import type { StoredEvent } from "../src/eventstore/port.ts";
import { inventoryStream } from "../src/eventstore/streams.ts";
import { prepareReadModels } from "../src/projections/prepare.ts";
import type { Projection } from "../src/projections/projection.ts";
import { READ_MODELS } from "../src/projections/read-models.ts";
import { projectBatch } from "../src/projections/transaction.ts";

/** What projecting a generated on-sale of one hot ticket type took. */
export interface ProjectionFigures {
  readonly projections: string;
  readonly batch: number;
  readonly events: number;
  readonly reservations: number;
  readonly eventsPerSecond: number;
  /** Processor time of this process for each event. */
  readonly nodeMicrosPerEvent: number;
  /** Processor time of the Postgres backend for each event; null where it cannot be seen. */
  readonly postgresMicrosPerEvent: number | null;
}

const EVENTS = 200_000;
const LEASE = { name: "projector", epoch: 1 };

/**
 * Projects 200,000 events of a hot ticket type (reserved, then a third released or expired) from memory into a database
 * of its own: how fast read models catch up, all together and the heaviest alone, and in batches as small as they are
 * while a sale goes on.
 * @param connectionString a Postgres where databases may be created
 */
export async function benchProjections(
  connectionString: string,
  events = EVENTS,
): Promise<readonly ProjectionFigures[]> {
  const log = generateSale(events);
  const reservations = READ_MODELS.filter(({ name }) => name === "reservations");
  return [
    await measure(connectionString, log, READ_MODELS, 2_000),
    await measure(connectionString, log, reservations, 2_000),
    await measure(connectionString, log, READ_MODELS, 300),
  ];
}

/** Projects a log, in batches of so many events, into a database of its own. */
export async function measure(
  connectionString: string,
  log: readonly StoredEvent[],
  projections: readonly Projection[],
  batch: number,
): Promise<ProjectionFigures> {
  const name = `bench_${randomUUID().replaceAll("-", "")}`;
  const url = new URL(connectionString);
  url.pathname = `/${name}`;
  await administer(connectionString, `create database ${name}`);
  const pool = new pg.Pool({ connectionString: url.href });
  pool.on("error", () => undefined); // connections that the dropped database takes along
  try {
    await prepareReadModels(pool);
    await pool.query("insert into processes.leases values ($1, 'bench', $2, 'infinity')", [LEASE.name, LEASE.epoch]);
    const client = await pool.connect();
    const begun = performance.now();
    const cpu = process.cpuUsage();
    const backend = await backendMicros(client);
    for (let from = 0; from < log.length; from += batch) {
      const events = log.slice(from, from + batch);
      await projectBatch(client, LEASE, projections, { events, checkpoint: BigInt(from + events.length) });
    }
    const { user, system } = process.cpuUsage(cpu);
    const seconds = (performance.now() - begun) / 1_000;
    const backendAfter = await backendMicros(client);
    const count = await client.query<{ count: string }>("select count(*) from readmodels.reservations");
    client.release();
    const each = (micros: number) => Math.round((10 * micros) / log.length) / 10;
    return {
      projections: projections.length === READ_MODELS.length ? "all" : projections.map((p) => p.name).join(", "),
      batch,
      events: log.length,
      reservations: Number(count.rows[0]?.count),
      eventsPerSecond: Math.round(log.length / seconds),
      nodeMicrosPerEvent: each(user + system),
      postgresMicrosPerEvent: backend === null || backendAfter === null ? null : each(backendAfter - backend),
    };
  } finally {
    await pool.end();
    await administer(connectionString, `drop database ${name} with (force)`);
  }
}

/** A log of one inventory: nine in fourteen are reservations, then releases, and expiries of 100 at a time. */
export function generateSale(count: number): readonly StoredEvent[] {
  const eventId = randomUUID();
  const ticketTypeId = randomUUID();
  const stream = inventoryStream(eventId, ticketTypeId);
  const accounts = Array.from({ length: 1_000 }, () => randomUUID());
  const startMs = Date.parse("2026-03-01T09:00:00Z");
  const held: string[] = [];
  const events: StoredEvent[] = [];
  while (events.length < count) {
    const index = events.length;
    const atMs = startMs + Math.floor(index / 12);
    const event = nextEvent(index, atMs, accounts, held);
    const { id, type, data, metadata } = encode(randomUUID(), event, {
      schemaVersion: 1,
      at: new Date(atMs).toISOString(),
      actor: { account: accounts[index % accounts.length] as string, role: "customer" },
      commandId: randomUUID(),
      correlationId: randomUUID(),
      causationId: null,
      requestId: `req-${index.toString(36)}`,
      keyHash: event.type === "TicketsReserved" ? hash("sha256", `key ${index}`, "base64url") : null,
      bodyHash: event.type === "TicketsReserved" ? hash("sha256", `body ${index}`, "base64url") : null,
      previousHash: hash("sha256", `previous ${index}`, "base64url"),
    });
    events.push({ id, type, data, metadata, stream, revision: index, position: BigInt(index + 1) });
  }
  return events;
}

function nextEvent(index: number, atMs: number, accounts: readonly string[], held: string[]): InventoryEvent {
  const turn = index % 14;
  if (turn === 13 && index % 140 === 13 && held.length > 200) {
    const reservations = held.splice(0, 50).map((reservationId) => ({ reservationId, quantity: 1 }));
    return { type: "ReservationsExpired", data: { reservations } };
  }
  const given = turn >= 10 ? held.shift() : undefined;
  if (given !== undefined) return { type: "ReservationReleased", data: { reservationId: given, quantity: 1 } };
  const reservationId = randomUUID();
  held.push(reservationId);
  return {
    type: "TicketsReserved",
    data: {
      reservationId,
      accountId: accounts[index % accounts.length] as string,
      quantity: 1,
      unitPrice: { amount: 4500, currency: "EUR" },
      expiresAt: new Date(atMs + 600_000).toISOString(),
    },
  };
}

/** Processor time so far of the process behind a connection, from Linux's `/proc` where it is the same machine's. */
async function backendMicros(client: pg.ClientBase): Promise<number | null> {
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid");
  const stat = await readFile(`/proc/${rows[0]?.pid}/stat`, "utf8").catch(() => null);
  if (stat === null || !stat.includes("postgres")) return null;
  const [utime, stime] = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 13);
  return (Number(utime) + Number(stime)) * 10_000; // a tick is a hundredth of a second
}

async function administer(connectionString: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

if (import.meta.main) {
  const url = process.argv[2] ?? process.env.DATABASE_URL;
  if (url === undefined) throw new Error("name a Postgres: node bench/projections.ts postgres://...");
  console.table(await benchProjections(url));
}
