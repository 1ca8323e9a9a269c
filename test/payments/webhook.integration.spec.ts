import { afterAll, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { paymentRoutes } from "../../src/api/payments/routes.ts";
import { InvalidWebhook, type PaymentProvider, type WebhookNews } from "../../src/payments/port.ts";
import { type ApiUnderTest, startApi } from "../api/harness.ts";

const NEWS: WebhookNews = { attemptId: "a1", bookingId: "b1" };

const webhook = vi.fn<PaymentProvider["webhook"]>();
const onNews = vi.fn<(news: WebhookNews) => Promise<void>>();
let app: ApiUnderTest;
beforeAll(async () => {
  app = await startApi({
    routes: [paymentRoutes({ provider: { webhook }, onNews })],
    settings: { rateLimitPerMinute: 2 },
  });
});
afterAll(() => app.close());
beforeEach(() => {
  webhook.mockReset().mockReturnValue(NEWS);
  onNews.mockReset().mockResolvedValue();
});

const post = (text: string, headers: Record<string, string> = {}) =>
  app.api.inject({
    method: "POST",
    url: "/payments/webhook",
    headers: { "content-type": "application/json", ...headers },
    payload: text,
  });

it("hands the bytes as they came and the headers to the provider, and its news on", async () => {
  const text = '{ "type":"charge.changed",  "more": {"price": 1.0} }';
  const reply = await post(text, { "webhook-id": "msg_1" });
  expect([reply.statusCode, reply.body]).toEqual([204, ""]);
  expect(webhook).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ "webhook-id": "msg_1" }), text);
  expect(onNews).toHaveBeenCalledExactlyOnceWith(NEWS);
});

it("refuses what the provider did not sign", async () => {
  webhook.mockImplementation(() => {
    throw new InvalidWebhook("forged");
  });
  const reply = await post("{}");
  expect(reply.statusCode).toBe(400);
  expect(reply.json()).toMatchObject({ code: "invalid-webhook", errors: [{ in: "body", path: "/" }] });
  expect(onNews).not.toHaveBeenCalled();
});

it("takes what is about nothing of ours, and leaves it", async () => {
  webhook.mockReturnValue(null);
  expect((await post("{}")).statusCode).toBe(204);
  expect(onNews).not.toHaveBeenCalled();
});

it("does not wait for what comes of it, and survives its failing", async () => {
  onNews.mockReturnValue(new Promise(() => {}));
  expect((await post("{}")).statusCode).toBe(204);
  onNews.mockRejectedValue(new Error("the store is away"));
  expect((await post("{}")).statusCode).toBe(204);
  onNews.mockImplementation(() => {
    throw new Error("at once");
  });
  expect((await post("{}")).statusCode).toBe(204);
  await vi.waitFor(() =>
    expect(app.logged.filter(({ msg }) => msg === "news of a payment was left for later")).toHaveLength(2),
  );
});

it("is not limited in how often", async () => {
  for (let n = 0; n < 10; n++) expect((await post("{}")).statusCode).toBe(204);
});

it("is JSON", async () => {
  expect((await post("{")).json().code).toBe("invalid");
  expect((await post("[]")).json().code).toBe("invalid");
  expect((await post("a=b", { "content-type": "text/plain" })).json().code).toBe("unsupported-media-type");
});

it("is documented with its errors", async () => {
  const { paths, components } = (await app.call("GET", "/openapi.json")).json();
  const { responses, requestBody, security } = paths["/payments/webhook"].post;
  expect(Object.keys(responses)).toEqual(expect.arrayContaining(["204", "400", "413", "415", "500"]));
  expect(Object.keys(responses["400"].content["application/problem+json"].examples)).toContain("invalid-webhook");
  expect(requestBody.content["application/json"].schema).toEqual({ $ref: "#/components/schemas/PaymentWebhook" });
  expect(components.schemas.PaymentWebhook).toMatchObject({ type: "object", additionalProperties: {} });
  expect(security).toEqual([]);
});
