import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import type { Town } from "../town.ts";

const ANSWER_WITHIN_MS = 5_000;
const LOOK_MS = 100;
/** To be made ready for. */
const READY_WITHIN_MS = 120_000;

/** How a town came back. */
export interface Recovery {
  /** From when everything was healed until every node did everything again, and all background work was in hands. */
  readonly ms: number;
  /** What did not work for longest. */
  readonly last: string;
}

interface Reply {
  readonly status: number;
  readonly position: string | null;
  readonly body: Readonly<Record<string, unknown>>;
}

/**
 * Somebody who wants to know whether all is well: on every node he reserves a ticket of an event of his own, reads what he
 * has written, and buys it; and he looks whether all background work is in somebody's hands.
 */
export class Probe {
  readonly #town: Town;
  readonly #tokens: string[] = [];
  #sale = { eventId: "", ticketTypeId: "" };

  private constructor(town: Town) {
    this.#town = town;
  }

  /** Opens an event; the first node has to be there. */
  static async in(town: Town): Promise<Probe> {
    const probe = new Probe(town);
    const [url = ""] = town.apiUrls;
    const session = await probe.#patiently(url, "POST", "/sessions", { body: town.admin });
    const event = {
      name: "Is everything all right",
      ticketTypes: [{ name: "Check", capacity: 1_000_000, price: { amount: 100, currency: "EUR" } }],
    };
    const token = String(session.body.token);
    const made = await probe.#patiently(url, "POST", "/events", { token, key: randomUUID(), body: event });
    if (made.status !== 201) throw new Error(`the probe's event: ${made.status} ${JSON.stringify(made.body)}`);
    const [ticketType] = made.body.ticketTypes as readonly { ticketTypeId: string }[];
    probe.#sale = { eventId: String(made.body.eventId), ticketTypeId: ticketType?.ticketTypeId ?? "" };
    for (const _ of town.apiUrls) {
      const guest = await probe.#patiently(url, "POST", "/sessions/guest", {});
      probe.#tokens.push(String(guest.body.token));
    }
    return probe;
  }

  /** Resolves when all is well, or after `withinMs`. */
  async recovery(withinMs: number): Promise<Recovery> {
    const sinceMs = performance.now();
    const untilMs = sinceMs + withinMs;
    let last = "nothing";
    const failed = (what: string) => {
      last = what;
    };
    const nodes = this.#town.apiUrls.map((_, node) => this.#node(node, untilMs, failed));
    await Promise.all([...nodes, this.#leases(untilMs, failed)]);
    return { ms: performance.now() - sinceMs, last };
  }

  async #node(node: number, untilMs: number, failed: (what: string) => void): Promise<void> {
    while (performance.now() < untilMs) {
      const trouble = await this.#buys(node, untilMs, failed);
      if (trouble === null) return;
      failed(`node ${node + 1}: ${trouble}`);
    }
  }

  /** @returns why it came to nothing; null: bought */
  async #buys(node: number, untilMs: number, failed: (what: string) => void): Promise<string | null> {
    const url = this.#town.apiUrls[node] as string;
    const token = this.#tokens[node] as string;
    const { eventId, ticketTypeId } = this.#sale;
    const until = async (method: string, path: string, call: Omit<Call, "token">): Promise<Reply | null> => {
      while (performance.now() < untilMs) {
        const reply = await this.#ask(url, method, path, { ...call, token }).catch((error: Error) => error);
        if (!(reply instanceof Error) && reply.status < 500) return reply;
        failed(`node ${node + 1}: ${method} ${path}: ${reply instanceof Error ? reply.message : said(reply)}`);
        await pause(LOOK_MS);
      }
      return null;
    };
    const reserved = await until("POST", `/events/${eventId}/reservations`, {
      key: randomUUID(),
      body: { ticketTypeId, quantity: 1 },
    });
    if (reserved?.status !== 201) return `a reservation: ${said(reserved)}`;
    const read = await until("GET", `/events/${eventId}`, { minPosition: reserved.position ?? "" });
    if (read?.status !== 200) return `its read: ${said(read)}`;
    const key = randomUUID();
    const body = { reservationIds: [reserved.body.reservationId], payment: { method: "sandbox-ok" } };
    let booking = await until("POST", "/purchases", { key, body });
    while (booking !== null && booking.body.status === "PENDING_PAYMENT") {
      failed(`node ${node + 1}: a purchase is PENDING_PAYMENT`);
      await pause(LOOK_MS);
      booking = await until("GET", `/bookings/${String(booking.body.bookingId)}`, {});
    }
    return booking?.body.status === "PAID" ? null : `a purchase: ${said(booking)}`;
  }

  /** Somebody holds each lease, and keeps it up. */
  async #leases(untilMs: number, failed: (what: string) => void): Promise<void> {
    while (performance.now() < untilMs) {
      const loose = await looseLeases(this.#town.databaseUrl).catch((error: Error) => error.message);
      if (loose === "") return;
      failed(`leases: ${loose}`);
      await pause(LOOK_MS);
    }
  }

  /** A machine that does many other things may take its time: asked again until there is an answer. */
  async #patiently(url: string, method: string, path: string, call: Call): Promise<Reply> {
    const untilMs = performance.now() + READY_WITHIN_MS;
    for (;;) {
      const reply = await this.#ask(url, method, path, call).catch((error: Error) => error);
      if (!(reply instanceof Error) && reply.status < 500) return reply;
      if (performance.now() > untilMs)
        throw new Error(`${path}: ${reply instanceof Error ? reply.message : said(reply)}`);
      await pause(LOOK_MS);
    }
  }

  async #ask(url: string, method: string, path: string, call: Call): Promise<Reply> {
    const headers: Record<string, string> = { connection: "close" };
    if (call.token !== undefined) headers.authorization = `Bearer ${call.token}`;
    if (call.key !== undefined) headers["idempotency-key"] = call.key;
    if (call.minPosition !== undefined) headers["boxoffice-min-position"] = call.minPosition;
    if (call.body !== undefined) headers["content-type"] = "application/json";
    const reply = await fetch(`${url}${path}`, {
      method,
      headers,
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    const body = (await reply.json()) as Reply["body"];
    return { status: reply.status, position: reply.headers.get("boxoffice-position"), body };
  }
}

interface Call {
  readonly token?: string;
  readonly key?: string;
  readonly minPosition?: string;
  readonly body?: unknown;
}

const said = (reply: Reply | null): string =>
  reply === null ? "no answer" : `${reply.status} ${JSON.stringify(reply.body).slice(0, 300)}`;

/** @returns the names of those that nobody holds, by commas */
async function looseLeases(connectionString: string): Promise<string> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 2_000, query_timeout: 3_000 });
  client.on("error", () => {}); // told by the query
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(
      "select name from processes.leases where until <= clock_timestamp() order by name",
    );
    return rows.map(({ name }) => name).join(", ");
  } finally {
    await client.end().catch(() => {});
  }
}
