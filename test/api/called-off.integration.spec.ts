import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type NodeUnderTest, startNode } from "./events-node.ts";
import type { Signed } from "./harness.ts";

const ALL = new Set(["api", "projector", "processes"] as const);
const EUR = (amount: number) => ({ amount, currency: "EUR" });

interface OnSale {
  readonly eventId: string;
  readonly ticketTypes: readonly { readonly ticketTypeId: string }[];
}

let node: NodeUnderTest;
let organizer: Signed;
beforeAll(async () => {
  node = await startNode({ roles: ALL });
  organizer = await node.signUp();
});
afterAll(() => node.close());

async function onSale(price: number): Promise<OnSale> {
  const body = { name: "Aurora", ticketTypes: [{ name: "Regular", capacity: 50, price: EUR(price) }] };
  return (await node.call("POST", "/events", { token: organizer.token, body })).json();
}

async function hold({ eventId, ticketTypes }: OnSale, token: string, quantity = 2): Promise<string> {
  const body = { ticketTypeId: ticketTypes[0]?.ticketTypeId, quantity };
  return (await node.call("POST", `/events/${eventId}/reservations`, { token, body })).json().reservationId;
}

/** @returns the booking's id */
async function buy(reservationIds: readonly string[], token: string, method = "sandbox-ok"): Promise<string> {
  const reply = await node.call("POST", "/purchases", { token, body: { reservationIds, payment: { method } } });
  if (reply.statusCode >= 300) throw new Error(reply.body);
  return reply.json().bookingId;
}

const cancel = (eventId: string) => node.call("POST", `/events/${eventId}/cancel`, { token: organizer.token });
const progress = async (eventId: string) =>
  (await node.call("GET", `/events/${eventId}/cancellation`, { token: organizer.token })).json();
const done = (eventId: string) =>
  vi.waitFor(async () => expect(await progress(eventId)).toMatchObject({ status: "DONE" }), { timeout: 20_000 });
const read = async (path: string, token: string) => {
  const headers = { "boxoffice-min-position": await node.head() };
  return (await node.call("GET", path, { token, headers })).json();
};

describe("an event that is called off", () => {
  it("gives everybody's money back, and ends what is held", async () => {
    const sale = await onSale(4500);
    const [buyer, holder] = [await node.signUp(), await node.signUp()];
    const bookings: string[] = [];
    for (let n = 0; n < 5; n += 1) bookings.push(await buy([await hold(sale, buyer.token)], buyer.token));
    const held = await hold(sale, holder.token);

    const reply = await cancel(sale.eventId);
    expect([reply.statusCode, reply.json().status]).toEqual([202, "RUNNING"]);
    await done(sale.eventId);
    const figures = { bookings: 5, cancelled: 5, refundsPending: 0, refundsSucceeded: 5 };
    expect(await progress(sale.eventId)).toMatchObject(figures);
    for (const bookingId of bookings) {
      expect(await read(`/bookings/${bookingId}`, buyer.token)).toMatchObject({
        status: "CANCELLED",
        payment: { status: "REFUNDED" },
        refunds: [{ amount: EUR(9000), status: "SUCCEEDED" }],
        tickets: [{ status: "CANCELLED" }, { status: "CANCELLED" }],
      });
    }
    expect(await read(`/reservations/${held}`, holder.token)).toMatchObject({ status: "RELEASED" });
    const event = await read(`/events/${sale.eventId}`, organizer.token);
    expect(event).toMatchObject({ status: "CANCELLED", total: 50, available: 50, held: 0, booked: 0 });
  });

  it("leaves what a booking has of other events", async () => {
    const [off, on] = [await onSale(1000), await onSale(2500)];
    const { token } = await node.signUp();
    const bookingId = await buy([await hold(off, token, 1), await hold(on, token, 1)], token);
    await cancel(off.eventId);
    await done(off.eventId);
    expect(await read(`/bookings/${bookingId}`, token)).toMatchObject({
      status: "PAID",
      payment: { status: "PARTIALLY_REFUNDED" },
      refunds: [{ amount: EUR(1000), status: "SUCCEEDED" }],
    });
  });

  it("confirms nothing that is paid for afterwards, and charges nobody for it", async () => {
    const sale = await onSale(4500);
    const { token } = await node.signUp();
    const bookingId = await buy([await hold(sale, token)], token, "sandbox-slow"); // paid after 3 s
    await cancel(sale.eventId);
    const unpaid = { status: "CANCELLED", payment: { status: "VOIDED" }, tickets: [] };
    await vi.waitFor(async () => expect(await read(`/bookings/${bookingId}`, token)).toMatchObject(unpaid), 20_000);
    await done(sale.eventId);
    expect(await progress(sale.eventId)).toMatchObject({ bookings: 0, refundsSucceeded: 0 });
  });

  it("of free tickets cancels them with nothing to give back", async () => {
    const sale = await onSale(0);
    const { token } = await node.signUp();
    const reservationIds = [await hold(sale, token)];
    const { bookingId } = (await node.call("POST", "/purchases", { token, body: { reservationIds } })).json();
    await cancel(sale.eventId);
    await done(sale.eventId);
    expect(await progress(sale.eventId)).toMatchObject({ bookings: 1, cancelled: 1, refundsSucceeded: 0 });
    expect(await read(`/bookings/${bookingId}`, token)).toMatchObject({ status: "CANCELLED", refunds: [] });
  });

  it("is seen to by whoever starts next when its node ended in between", async () => {
    const sale = await onSale(4500);
    const { token } = await node.signUp();
    await buy([await hold(sale, token)], token);
    await cancel(sale.eventId);
    await node.restart();
    await done(sale.eventId);
    expect(await progress(sale.eventId)).toMatchObject({ bookings: 1, cancelled: 1, refundsSucceeded: 1 });
  });
});
