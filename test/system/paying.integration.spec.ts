import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Office, startOffice, WINDOW_SECONDS } from "./office.ts";
import { advanceClock, becomes, bookingIn, buy, countsOf, purchase, reserved } from "./purchasing.ts";
import { expectStatus, guests, openSale, reserve } from "./shop.ts";

/** For so long after a booking's end a payment that is on its way may still find its tickets. */
const GRACE_SECONDS = 60;

describe("on a node that looks at nothing by itself: what the provider tells is all it hears", () => {
  let office: Office;
  beforeAll(async () => {
    office = await startOffice("api,projector");
  });
  afterAll(() => office.close());

  it("a slow payment is open at first, and paid when the provider tells so", async () => {
    const { client } = office;
    const sale = await openSale(client, 10);
    const buyer = await buy(client, sale, "sandbox-slow", 2);
    expect([201, 202]).toContain(buyer.reply.status); // it takes as long as the answer may
    const booking = await becomes(client, buyer, "PAID", "SUCCEEDED");
    expect(booking.tickets).toHaveLength(2);
    expect(await office.chargeOf(buyer)).toMatchObject({ status: "captured", amount: { amount: 9_000 } });
    await expect.poll(() => countsOf(client, sale)).toMatchObject({ available: 8, held: 0, booked: 2 });
  });

  it("a buyer who is asked to act is told so at once, and has his tickets when he has", async () => {
    const { client, sandbox } = office;
    const sale = await openSale(client, 10);
    const buyer = await buy(client, sale, "sandbox-action");
    expect(buyer.reply.status).toBe(202);
    const { payment } = bookingIn(buyer.reply);
    expect(payment).toMatchObject({ status: "REQUIRES_ACTION", clientSecret: expect.any(String) });
    await sandbox.complete(payment.clientSecret ?? "", true);
    expect((await becomes(client, buyer, "PAID", "SUCCEEDED")).tickets).toHaveLength(1);
    expect(await office.chargeOf(buyer)).toMatchObject({ status: "captured" });
  });

  it("a buyer who refuses to act is declined, keeps what he holds, and may pay in another way", async () => {
    const { client, sandbox } = office;
    const sale = await openSale(client, 10);
    const buyer = await buy(client, sale, "sandbox-action");
    await sandbox.complete(bookingIn(buyer.reply).payment.clientSecret ?? "", false);
    await becomes(client, buyer, "DECLINED", "FAILED");
    const { token, reservationId } = buyer;
    const pay = () => purchase(client, reservationId, "sandbox-ok", token, `again ${crypto.randomUUID()}`);
    await expect.poll(async () => (await pay()).status).toBe(201); // once it has let go of it
    await expect.poll(() => countsOf(client, sale)).toMatchObject({ held: 0, booked: 1 });
  });
});

describe("a payment that does not come in time", () => {
  let office: Office;
  beforeAll(async () => {
    office = await startOffice("api,projector,processes");
  });
  afterAll(() => office.close());

  it("never: the booking times out, nothing is charged, and the tickets are free within the minute after", async () => {
    const { client } = office;
    const sale = await openSale(client, 2);
    const buyer = await buy(client, sale, "sandbox-never", 2);
    expect(buyer.reply.status).toBe(202);
    const { expiresAt } = bookingIn(buyer.reply);
    const moved = await advanceClock(client, WINDOW_SECONDS);

    const booking = await becomes(client, buyer, "TIMED_OUT", "VOIDED");
    expect(booking.tickets).toEqual([]);
    const [other = ""] = await guests(client, 1);
    await expect.poll(async () => (await reserve(client, sale, other, "mine", 2)).status).toBe(201);
    const clockMs = moved.nowMs + (Date.now() - moved.hereMs);
    expect(clockMs).toBeLessThanOrEqual(Date.parse(expiresAt) + GRACE_SECONDS * 1_000);
    expect(await office.chargeOf(buyer)).toMatchObject({ status: "voided" });
    await expect.poll(() => countsOf(client, sale)).toMatchObject({ available: 0, held: 2, booked: 0 });
  });

  it("late, with the tickets free: they are taken again, and it is paid", async () => {
    const { client } = office;
    const sale = await openSale(client, 1);
    const buyer = await buy(client, sale, "sandbox-late");
    expect(buyer.reply.status).toBe(202);
    await advanceClock(client, WINDOW_SECONDS + GRACE_SECONDS);

    expect((await becomes(client, buyer, "PAID", "SUCCEEDED")).tickets).toHaveLength(1);
    expect(await office.chargeOf(buyer)).toMatchObject({ status: "captured", refundedMinor: 0 });
    expect(await office.logOf(buyer)).toEqual(expect.arrayContaining(["BookingTimedOut", "BookingRevived"]));
    await expect.poll(() => countsOf(client, sale)).toMatchObject({ available: 0, held: 0, booked: 1 });
  });

  it("late, before anybody else could have the tickets: it is paid", async () => {
    const { client } = office;
    const sale = await openSale(client, 1);
    const buyer = await buy(client, sale, "sandbox-late");
    await advanceClock(client, WINDOW_SECONDS);

    expect((await becomes(client, buyer, "PAID", "SUCCEEDED")).tickets).toHaveLength(1);
    expect(await office.chargeOf(buyer)).toMatchObject({ status: "captured", refundedMinor: 0 });
  });

  it("late, with the tickets somebody else's by then: what was set aside is given back", async () => {
    const { client, sandbox } = office;
    const sale = await openSale(client, 1);
    const buyer = await buy(client, sale, "sandbox-late");
    const [other = ""] = await guests(client, 1);
    const otherId = await sandbox.whileFrozen(async () => {
      await advanceClock(client, WINDOW_SECONDS + GRACE_SECONDS);
      return reserved(client, sale, other);
    });

    const booking = await becomes(client, buyer, "TIMED_OUT", "VOIDED");
    expect(booking.tickets).toEqual([]);
    expect(await office.chargeOf(buyer)).toMatchObject({ status: "voided", refundedMinor: 0 });
    await expectStatus(201, purchase(client, otherId, "sandbox-ok", other, "mine"));
    await expect.poll(() => countsOf(client, sale)).toMatchObject({ available: 0, held: 0, booked: 1 });
  });
});

describe("a provider that was killed", () => {
  let office: Office;
  beforeAll(async () => {
    office = await startOffice("api,projector,processes");
  });
  afterAll(() => office.close());

  it("leaves purchases open until it is back, and then charges each of them once", async () => {
    const { client, sandbox } = office;
    const sale = await openSale(client, 100);
    const buyers = await sandbox.whileKilled(() =>
      Promise.all(Array.from({ length: 5 }, () => buy(client, sale, "sandbox-ok"))),
    );
    for (const { reply } of buyers) {
      expect([reply.status, bookingIn(reply).payment.status]).toEqual([202, "PENDING"]);
    }

    for (const buyer of buyers) await becomes(client, buyer, "PAID", "SUCCEEDED");
    for (const buyer of buyers) expect(await office.chargeOf(buyer)).toMatchObject({ status: "captured" });
    await expect.poll(() => countsOf(client, sale)).toMatchObject({ held: 0, booked: 5 });
  });

  it("has forgotten nothing: what was paid can be cancelled and is given back", async () => {
    const { client, sandbox } = office;
    const sale = await openSale(client, 10);
    const buyer = await buy(client, sale, "sandbox-ok", 2);
    expect(buyer.reply.status).toBe(201);
    await sandbox.kill();
    const path = `/bookings/${bookingIn(buyer.reply).bookingId}/cancel`;
    await expectStatus(200, client.call("POST", path, { token: buyer.token }));
    await becomes(client, buyer, "CANCELLED", "REFUNDED");
    expect(await office.chargeOf(buyer)).toMatchObject({ refundedMinor: 9_000 });
    await expect.poll(() => countsOf(client, sale)).toMatchObject({ available: 10, booked: 0 });
  });
});
