import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { until } from "./events-asking.ts";
import { type NodeUnderTest, startNode } from "./events-node.ts";
import type { Signed } from "./harness.ts";
import { hall } from "./seats-shop.ts";

let node: NodeUnderTest;
let organizer: Signed;
let address: string;
let projections: pg.Client;
beforeAll(async () => {
  node = await startNode();
  organizer = await node.signUp();
  address = (await node.boxoffice.api?.listen({ host: "127.0.0.1", port: 0 })) ?? "";
  projections = new pg.Client({ connectionString: node.databaseUrl });
  await projections.connect();
});
afterAll(async () => {
  await projections.end();
  await node.close();
});

/** The status alone: streams go on. */
async function statusOf(path: string): Promise<number> {
  const ended = new AbortController();
  const reply = await fetch(address + path, { signal: ended.signal });
  ended.abort();
  return reply.status;
}

const READS = [
  "",
  "/availability",
  "/availability/stream",
  "/ticket-types/:ticketTypeId/seats",
  "/ticket-types/:ticketTypeId/seats/stream",
  "/tickets",
  "/waiting-room",
];

it.each(READS)(
  "an event is found from the moment on that it is public, though read models may not know yet: %s",
  async (read) => {
    const body = { name: "Aurora", draft: true, ticketTypes: [hall()] };
    const draft = await node.call("POST", "/events", { token: organizer.token, body });
    expect(draft.statusCode, draft.body).toBe(201);
    const { eventId, ticketTypes } = draft.json();
    const path = `/events/${eventId}${read.replace(":ticketTypeId", ticketTypes[0].ticketTypeId)}`;
    expect(await statusOf(path)).toBe(404);

    await projections.query("begin; select from readmodels.projections for update");
    const published = node.call("POST", `/events/${eventId}/publish`, { token: organizer.token });
    await until(
      () => node.recorded(),
      (log) => log.some(({ type, stream }) => type === "ListingPublished" && stream.endsWith(eventId)),
    );
    const found = statusOf(path);
    await projections.query("select pg_sleep(0.1); commit");
    expect(await found).toBe(200);
    expect((await published).statusCode).toBe(200);
  },
);
