import { describe, expect, it } from "vitest";
import { keysFrom } from "../../../src/payments/sandbox/keys.ts";
import { sandboxProvider } from "../../../src/payments/sandbox/sandbox-provider.ts";
import type { Request } from "./asking.ts";
import { isTaken, SIGNINGS, WEBHOOK_ROUTE, webhooksBy } from "./webhooks.ts";

const { webhookSecret } = keysFrom("a secret for specs");
const provider = sandboxProvider({
  client: { call: () => Promise.reject(new Error("nobody asks")) } as never,
  webhookSecret: () => webhookSecret,
  close: async () => {},
});
const news = { attemptId: "a1", bookingId: "b1" };
const request: Request = {
  route: WEBHOOK_ROUTE,
  method: "POST",
  url: "/payments/webhook",
  headers: { "content-type": "application/json" },
  payload: JSON.stringify({ type: "charge.changed", data: news }),
  remoteAddress: "10.0.0.1",
};

describe("a message of the payment provider", () => {
  it.each(SIGNINGS)("signed %s is what the fuzzing takes it for", (signing) => {
    const { headers, payload } = webhooksBy(webhookSecret).signed(request, signing, 0.5);
    const take = () => provider.webhook(headers, String(payload));
    if (isTaken(signing)) expect(take()).toEqual(news);
    else expect(take).toThrow();
  });

  it("that was sent before is the same once more", () => {
    const webhooks = webhooksBy(webhookSecret);
    const first = webhooks.signed(request, "right", 0.5);
    const other = { ...request, payload: "{}" };
    expect(webhooks.signed(other, "right, and sent before", 0)).toBe(first);
  });
});
