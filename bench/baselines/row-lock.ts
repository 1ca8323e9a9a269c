/**
 * The design that everybody uses: the ticket type is a row, a reservation locks it (`SELECT ... FOR UPDATE`), looks,
 * inserts and updates in one transaction. Written as well as that design goes: one prepared statement a step, a pool of
 * connections, the key claimed before the row is locked, so that the lock is held no longer than it must be.
 *
 *   node bench/baselines/row-lock.ts     with PORT, DATABASE_URL, JWT_SECRET
 */
import pg from "pg";
import { guarded, newReservation, readyMessage, reservationView } from "./guarded-server.ts";

const POOL = 20;

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: POOL });
await pool.query(`
  create table if not exists ticket_types (
    id uuid primary key, capacity int not null, held int not null default 0, booked int not null default 0);
  create table if not exists reservations (
    id uuid primary key, ticket_type_id uuid not null, account_id uuid not null, quantity int not null,
    status text not null, expires_at timestamptz not null, created_at timestamptz not null default now());
  create index if not exists reservations_by_account on reservations (account_id, created_at);
  create table if not exists idempotency_keys (
    account_id uuid not null, key text not null, reservation_id uuid not null, body_hash text not null,
    created_at timestamptz not null default now(), primary key (account_id, key));
`);

const { app, authenticate, bodyHash } = await guarded();

app.post("/ticket-types/:id", async (request) => {
  const { id } = request.params as { id: string };
  const { capacity } = request.body as { capacity: number };
  await pool.query("insert into ticket_types (id, capacity) values ($1, $2)", [id, capacity]);
  return {};
});

app.get("/count", async () => {
  const { rows } = await pool.query<{ count: string }>("select count(*) from reservations");
  return { count: Number(rows[0]?.count) };
});

app.post("/events/:eventId/reservations", async (request, reply) => {
  const accountId = authenticate(request);
  const key = String(request.headers["idempotency-key"]);
  const { ticketTypeId, quantity } = newReservation.parse(request.body);
  const { eventId } = request.params as { eventId: string };
  const reservationId = crypto.randomUUID();
  const expiresAt = new Date(Date.now() + 600_000);
  const client = await pool.connect();
  try {
    await client.query("begin");
    const seen = await client.query({
      name: "key",
      text: `insert into idempotency_keys (account_id, key, reservation_id, body_hash) values ($1, $2, $3, $4)
             on conflict do nothing`,
      values: [accountId, key, reservationId, bodyHash(request)],
    });
    const locked = await client.query<{ free: number }>({
      name: "lock",
      text: "select capacity - held - booked as free from ticket_types where id = $1 for update",
      values: [ticketTypeId],
    });
    if (seen.rowCount !== 1 || (locked.rows[0]?.free ?? 0) < quantity) {
      await client.query("rollback");
      return reply.code(409).send({ code: "sold-out" });
    }
    await client.query({
      name: "reserve",
      text: `insert into reservations (id, ticket_type_id, account_id, quantity, status, expires_at)
             values ($1, $2, $3, $4, 'HELD', $5)`,
      values: [reservationId, ticketTypeId, accountId, quantity, expiresAt],
    });
    await client.query({
      name: "count",
      text: "update ticket_types set held = held + $2 where id = $1",
      values: [ticketTypeId, quantity],
    });
    await client.query("commit");
  } catch (error) {
    await client.query("rollback").catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
  return reply.code(201).send(reservationView(reservationId, eventId, ticketTypeId, quantity, expiresAt));
});

await readyMessage(app);
