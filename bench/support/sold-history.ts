import { randomUUID } from "node:crypto";
import { finished } from "node:stream/promises";
import pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { encode, eventHash } from "../../src/eventstore/envelope.ts";
import { openPostgresEventStore } from "../../src/eventstore/postgres/index.ts";
import { bookingStream, inventoryStream } from "../../src/eventstore/streams.ts";

const BEGUN_MS = Date.parse("2026-05-01T10:00:00.000Z");
const PRICE = { amount: 4500, currency: "EUR" };
const PURCHASES_A_TYPE = 10_000;
/** Purchases that are under way at the same time: their events stand between each other's. */
const AT_ONCE = 50;

interface Stream {
  readonly id: number;
  revision: number;
  hash: string | null;
}

/**
 * Fills an empty event store in Postgres with sales as the product would have recorded them: the same bytes, envelopes and
 * chains, eight events a purchase. By COPY, past the append function, so that millions are there within a minute or two.
 * @returns how many events there are
 */
export async function writeSales(databaseUrl: string, purchases: number): Promise<number> {
  await (await openPostgresEventStore({ connectionString: databaseUrl })).close();
  const [events, streams] = [new pg.Client(databaseUrl), new pg.Client(databaseUrl)];
  await Promise.all([events.connect(), streams.connect()]);
  const log = events.query(copyFrom("copy eventstore.events from stdin"));
  const names = streams.query(copyFrom("copy eventstore.streams from stdin"));
  const known = new Map<string, Stream>();
  let position = 0;
  let lines = "";
  const put = (stream: string, type: string, data: object, atMs: number, accountId: string): void => {
    position += 1;
    let at = known.get(stream);
    if (at === undefined) {
      at = { id: position, revision: -1, hash: null };
      known.set(stream, at);
      names.write(`${position}\t${stream}\n`);
    }
    at.revision += 1;
    const id = randomUUID();
    const encoded = encode(
      id,
      { type, data },
      {
        schemaVersion: 1,
        at: new Date(atMs).toISOString(),
        actor: { account: accountId, role: "guest" },
        commandId: randomUUID(),
        correlationId: id,
        causationId: null,
        requestId: id,
        keyHash: null,
        bodyHash: null,
        previousHash: at.hash,
      },
    );
    at.hash = eventHash({ ...encoded, stream, revision: at.revision });
    lines += `${position}\t${at.id}\t${at.revision}\t${id}\t${type}\t${encoded.data}\t${encoded.metadata}\tf\n`;
  };
  const organizerId = randomUUID();
  for (let first = 0; first < purchases; first += PURCHASES_A_TYPE) {
    const of = { eventId: randomUUID(), ticketTypeId: randomUUID(), organizerId };
    const stream = inventoryStream(of.eventId, of.ticketTypeId);
    put(stream, "InventoryOpened", { ...of, ...TERMS }, BEGUN_MS, organizerId);
    const last = Math.min(PURCHASES_A_TYPE, purchases - first);
    for (let n = 0; n < last; n += AT_ONCE) {
      const steps = Array.from({ length: Math.min(AT_ONCE, last - n) }, (_, k) => purchase(of, stream, n + k));
      for (let step = 0; step < (steps[0]?.length ?? 0); step += 1)
        for (const one of steps) put(...(one[step] as Step));
      if (lines.length > 1_000_000) {
        if (!log.write(lines)) await new Promise((resolve) => log.once("drain", resolve));
        lines = "";
      }
    }
    known.clear();
  }
  log.end(lines);
  names.end();
  await Promise.all([finished(log), finished(names)]);
  await events.query("analyze eventstore.events, eventstore.streams");
  await Promise.all([events.end(), streams.end()]);
  return position;
}

type Step = readonly [stream: string, type: string, data: object, atMs: number, accountId: string];

function purchase(
  of: { eventId: string; ticketTypeId: string; organizerId: string },
  stream: string,
  nth: number,
): Step[] {
  const [reservationId, bookingId, accountId] = [randomUUID(), randomUUID(), randomUUID()];
  const atMs = BEGUN_MS + Math.floor(nth / AT_ONCE) * 1_000;
  const after = (ms: number) => new Date(atMs + ms).toISOString();
  const ours = { reservationId, bookingId, accountId, quantity: 1 };
  const charge = { attemptId: randomUUID(), chargeId: randomUUID() };
  const line = { reservationId, eventId: of.eventId, ticketTypeId: of.ticketTypeId, quantity: 1, unitPrice: PRICE };
  const events = [{ eventId: of.eventId, organizerId: of.organizerId, startsAt: null, refundPolicy: null }];
  const deadline = after(900_000);
  const opened = {
    ...{ bookingId, accountId, cartId: null, lines: [line], events, total: PRICE },
    ...{ createdAt: after(100), expiresAt: deadline },
  };
  const reserved = { reservationId, accountId, quantity: 1, unitPrice: PRICE, expiresAt: after(600_000) };
  const claimed = { ...ours, unitPrice: PRICE, deadline, claimedUntil: after(960_000) };
  const booking = bookingStream(bookingId);
  return [
    [stream, "TicketsReserved", reserved, atMs, accountId],
    [stream, "ReservationClaimed", claimed, atMs + 100, accountId],
    [booking, "BookingOpened", opened, atMs + 100, accountId],
    [
      booking,
      "PaymentRequested",
      { ...charge, provider: "sandbox", method: "card", amount: PRICE },
      atMs + 100,
      accountId,
    ],
    [stream, "ReservationConfirmed", ours, atMs + 200, accountId],
    [booking, "PaymentAuthorized", charge, atMs + 200, accountId],
    [booking, "BookingConfirmed", {}, atMs + 200, accountId],
    [booking, "PaymentCaptured", charge, atMs + 300, accountId],
  ];
}

const TERMS = {
  ordinal: 0,
  capacity: PURCHASES_A_TYPE,
  draft: false,
  terms: {
    ...{ name: "Regular", description: null, price: PRICE, saleStartsAt: null, saleEndsAt: null },
    ...{ maxPerUser: null, maxPerOrder: 100 },
  },
  eventTerms: {
    ...{ saleStartsAt: "2026-01-01T00:00:00.000Z", saleEndsAt: null, endsAt: null },
    ...{ holdTtlSeconds: 600, guestsAllowed: true },
  },
};
