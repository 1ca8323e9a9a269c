import { randomUUID } from "node:crypto";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { Webhook } from "standardwebhooks";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { type Charge, ChargeNotPossible, InvalidWebhook, ProviderUnavailable } from "../../src/payments/port.ts";
import { endpointAt, sandboxClient } from "../../src/payments/sandbox/client.ts";
import { keysFrom } from "../../src/payments/sandbox/keys.ts";
import { runProvider } from "../../src/payments/sandbox/provider.ts";
import { payment, privateDirectory, receiver, ref, sandboxUnderTest, silent } from "./sandbox.ts";

const MINUTE_MS = 60_000;

describe("a charge", () => {
  it("is authorized, captured and refunded in parts, each as often as one likes", async () => {
    const { provider, client } = await sandboxUnderTest();
    const wanted = payment();
    const charge = await provider.authorize(wanted);
    expect(charge).toEqual({
      chargeId: expect.stringMatching(/^ch_/),
      attemptId: wanted.attemptId,
      bookingId: wanted.bookingId,
      status: "authorized",
      amount: wanted.amount,
      refundedMinor: 0,
      clientSecret: null,
      declineReason: null,
    });
    expect((await provider.capture(charge)).status).toBe("captured");
    expect(await provider.capture(charge)).toEqual(await provider.authorize(wanted));

    const refund = { ...ref(charge), refundId: randomUUID(), amount: { amount: 1_000, currency: "EUR" } };
    const first = await provider.refund(refund);
    expect(first).toEqual({ providerRefundId: expect.stringMatching(/^re_/), status: "succeeded" });
    expect(await provider.refund(refund)).toEqual(first);
    expect(await provider.lookUp(wanted.attemptId)).toMatchObject({ status: "captured", refundedMinor: 1_000 });
    const rest = { ...refund, refundId: randomUUID(), amount: { amount: 3_501, currency: "EUR" } };
    await expect(provider.refund(rest)).rejects.toThrow(ChargeNotPossible);
    await expect(provider.refund({ ...refund, amount: rest.amount })).rejects.toThrow("id-reused");
    const { body } = await client.call("GET", "/refunds");
    expect(body).toMatchObject({ items: [{ refundId: refund.refundId, attemptId: wanted.attemptId }], next: null });
  });

  it("can't be captured or refunded where it is not possible", async () => {
    const { provider } = await sandboxUnderTest();
    const declined = await provider.authorize(payment("sandbox-decline"));
    expect(declined).toMatchObject({ status: "declined", declineReason: "card-declined" });
    await expect(provider.capture(declined)).rejects.toThrow(ChargeNotPossible);
    await expect(provider.capture(ref({ attemptId: "unheard" }))).rejects.toThrow(ChargeNotPossible);
    const refund = { refundId: randomUUID(), amount: { amount: 1, currency: "EUR" } };
    await expect(provider.refund({ ...ref(declined), ...refund })).rejects.toThrow(ChargeNotPossible);
    expect(await provider.lookUp("unheard")).toBeNull();
  });

  it("stopped before it was asked for never succeeds", async () => {
    const { provider } = await sandboxUnderTest();
    const wanted = payment();
    expect((await provider.void(ref(wanted))).status).toBe("voided");
    expect(await provider.authorize(wanted)).toMatchObject({ status: "voided", bookingId: wanted.bookingId });
    await expect(provider.capture(ref(wanted))).rejects.toThrow(ChargeNotPossible);
  });

  it("is one, whether it is asked for 50 times at once or again", async () => {
    const { provider, client } = await sandboxUnderTest();
    const wanted = payment();
    const charges = await Promise.all(Array.from({ length: 50 }, () => provider.authorize(wanted)));
    expect(new Set(charges.map(({ chargeId }) => chargeId)).size).toBe(1);
    const refund = { ...ref(wanted), refundId: randomUUID(), amount: { amount: 4_000, currency: "EUR" } };
    await provider.capture(ref(wanted));
    const refunds = await Promise.all(Array.from({ length: 50 }, () => provider.refund(refund)));
    expect(new Set(refunds.map(({ providerRefundId }) => providerRefundId)).size).toBe(1);
    expect((await provider.lookUp(wanted.attemptId))?.refundedMinor).toBe(4_000);
    const other = await client.call("POST", "/charges", { ...wanted, bookingId: randomUUID() });
    expect(other).toEqual({ status: 409, body: { code: "id-reused" } });
  });

  it("is found again by when it was made, oldest first, over pages", async () => {
    const { provider, aheadBy } = await sandboxUnderTest();
    await provider.authorize(payment());
    await provider.void(ref({ attemptId: "never asked for" }));
    await aheadBy(60 * MINUTE_MS);
    const sinceMs = Date.now() + 59 * MINUTE_MS;
    const wanted = Array.from({ length: 1_203 }, () => payment());
    for (const one of wanted.slice(0, 3)) await provider.authorize(one);
    await Promise.all(wanted.slice(3).map((one) => provider.authorize(one)));
    const found = (await Array.fromAsync(provider.chargesSince(sinceMs))).map(({ attemptId }) => attemptId);
    expect(found.slice(0, 3)).toEqual(wanted.slice(0, 3).map(({ attemptId }) => attemptId));
    expect(found.toSorted()).toEqual(wanted.map(({ attemptId }) => attemptId).toSorted());
    expect(await Array.fromAsync(provider.chargesSince(0))).toHaveLength(1_204);
  });
});

describe("payments that come later", () => {
  it("sandbox-slow is authorized after 3 s of the nodes' clock, and told of", async () => {
    const { provider, aheadBy, receiveWebhooksAt } = await sandboxUnderTest();
    const { url, deliveries } = await receiver();
    receiveWebhooksAt(url);
    const wanted = payment("sandbox-slow");
    expect((await provider.authorize(wanted)).status).toBe("pending");
    await aheadBy(1_500);
    expect((await provider.lookUp(wanted.attemptId))?.status).toBe("pending");
    await aheadBy(3_000);
    expect((await provider.lookUp(wanted.attemptId))?.status).toBe("authorized");
    await vi.waitFor(() => expect(deliveries).toHaveLength(1), 5_000);
    const [{ headers, body }] = deliveries as [(typeof deliveries)[0]];
    const { attemptId, bookingId } = wanted;
    expect(provider.webhook(headers, body)).toEqual({ attemptId, bookingId });
    expect(JSON.parse(body)).toMatchObject({ type: "charge.changed", data: { status: "authorized" } });
  });

  it("sandbox-slow comes by itself, and is told of when the first node comes", async () => {
    const { provider, receiveWebhooksAt } = await sandboxUnderTest();
    const wanted = payment("sandbox-slow");
    const beganMs = Date.now();
    await provider.authorize(wanted);
    const status = async () => (await provider.lookUp(wanted.attemptId))?.status;
    await vi.waitFor(async () => expect(await status()).toBe("authorized"), { timeout: 10_000, interval: 20 });
    expect(Date.now() - beganMs).toBeGreaterThanOrEqual(3_000);
    const { url, deliveries } = await receiver((delivery) => (delivery === 0 ? 500 : 204));
    receiveWebhooksAt(url);
    await vi.waitFor(() => expect(deliveries).toHaveLength(2), { timeout: 10_000 });
    expect(deliveries[0]?.headers["webhook-id"]).toBe(deliveries[1]?.headers["webhook-id"]);
  });

  it("sandbox-late can't be stopped and comes 2 s after the deadline", async () => {
    const { provider, aheadBy } = await sandboxUnderTest();
    const wanted = payment("sandbox-late", { deadline: new Date(Date.now() + 15 * MINUTE_MS).toISOString() });
    expect((await provider.authorize(wanted)).status).toBe("pending");
    expect((await provider.void(ref(wanted))).status).toBe("pending");
    await aheadBy(15 * MINUTE_MS + 1_000);
    expect((await provider.void(ref(wanted))).status).toBe("pending");
    await aheadBy(15 * MINUTE_MS + 2_000);
    expect((await provider.lookUp(wanted.attemptId))?.status).toBe("authorized");
    expect((await provider.void(ref(wanted))).status).toBe("voided");
  });

  it("sandbox-never stays, until it is stopped", async () => {
    const { provider, aheadBy } = await sandboxUnderTest();
    const wanted = payment("sandbox-never");
    await provider.authorize(wanted);
    await aheadBy(400 * 24 * 60 * MINUTE_MS);
    expect((await provider.lookUp(wanted.attemptId))?.status).toBe("pending");
    expect((await provider.void(ref(wanted))).status).toBe("voided");
  });

  it("sandbox-action waits for the buyer", async () => {
    const { provider, client, receiveWebhooksAt } = await sandboxUnderTest();
    const { url, deliveries } = await receiver();
    receiveWebhooksAt(url);
    const wanted = payment("sandbox-action");
    const { status, clientSecret } = await provider.authorize(wanted);
    expect(status).toBe("requires-action");
    const path = `/charges/${wanted.attemptId}/complete`;
    expect((await client.call("POST", path, { clientSecret: "guessed" })).status).toBe(403);
    const bought = await client.call("POST", path, { clientSecret });
    expect(bought.body).toMatchObject({ status: "authorized", clientSecret: null });
    await vi.waitFor(() => expect(deliveries).toHaveLength(1), 5_000);
    expect((await client.call("POST", path, { clientSecret })).status).toBe(200);
    expect((await provider.capture(ref(wanted))).status).toBe("captured");

    const refused = payment("sandbox-action");
    const { clientSecret: secret } = await provider.authorize(refused);
    const { body } = await client.call("POST", `/charges/${refused.attemptId}/complete`, {
      clientSecret: secret,
      confirm: false,
    });
    expect(body).toMatchObject({ status: "declined", declineReason: "not-confirmed" });
    await vi.waitFor(() => expect(deliveries).toHaveLength(2), 5_000);
  });

  it("come when they are due also after a restart, by the clock as it was moved", async () => {
    const before = await sandboxUnderTest();
    const [due, later] = [payment("sandbox-slow"), payment("sandbox-slow")];
    await before.provider.authorize(due);
    await before.aheadBy(60 * MINUTE_MS);
    await before.provider.authorize(later);
    await before.close();
    await before.running.close();

    const options = { directory: before.directory, host: "127.0.0.1", port: 0, secret: "known", log: silent };
    const running = await runProvider(options);
    onTestFinished(() => running.close());
    const endpoint = endpointAt(running.address.url, keysFrom("known").apiToken);
    const client = sandboxClient(() => endpoint); // nobody has told this run what time it is
    onTestFinished(() => client.close());
    const status = async ({ attemptId }: { attemptId: string }) =>
      ((await client.call("GET", `/charges/${attemptId}`)).body as Charge).status;
    expect(await status(due)).toBe("authorized");
    await vi.waitFor(async () => expect(await status(later)).toBe("authorized"), { timeout: 6_000, interval: 50 });
  });
});

describe("webhooks", () => {
  const body = JSON.stringify({
    type: "charge.changed",
    data: { attemptId: "a1", bookingId: "b1", status: "captured" },
  });
  const secretOf = (text: string) => `whsec_${Buffer.from(text).toString("base64")}`;

  /** As the provider signs, with its own secret unless said otherwise. */
  function signed(options: { at?: Date; secret?: string; text?: string } = {}) {
    const { at = new Date(), secret = keysFrom("a secret for specs").webhookSecret, text = body } = options;
    return {
      "webhook-id": "msg_1",
      "webhook-timestamp": String(Math.floor(at.getTime() / 1_000)),
      "webhook-signature": new Webhook(secret).sign("msg_1", at, text),
    };
  }

  it("are believed when the provider signed them", async () => {
    const { provider } = await sandboxUnderTest();
    expect(provider.webhook(signed(), body)).toEqual({ attemptId: "a1", bookingId: "b1" });
    const other = JSON.stringify({ type: "payout.made" });
    expect(provider.webhook(signed({ text: other }), other)).toBeNull();
  });

  it("are refused when forged, changed, too old, or not signed", async () => {
    const { provider } = await sandboxUnderTest();
    const good = signed();
    const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * MINUTE_MS);
    expect(provider.webhook(signed({ at: minutesAgo(4) }), body)).not.toBeNull();
    const bad: [string, Record<string, string | string[] | undefined>, string][] = [
      ["forged", signed({ secret: secretOf("somebody else's secret") }), body],
      ["changed", good, body.replace("b1", "b2")],
      ["too old", signed({ at: minutesAgo(6) }), body],
      ["from the future", signed({ at: minutesAgo(-6) }), body],
      ["made younger", { ...signed({ at: minutesAgo(6) }), "webhook-timestamp": good["webhook-timestamp"] }, body],
      ["under another id", { ...good, "webhook-id": "msg_2" }, body],
      ["without a signature", { ...good, "webhook-signature": undefined }, body],
      ["with several ids", { ...good, "webhook-id": ["msg_1", "msg_1"] }, body],
      ["not JSON", signed({ text: "{" }), "{"],
    ];
    for (const [what, headers, text] of bad) {
      expect(() => provider.webhook(headers, text), what).toThrow(InvalidWebhook);
    }
  });
});

describe("the provider's API", () => {
  it("takes the nodes' token only, and says what is wrong with a body", async () => {
    const { running, client } = await sandboxUnderTest();
    const post = (path: string, headers: Record<string, string>) =>
      fetch(new URL(path, running.address.url), { method: "POST", headers, body: JSON.stringify(payment()) });
    expect((await post("/charges", {})).status).toBe(401);
    expect((await post("/charges", { authorization: "Bearer guessed" })).status).toBe(401);
    expect((await post("/faults", {})).status).toBe(401);
    const wrong = (change: object) => client.call("POST", "/charges", { ...payment(), ...change });
    for (const change of [
      { method: "pm_card_visa" },
      { amount: { amount: 0, currency: "EUR" } },
      { deadline: "soon" },
    ]) {
      expect(await wrong(change)).toMatchObject({ status: 400, body: { code: expect.stringContaining("invalid") } });
    }
    expect((await client.call("POST", "/nowhere")).status).toBe(404);
    expect((await wrong({ bookingId: "x".repeat(20_000) })).status).toBe(413);
  });

  it("loses, fails and delays a share of the calls when it is told to", async () => {
    const { provider, client } = await sandboxUnderTest();
    const faults = (settings: object) => client.call("POST", "/faults", settings);
    const wanted = payment();
    await faults({ failPercent: 100 });
    await expect(provider.authorize(wanted)).rejects.toThrow(ProviderUnavailable);
    await faults({});
    expect(await provider.lookUp(wanted.attemptId), "failed: not done").toBeNull();

    await faults({ answerLostPercent: 100 });
    await expect(provider.authorize(wanted)).rejects.toThrow(ProviderUnavailable);
    await faults({});
    expect((await provider.lookUp(wanted.attemptId))?.status, "lost: done").toBe("authorized");

    await faults({ delayPercent: 100, delayMs: 200 });
    const beganMs = performance.now();
    await provider.lookUp(wanted.attemptId);
    expect(performance.now() - beganMs).toBeGreaterThan(195);

    await faults({ failPercent: 30 });
    const outcomes = await Promise.allSettled(Array.from({ length: 400 }, () => provider.lookUp(wanted.attemptId)));
    const failed = outcomes.filter(({ status }) => status === "rejected").length;
    expect(failed).toBeGreaterThan(60);
    expect(failed).toBeLessThan(180);
  });

  it("makes its secret once, for its owner's eyes", async () => {
    const directory = await privateDirectory();
    const options = { directory, host: "127.0.0.1", port: null, secret: null, log: silent };
    const first = await runProvider(options);
    const { mode } = await stat(join(directory, "secret"));
    expect(mode & 0o777).toBe(0o600);
    await expect(runProvider(options), "one process a directory").rejects.toThrow("in use");
    await first.close();
    const second = await runProvider(options);
    expect(second.address.url, "the same port").toBe(first.address.url);
    expect(second.address.instance).not.toBe(first.address.instance);
    await second.close();
  });
});
