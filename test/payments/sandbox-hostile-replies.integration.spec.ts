import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ProviderUnavailable } from "../../src/payments/port.ts";
import { endpointAt, sandboxClient } from "../../src/payments/sandbox/client.ts";
import { sandboxProvider } from "../../src/payments/sandbox/sandbox-provider.ts";

const CHARGE = {
  chargeId: "ch_1",
  attemptId: "a1",
  bookingId: "b1",
  status: "authorized",
  amount: { amount: 100, currency: "EUR" },
  refundedMinor: 0,
  clientSecret: null,
  declineReason: null,
};

let reply = "";
const server = createServer((_request, response) => response.end(reply));
let provider: ReturnType<typeof sandboxProvider>;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint = endpointAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, "token");
  const client = sandboxClient(() => endpoint, 5_000);
  provider = sandboxProvider({ client, webhookSecret: () => "whsec_c2VjcmV0", close: async () => client.close() });
});
afterAll(async () => {
  await provider.close();
  server.close();
});

it("what a provider says is taken", async () => {
  reply = JSON.stringify({ ...CHARGE, more: "than we know of" });
  expect(await provider.lookUp("a1")).toEqual(CHARGE);
});

it.each<[string, string]>([
  ["nothing", ""],
  ["a page", "<html></html>"],
  ["null", "null"],
  ["a list", "[]"],
  ["a text", '"captured"'],
  ["an unknown status", JSON.stringify({ ...CHARGE, status: "CAPTURED" })],
  ["a status that objects have", JSON.stringify({ ...CHARGE, status: "constructor" })],
  ["an amount as text", JSON.stringify({ ...CHARGE, amount: { amount: "100", currency: "EUR" } })],
  ["an amount below nothing", JSON.stringify({ ...CHARGE, amount: { amount: -100, currency: "EUR" } })],
  ["more refunded than numbers can say", JSON.stringify({ ...CHARGE, refundedMinor: 1e300 })],
  ["a charge in its prototype", `{"__proto__":${JSON.stringify(CHARGE)}}`],
  ["something without an end", `{"chargeId":"${"x".repeat(5 * 1024 * 1024)}`],
])("%s is no answer: what was asked for is looked up again, never taken for done", async (_, hostile) => {
  reply = hostile;
  await expect(provider.lookUp("a1")).rejects.toThrow(ProviderUnavailable);
  const refund = { attemptId: "a1", chargeId: "ch_1", refundId: "r1", amount: { amount: 1, currency: "EUR" } };
  await expect(provider.refund(refund)).rejects.toThrow(ProviderUnavailable);
  await expect(provider.chargesSince(0)[Symbol.asyncIterator]().next()).rejects.toThrow(ProviderUnavailable);
  expect(({} as { chargeId?: string }).chargeId).toBeUndefined();
});
