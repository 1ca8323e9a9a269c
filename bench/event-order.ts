/**
 * Ways of giving events a global order on Postgres, measured side by side for `docs/decisions/postgres-event-order.md`:
 *
 *     DATABASE_URL=postgres://... npx node bench/event-order.ts
 *
 * Writers commit batches of events as fast as they can while one reader follows by position, as a projection does. What
 * the reader missed was committed below a position that it had passed already. Makes and drops tables of its own.
 */
import pg from "pg";

const WRITERS = 4;
const BATCH = 16;
const SECONDS = 2;
const ROUNDS = 3;
const PAYLOAD = JSON.stringify("x".repeat(700));

interface Ordering {
  readonly name: string;
  /** What is done before the insert, in the same transaction; `head` is the position before the batch. */
  readonly head: string;
}

const ORDERINGS: readonly Ordering[] = [
  {
    name: "advisory lock",
    head: `perform pg_advisory_xact_lock(4711); select coalesce(max(position), 0) into v_head from bench_order.events;`,
  },
  {
    name: "row lock on a head row",
    head: `update bench_order.head set position = position + ${BATCH} returning position - ${BATCH} into v_head;`,
  },
  {
    name: "bare sequence",
    head: `v_head := nextval('bench_order.batches') * ${BATCH};`,
  },
];

interface Figures {
  readonly eventsPerSecond: number;
  readonly missed: number;
}

async function measure(connectionString: string, ordering: Ordering): Promise<Figures> {
  const admin = await connect(connectionString);
  await admin.query(`
    drop schema if exists bench_order cascade;
    create schema bench_order;
    create table bench_order.events (position bigint primary key, data json not null);
    create table bench_order.head (position bigint not null) with (fillfactor = 20);
    insert into bench_order.head values (0);
    create sequence bench_order.batches;
    create function bench_order.append(p_data json) returns void language plpgsql as $$
    declare v_head bigint;
    begin
      ${ordering.head}
      insert into bench_order.events select v_head + n, p_data from generate_series(1, ${BATCH}) n;
    end $$`);
  const until = performance.now() + SECONDS * 1000;
  const written = Promise.all(Array.from({ length: WRITERS }, () => write(connectionString, until)));
  const seen = await follow(connectionString, written);
  const { rows } = await admin.query<{ count: string }>("select count(*) from bench_order.events");
  await admin.query("drop schema bench_order cascade");
  await admin.end();
  const total = Number(rows[0]?.count);
  return { eventsPerSecond: Math.round(total / SECONDS), missed: total - seen };
}

async function write(connectionString: string, until: number): Promise<void> {
  const client = await connect(connectionString);
  while (performance.now() < until) {
    await client.query({ name: "append", text: "select bench_order.append($1)", values: [PAYLOAD] });
  }
  await client.end();
}

/** Reads on from the last position that was seen, until the writers are done and there is nothing more. */
async function follow(connectionString: string, written: Promise<unknown>): Promise<number> {
  const client = await connect(connectionString);
  let [seen, position, writing] = [0, "0", true];
  written.then(() => {
    writing = false;
  });
  for (;;) {
    const last = !writing;
    const { rows } = await client.query<[string]>({
      name: "next",
      text: "select position from bench_order.events where position > $1 order by position limit 1000",
      values: [position],
      rowMode: "array",
    });
    seen += rows.length;
    position = rows.at(-1)?.[0] ?? position;
    if (last && rows.length === 0) break;
  }
  await client.end();
  await written;
  return seen;
}

async function connect(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  return client;
}

const connectionString = process.env.DATABASE_URL;
if (connectionString === undefined) throw new Error("DATABASE_URL names the database to measure in");
const figures = new Map<string, Figures[]>();
for (let round = 0; round < ROUNDS; round++) {
  for (const ordering of ORDERINGS) {
    const measured = figures.get(ordering.name) ?? [];
    measured.push(await measure(connectionString, ordering));
    figures.set(ordering.name, measured);
  }
}
for (const [name, measured] of figures) {
  const speeds = measured.map((each) => each.eventsPerSecond).join(", ");
  const missed = measured.map((each) => each.missed).join(", ");
  console.log(`${name.padEnd(24)} events/s ${speeds.padEnd(24)} missed by the reader ${missed}`);
}
