/**
 * Counts and reservations in Redis: one Lua script a reservation, `appendfsync always`, so that a reply rests on disk
 * as ours does.
 *
 *   node bench/baselines/redis.ts     with PORT, REDIS_URL, JWT_SECRET
 */
import { createClient, defineScript } from "redis";
import { guarded, newReservation, readyMessage, reservationView } from "./guarded-server.ts";

/** KEYS: ticket type, idempotency key, reservation. ARGV: quantity, reservation id, fields of the reservation as JSON. */
const RESERVE = `
  local earlier = redis.call('GET', KEYS[2])
  if earlier then return earlier end
  local free = tonumber(redis.call('HGET', KEYS[1], 'capacity')) - tonumber(redis.call('HGET', KEYS[1], 'held'))
  if free < tonumber(ARGV[1]) then return false end
  redis.call('HINCRBY', KEYS[1], 'held', ARGV[1])
  redis.call('SET', KEYS[2], ARGV[2], 'EX', 86400)
  redis.call('SET', KEYS[3], ARGV[3])
  redis.call('INCR', 'reservations')
  return ARGV[2]`;

const redis = createClient({
  url: process.env.REDIS_URL ?? "redis://127.0.0.1:6379",
  scripts: {
    reserve: defineScript({
      SCRIPT: RESERVE,
      NUMBER_OF_KEYS: 3,
      parseCommand(parser, keys: readonly [string, string, string], args: readonly [string, string, string]) {
        for (const key of keys) parser.pushKey(key);
        parser.push(...args);
      },
      transformReply: (reply: unknown) => reply as string | null,
    }),
  },
});
await redis.connect();

const { app, authenticate, bodyHash } = await guarded();

app.post("/ticket-types/:id", async (request) => {
  const { id } = request.params as { id: string };
  const { capacity } = request.body as { capacity: number };
  await redis.hSet(`ticket-type:${id}`, { capacity, held: 0 });
  return {};
});

app.get("/count", async () => ({ count: Number((await redis.get("reservations")) ?? 0) }));

app.post("/events/:eventId/reservations", async (request, reply) => {
  const accountId = authenticate(request);
  const key = String(request.headers["idempotency-key"]);
  const { ticketTypeId, quantity } = newReservation.parse(request.body);
  const { eventId } = request.params as { eventId: string };
  const reservationId = crypto.randomUUID();
  const expiresAt = new Date(Date.now() + 600_000);
  const record = JSON.stringify({ ticketTypeId, accountId, quantity, expiresAt, bodyHash: bodyHash(request) });
  const reserved = await redis.reserve(
    [`ticket-type:${ticketTypeId}`, `key:${accountId}:${key}`, `reservation:${reservationId}`],
    [String(quantity), reservationId, record],
  );
  if (reserved === null) return reply.code(409).send({ code: "sold-out" });
  return reply.code(201).send(reservationView(reserved, eventId, ticketTypeId, quantity, expiresAt));
});

await readyMessage(app);
