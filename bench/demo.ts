/**
 * A sale in the terminal: a crowd in front of few tickets, first at Boxoffice, then at a design that locks a row, on the
 * same Postgres; and at the end the proof, from the log alone, that nothing was oversold. Takes about 15 seconds.
 *
 *   npm run demo
 */
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freePort } from "../src/embedded/free-port.ts";
import { openPostgresEventStore } from "../src/eventstore/postgres/index.ts";
import { startChild } from "../test/system/child.ts";
import { createHttpClient } from "../test/system/http-client.ts";
import { JWT_SECRET, startProduct } from "../test/system/product.ts";
import { proveSale } from "../test/system/proof.ts";
import { guests, type OnSale, openSale } from "../test/system/shop.ts";
import { before, begin, type Sale } from "./demo/sale.ts";
import { createScoreboard, type Scoreboard } from "./demo/scoreboard.ts";
import { type BenchPostgres, startBenchPostgres } from "./support/postgres-server.ts";

const PEOPLE = 1_000;
const ASKS = 5;
const TICKETS = 500;
/** For each of the two: with both, what is started before and the proof, under 20 s in all. */
const MOST_SECONDS = 6;
const REDRAW_MS = 100;

type CleanUp = (undo: () => Promise<unknown>) => void;

const undo: (() => Promise<unknown>)[] = [];
let undone: Promise<void> | undefined;
const cleanUp = () => {
  undone ??= (async () => {
    for (const one of undo.toReversed()) await one().catch(() => {}); // the next is to be cleaned up as well
  })();
  return undone;
};
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => void cleanUp().finally(() => process.exit(130)));
}
try {
  await demo((one) => undo.push(one));
} catch (error) {
  if (undone === undefined) throw error; // else it was ended in the middle
} finally {
  await cleanUp();
}
process.exit();

async function demo(onEnd: CleanUp): Promise<void> {
  console.log("\n  Starting Postgres, Boxoffice, and a row-lock design to stand beside it ...");
  const workDir = await mkdtemp(join(tmpdir(), "boxoffice-demo-"));
  onEnd(() => rm(workDir, { recursive: true, force: true }));
  const postgres = await startBenchPostgres(join(workDir, "postgres"));
  onEnd(() => postgres.stop());
  const databaseUrl = await postgres.freshDatabase();
  const [ours, rowLockPort] = await Promise.all([
    openBoxoffice(databaseUrl, workDir, onEnd),
    startRowLock(postgres, onEnd),
  ]);
  const rowLockSale = { eventId: randomUUID(), ticketTypeId: randomUUID() };
  const rowLockClient = createHttpClient(rowLockPort, 1);
  await rowLockClient.call("POST", `/ticket-types/${rowLockSale.ticketTypeId}`, { body: { capacity: TICKETS } });
  rowLockClient.close();

  const common = { tickets: TICKETS, crowd: ours.crowd, asks: ASKS, mostSeconds: MOST_SECONDS };
  const first: Sale = { name: "Boxoffice", port: ours.port, sale: ours.sale, ...common };
  const second: Sale = { name: "row lock", port: rowLockPort, sale: rowLockSale, ...common };
  const people = PEOPLE.toLocaleString("en");
  console.log(`  ${people} people ask ${ASKS} times each for ${TICKETS} tickets, at one design after the other.\n`);
  const told = await watch(first, second, createScoreboard(process.stdout));
  await prove(databaseUrl, ours.sale, told);
}

/** @returns what people were told at the first of the two */
async function watch(first: Sale, second: Sale, scoreboard: Scoreboard): Promise<readonly string[]> {
  const [one, told] = await during(first, (standing) => scoreboard.draw([standing, before(second)]));
  const [other] = await during(second, (standing) => scoreboard.draw([one, standing]));
  scoreboard.finish([one, other]);
  return told;
}

async function during(sale: Sale, draw: (standing: ReturnType<typeof before>) => void) {
  const running = begin(sale);
  const over = running.over.then(() => true);
  while (!(await Promise.race([over, pause(REDRAW_MS, false)]))) draw(running.standing());
  return [running.standing(), await running.over] as const;
}

async function prove(databaseUrl: string, sale: OnSale, told: readonly string[]): Promise<void> {
  const store = await openPostgresEventStore({ connectionString: databaseUrl });
  const proof = await proveSale(store, sale).finally(() => store.close());
  const { events, capacity, mostHeld, reservationIds, keyHashes } = proof;
  const recorded = new Set(reservationIds);
  const missing = told.filter((id) => !recorded.has(id)).length;
  if (missing > 0 || recorded.size !== told.length) {
    throw new Error(`${told.length} were told of a reservation, ${recorded.size} are in the log, ${missing} missing`);
  }
  console.log(`
  The proof, by replaying the log of the ticket type and nothing else:
    ${events} events, each linked to the one before it by its hash
    at no revision more than ${mostHeld} of ${capacity} tickets were held
    ${reservationIds.length} reservations by ${keyHashes.size} idempotency keys, none twice
    each of the ${told.length} times that somebody was told "yes" is in the log, and nothing else is
`);
}

async function openBoxoffice(databaseUrl: string, dataDir: string, onEnd: CleanUp) {
  const product = await startProduct({ databaseUrl, dataDir });
  onEnd(() => product.stop());
  const client = createHttpClient(product.port, 32);
  const sale = await openSale(client, TICKETS);
  const crowd = await guests(client, PEOPLE);
  client.close();
  return { port: product.port, sale, crowd };
}

async function startRowLock(postgres: BenchPostgres, onEnd: CleanUp): Promise<number> {
  const port = await freePort(undefined);
  const env = { DATABASE_URL: await postgres.freshDatabase(), PORT: String(port), JWT_SECRET };
  const child = await startChild({ program: "bench/baselines/row-lock.ts", env });
  onEnd(() => child.stop());
  return port;
}
