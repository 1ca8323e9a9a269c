import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type Authorization,
  type Charge,
  ChargeNotPossible,
  type ChargeRef,
  InvalidWebhook,
  type PaymentProvider,
} from "../../src/payments/port.ts";

export interface ProviderUnderTest {
  readonly provider: PaymentProvider;
  /** What it calls methods that do this. */
  readonly methods: {
    readonly authorizes: string;
    readonly declines: string;
    /** Stays pending, at least for as long as a spec takes. */
    readonly pends: string;
    /** Waits for the buyer. */
    readonly asksTheBuyer: string;
    /** Another provider's. */
    readonly foreign: string;
  };
  close(): Promise<void>;
}

/** What every provider has to do the same way, for bookings to be able to rely on it. */
export function contractOfProvider(name: string, start: () => Promise<ProviderUnderTest>): void {
  describe(`${name} keeps what is promised of payment providers`, () => {
    let tested: ProviderUnderTest;
    let provider: PaymentProvider;
    beforeAll(async () => {
      tested = await start();
      provider = tested.provider;
    });
    afterAll(() => tested.close());

    const attempt = (method: keyof ProviderUnderTest["methods"] = "authorizes"): Authorization => ({
      attemptId: randomUUID(),
      bookingId: randomUUID(),
      amount: { amount: 4_500, currency: "EUR" },
      method: tested.methods[method],
      deadline: new Date(Date.now() + 900_000).toISOString(),
    });
    /** As it is in the log, where not every step records the provider's id. */
    const byOurId = ({ attemptId }: Pick<Charge, "attemptId">): ChargeRef => ({ attemptId, chargeId: null });
    const captured = async () => provider.capture(await provider.authorize(attempt()));
    const euros = (amount: number) => ({ amount, currency: "EUR" });

    it("accepts its own methods and no other's", () => {
      const { authorizes, declines, pends, asksTheBuyer, foreign } = tested.methods;
      expect([authorizes, declines, pends, asksTheBuyer].map((method) => provider.accepts(method))).toEqual(
        Array(4).fill(true),
      );
      expect([foreign, "", "nonsense"].map((method) => provider.accepts(method))).toEqual(Array(3).fill(false));
    });

    describe("authorizing", () => {
      it("sets the amount aside, once for an attempt", async () => {
        const request = attempt();
        const charge = await provider.authorize(request);
        const { attemptId, bookingId, amount } = request;
        const nothingElse = { refundedMinor: 0, clientSecret: null, declineReason: null };
        expect(charge).toEqual({
          ...{ chargeId: expect.stringMatching(/./), attemptId, bookingId, amount, status: "authorized" },
          ...nothingElse,
        });
        expect(await provider.authorize(request)).toEqual(charge);
        expect(await provider.lookUp(attemptId)).toEqual(charge);
        expect(await provider.lookUp(attemptId, charge.chargeId)).toEqual(charge);
      });

      it("gives two who ask at the same time the same charge", async () => {
        const request = attempt();
        const [one, other] = await Promise.all([provider.authorize(request), provider.authorize(request)]);
        expect(other).toEqual(one);
      });

      it("tells why it was declined, also to who asks again", async () => {
        const request = attempt("declines");
        const charge = await provider.authorize(request);
        expect(charge).toMatchObject({
          status: "declined",
          declineReason: expect.stringMatching(/./),
          clientSecret: null,
        });
        expect(await provider.authorize(request)).toEqual(charge);
        expect(await provider.lookUp(request.attemptId)).toEqual(charge);
      });

      it("says that it can't tell yet", async () => {
        const request = attempt("pends");
        expect(await provider.authorize(request)).toMatchObject({ status: "pending", clientSecret: null });
        expect(await provider.lookUp(request.attemptId)).toMatchObject({ status: "pending" });
      });

      it("gives the buyer's browser what it needs, also to who looks it up", async () => {
        const request = attempt("asksTheBuyer");
        const charge = await provider.authorize(request);
        expect(charge).toMatchObject({ status: "requires-action", clientSecret: expect.stringMatching(/./) });
        expect(await provider.lookUp(request.attemptId)).toEqual(charge);
      });

      it("counts in minor units of any currency", async () => {
        const amount = { amount: 12_000, currency: "JPY" };
        expect(await provider.authorize({ ...attempt(), amount })).toMatchObject({ amount, status: "authorized" });
      });
    });

    it("knows nothing of an attempt that it never heard of", async () => {
      expect(await provider.lookUp(randomUUID())).toBeNull();
    });

    describe("capturing", () => {
      it("takes what was set aside, once", async () => {
        const charge = await provider.authorize(attempt());
        const taken = { ...charge, status: "captured" };
        expect(await provider.capture(byOurId(charge))).toEqual(taken);
        expect(await provider.capture(charge)).toEqual(taken);
        expect(await provider.lookUp(charge.attemptId)).toEqual(taken);
      });

      it.each(["declines", "pends", "asksTheBuyer"] as const)("is not possible of what %s", async (method) => {
        const charge = await provider.authorize(attempt(method));
        await expect(provider.capture(charge)).rejects.toBeInstanceOf(ChargeNotPossible);
      });

      it("is not possible of what was voided, or never made", async () => {
        const charge = await provider.authorize(attempt());
        await provider.void(charge);
        await expect(provider.capture(charge)).rejects.toBeInstanceOf(ChargeNotPossible);
        await expect(provider.capture(byOurId(attempt()))).rejects.toBeInstanceOf(ChargeNotPossible);
      });
    });

    describe("voiding", () => {
      it("gives back what was set aside, for good", async () => {
        const request = attempt();
        const charge = await provider.authorize(request);
        expect(await provider.void(byOurId(charge))).toMatchObject({ status: "voided", chargeId: charge.chargeId });
        expect(await provider.void(charge)).toMatchObject({ status: "voided" });
        expect(await provider.authorize(request)).toMatchObject({ status: "voided" });
      });

      it("ends what waits for the buyer", async () => {
        const charge = await provider.authorize(attempt("asksTheBuyer"));
        expect(await provider.void(charge)).toMatchObject({ status: "voided", clientSecret: null });
      });

      it("leaves what was captured", async () => {
        const charge = await captured();
        expect(await provider.void(charge)).toEqual(charge);
      });

      it("leaves no declined attempt that could succeed", async () => {
        const charge = await provider.authorize(attempt("declines"));
        expect(["declined", "voided"]).toContain((await provider.void(charge)).status);
      });

      it("keeps an attempt from succeeding that has not arrived yet", async () => {
        const request = attempt();
        expect(await provider.void(byOurId(request))).toMatchObject({ status: "voided", attemptId: request.attemptId });
        expect(await provider.void(byOurId(request))).toMatchObject({ status: "voided" });
        const { attemptId, bookingId, amount } = request;
        expect(await provider.authorize(request)).toMatchObject({ status: "voided", attemptId, bookingId, amount });
        expect(await provider.lookUp(attemptId)).toMatchObject({ status: "voided" });
      });
    });

    describe("refunding", () => {
      it("gives back part after part, each once", async () => {
        const charge = await captured();
        const parts = [
          { refundId: randomUUID(), amount: euros(1_000) },
          { refundId: randomUUID(), amount: euros(3_500) },
        ];
        const made = [];
        for (const part of parts) made.push(await provider.refund({ ...byOurId(charge), ...part }));
        expect(made.map(({ status }) => status)).toEqual(["succeeded", "succeeded"]);
        expect(new Set(made.map(({ providerRefundId }) => providerRefundId)).size).toBe(2);
        for (const [index, part] of parts.entries()) {
          expect(await provider.refund({ ...charge, ...part })).toEqual(made[index]);
        }
        expect(await provider.lookUp(charge.attemptId)).toMatchObject({ status: "captured", refundedMinor: 4_500 });
      });

      it("is not possible beyond what is left", async () => {
        const charge = await captured();
        await provider.refund({ ...charge, refundId: randomUUID(), amount: euros(4_000) });
        const tooMuch = provider.refund({ ...charge, refundId: randomUUID(), amount: euros(501) });
        await expect(tooMuch).rejects.toBeInstanceOf(ChargeNotPossible);
        expect(await provider.lookUp(charge.attemptId)).toMatchObject({ refundedMinor: 4_000 });
      });

      it("is not possible in another currency, or of what was not captured", async () => {
        const amount = { amount: 100, currency: "USD" };
        const charge = await captured();
        const foreign = provider.refund({ ...charge, refundId: randomUUID(), amount });
        await expect(foreign).rejects.toBeInstanceOf(ChargeNotPossible);
        const authorized = await provider.authorize(attempt());
        const early = provider.refund({ ...authorized, refundId: randomUUID(), amount: euros(100) });
        await expect(early).rejects.toBeInstanceOf(ChargeNotPossible);
        expect(await provider.lookUp(authorized.attemptId)).toMatchObject({ status: "authorized", refundedMinor: 0 });
      });
    });

    it("lists its charges, the oldest first", async () => {
      const sinceMs = Date.now() - 1_000;
      const made: Charge[] = [];
      for (let count = 0; count < 3; count += 1) made.push(await captured());
      const attemptIds = new Set(made.map(({ attemptId }) => attemptId));
      const listed = (await Array.fromAsync(provider.chargesSince(sinceMs))).filter((one) =>
        attemptIds.has(one.attemptId),
      );
      expect(listed).toEqual(made);
      expect(await Array.fromAsync(provider.chargesSince(Date.now() + 60_000))).toEqual([]);
    });

    it("believes no webhook that is not signed", () => {
      const body = JSON.stringify({ type: "charge.changed", data: { attemptId: "a", bookingId: "b" } });
      expect(() => provider.webhook({}, body)).toThrow(InvalidWebhook);
      expect(() => provider.webhook({ "stripe-signature": "t=1,v1=00", "webhook-id": "1" }, body)).toThrow(
        InvalidWebhook,
      );
    });
  });
}
