import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type NodeUnderTest, startNode } from "./events-node.ts";

const ALL = new Set(["api", "projector", "processes"] as const);
const HOUR_MS = 3_600_000;

let node: NodeUnderTest;
let token: string;
const others: NodeUnderTest[] = [];
beforeEach(async () => {
  node = await startNode({ roles: ALL });
  token = (await node.signUp()).token;
});
afterEach(async () => {
  for (const other of others.splice(0)) await other.close();
  await node.close();
});

async function advance(seconds: number): Promise<void> {
  const { token: admin } = await node.admin();
  const moved = await node.call("POST", "/sandbox/clock/advance", { token: admin, body: { seconds } });
  if (moved.statusCode !== 200) throw new Error(moved.body);
}

/** A sale that ends in half an hour, and a reservation of it that stands for ten minutes. */
async function held() {
  const saleEndsAt = new Date(Date.now() + HOUR_MS / 2).toISOString();
  const body = { name: "Aurora", saleEndsAt, ticketTypes: [{ name: "Regular", capacity: 5 }] };
  const { eventId, ticketTypes } = (await node.call("POST", "/events", { token, body })).json();
  const wish = { ticketTypeId: ticketTypes[0].ticketTypeId, quantity: 5 };
  const reserve = (on = node) => on.call("POST", `/events/${eventId}/reservations`, { token, body: wish });
  const { reservationId } = (await reserve()).json();
  return { eventId, reserve, reservation: `/reservations/${reservationId}` };
}

const statusOf = async (path: string, on = node) => (await on.call("GET", path, { token })).json().status;
const saleStatusOf = async (eventId: string, on = node) =>
  (await on.call("GET", `/events/${eventId}`)).json().ticketTypes[0].saleStatus;

describe("a clock that was moved on", () => {
  it("is what decisions, processes and read models go by, and tokens are not", async () => {
    const { eventId, reserve, reservation } = await held();
    expect((await reserve()).json().code).toBe("sold-out");
    await advance(601);
    expect(await statusOf(reservation)).toBe("EXPIRED");
    await vi.waitFor(async () => expect((await node.recorded()).at(-1)?.type).toBe("ReservationsExpired"), 5_000);
    expect((await reserve()).statusCode).toBe(201);
    await advance(48 * 3_600);
    expect(await saleStatusOf(eventId)).toBe("CLOSED");
    expect((await reserve()).json().code).toBe("sale-closed");
  });

  it("stays moved after a restart", async () => {
    const { reserve, reservation } = await held();
    await advance(3_600);
    await node.restart();
    expect(await statusOf(reservation)).toBe("EXPIRED");
    expect((await reserve()).json().code).toBe("sale-closed");
  });

  it("moves on all nodes", async () => {
    const { databaseUrl } = node;
    const other = await startNode({ databaseUrl, databaseReadUrl: databaseUrl });
    others.push(other);
    const { reserve, reservation, eventId } = await held();
    expect((await reserve(other)).json().code).toBe("sold-out");
    await advance(3_600);
    await vi.waitFor(async () => expect(await statusOf(reservation, other)).toBe("EXPIRED"), 1_000);
    expect([(await reserve(other)).json().code, await saleStatusOf(eventId, other)]).toEqual(["sale-closed", "CLOSED"]);
  });

  it("can't be moved in production", async () => {
    const other = await startNode({ production: true });
    others.push(other);
    const { token: admin } = await other.admin();
    const options = { token: admin, body: { seconds: 1 } };
    const refused = await other.call("POST", "/sandbox/clock/advance", options);
    expect([refused.statusCode, refused.json().code]).toEqual([404, "not-found"]);
  });
});
