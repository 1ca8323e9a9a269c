import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { purchaseRoutes } from "../../src/api/bookings/purchase-routes.ts";
import { booking } from "../../src/api/bookings/schemas.ts";
import type { RoutePlugin } from "../../src/api/conventions/route-config.ts";
import { Busy } from "../../src/commands/outcome.ts";
import type { ReservationQueries } from "../../src/projections/reservations/queries.ts";
import { type BoxOffice, boxOffice } from "../processes/box-office.ts";
import { type ApiUnderTest, type Signed, startApi } from "./harness.ts";

let shop: BoxOffice;
let app: ApiUnderTest;
let buyer: Signed;
/** What goes wrong once the booking is on record. */
let trouble: { readonly drive?: Error; readonly look?: Error };

/** That it is there makes the document say that a purchase has a `Location`. */
const whereItIsRead: RoutePlugin = (api) => {
  api.route({
    method: "GET",
    url: "/bookings/:id",
    schema: { params: z.strictObject({ id: z.string() }), response: { 200: booking } },
    handler: () => Promise.reject(new Error("nobody reads it here")),
  });
};

beforeAll(async () => {
  shop = boxOffice();
  await shop.onSale();
  const { process, purchases } = shop;
  const routes = purchaseRoutes({
    purchases,
    process: {
      drive: (...drive) => (trouble.drive === undefined ? process.drive(...drive) : Promise.reject(trouble.drive)),
      look: (bookingId) => (trouble.look === undefined ? process.look(bookingId) : Promise.reject(trouble.look)),
      newsOf: (bookingId, withinMs) => process.newsOf(bookingId, withinMs),
    },
    provider: shop.provider,
    reservations: { get: async () => null } as Partial<ReservationQueries> as ReservationQueries,
    codeOf: (id) => id,
    clock: shop.surroundings.clock,
    head: async () => null,
  });
  app = await startApi({ routes: [routes, whereItIsRead] });
  buyer = await app.signUp("Ada");
});
afterAll(() => app.close());
beforeEach(() => {
  trouble = {};
});

async function purchase(method = "ok", key?: string, reservationId: string = randomUUID()) {
  await shop.reserve(reservationId, { by: buyer.accountId });
  const body = { reservationIds: [reservationId], payment: { method } };
  const headers: Record<string, string> = key === undefined ? {} : { "idempotency-key": key };
  return app.call("POST", "/purchases", { token: buyer.token, body, headers });
}

describe("a purchase whose booking is on record", () => {
  it("is answered 202 when nobody can go on with it now, not by an error that says nothing was done", async () => {
    trouble = { drive: new Busy("an inventory is too busy") };
    const reply = await purchase();
    expect(reply.statusCode, reply.body).toBe(202);
    expect(reply.json()).toMatchObject({ status: "PENDING_PAYMENT", payment: { status: "PENDING" } });
    const { bookingId } = reply.json();
    expect(reply.headers.location).toBe(`/bookings/${bookingId}`);
    trouble = {};
    await shop.process.seeTo(bookingId, shop.context());
    expect(await shop.booking(bookingId)).toMatchObject({ status: "paid" });
  });

  it("is answered so when it can't even be looked at", async () => {
    trouble = { drive: new Busy("an inventory is too busy"), look: new Busy("so is the booking") };
    const reply = await purchase();
    expect([reply.statusCode, reply.json()]).toMatchObject([202, { status: "PENDING_PAYMENT" }]);
  });

  it.each(["authorize", "capture"] as const)(
    "is brought on while the buyer waits when the provider gives no answer to %s once",
    async (call) => {
      shop.provider.fail(call);
      const reply = await purchase();
      expect([reply.statusCode, reply.json()]).toMatchObject([201, { status: "PAID" }]);
    },
  );

  it("may be asked for again by its key, which can't tell what became of it without a look", async () => {
    const reservationId = randomUUID();
    const first = await purchase("ok", "k", reservationId);
    expect(first.statusCode, first.body).toBe(201);
    trouble = { drive: new Busy("an inventory is too busy"), look: new Busy("so is the booking") };
    expect((await purchase("ok", "k", reservationId)).statusCode).toBe(503);
    trouble = { drive: new Busy("an inventory is too busy") };
    expect((await purchase("ok", "k", reservationId)).json()).toEqual(first.json());
  });
});
