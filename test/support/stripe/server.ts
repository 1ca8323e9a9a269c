import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import Stripe from "stripe";
import { STRIPE_API_VERSION } from "../../../src/payments/stripe/client.ts";
import { type Answer, failure, missing } from "./answers.ts";
import { type Form, parseForm } from "./form.ts";
import { StripePayments } from "./payments.ts";

/**
 * What goes wrong with a request: it is cut off before anything is done, or before it is answered; it is never answered
 * though done; or answered with a status, without being done. `kept`: for every later request with its key too. `ok`:
 * nothing, this time.
 */
export type Fault = "ok" | "cut" | "lose-answer" | "no-answer" | { readonly status: number; readonly kept?: boolean };

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly idempotencyKey: string | undefined;
}

/**
 * A server for tests that speaks as much of Stripe's API as Boxoffice uses: over HTTP, form-encoded, with idempotency
 * keys as Stripe has them (docs.stripe.com/api/idempotent_requests). Unknown parameters are refused.
 */
export interface StripeStandIn {
  readonly payments: StripePayments;
  readonly api: { readonly protocol: "http"; readonly host: string; readonly port: number };
  readonly secretKey: string;
  readonly webhookSecret: string;
  readonly requests: SeenRequest[];
  /** What goes wrong with the next requests, one after the other. */
  readonly faults: Fault[];
  /** What somebody else does just before the next request of this method is looked at. */
  beforeNext(method: string, act: () => void): void;
  /** As Stripe does once keys are a day old. */
  forgetKeys(): void;
  /** A signed webhook about an object, as Stripe would send it. */
  webhook(type: string, object: object, signed?: { readonly atMs?: number; readonly secret?: string }): Delivery;
  close(): Promise<void>;
}

export interface Delivery {
  readonly headers: Record<string, string>;
  readonly body: string;
}

interface Kept {
  readonly request: string;
  readonly answer: Answer;
}

const SECRET_KEY = "sk_test_standin";
const WEBHOOK_SECRET = "whsec_standin";

export async function startStripe(): Promise<StripeStandIn> {
  const payments = new StripePayments();
  const requests: SeenRequest[] = [];
  const faults: Fault[] = [];
  const kept = new Map<string, Kept>();
  let before: { readonly method: string; readonly act: () => void } | null = null;

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      process.exitCode = 1; // a mistake in the stand-in or in what it was asked
      console.error(error);
      response.destroy();
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", headers } = request;
    const [path = "", query = ""] = (request.url ?? "").split("?");
    const body = await text(request);
    const key = headers["idempotency-key"] as string | undefined;
    requests.push({ method, path, idempotencyKey: key });
    const fault = faults.shift();
    if (before?.method === method) {
      const { act } = before;
      before = null;
      act();
    }
    if (fault === "cut") return void response.destroy();
    const wrong = wrongRequest(request, key);
    if (wrong !== null) return send(response, wrong);
    const form = parseForm(method === "POST" ? body : query);
    const asked = `${method} ${path} ${[...form].sort().join("&")}`;
    const first = key === undefined ? undefined : kept.get(key);
    if (first !== undefined && first.request !== asked)
      return send(response, failure(400, { type: "idempotency_error" }));
    const isRefused = typeof fault === "object";
    const now = first?.answer ?? (isRefused ? refusal(fault.status) : route(method, path, form));
    const copy: Answer = { status: now.status, body: structuredClone(now.body) };
    if (key !== undefined && (!isRefused || fault.kept)) kept.set(key, { request: asked, answer: copy });
    if (fault === "lose-answer") return void response.destroy();
    if (fault === "no-answer") return;
    return send(response, copy, first !== undefined);
  }

  function route(method: string, path: string, form: Form): Answer {
    const [, intentId = "", action] = /^\/v1\/payment_intents\/(\w+)(?:\/(\w+))?$/.exec(path) ?? [];
    switch (`${method} ${path.replace(intentId || "-", ":id")}`) {
      case "POST /v1/payment_intents":
        return payments.create(form);
      case "GET /v1/payment_intents":
        return payments.list(form);
      case "POST /v1/refunds":
        return payments.refund(form);
      case "GET /v1/refunds":
        return payments.listRefunds(form);
    }
    if (method === "GET" && intentId === "search") return payments.search(form);
    if (method === "GET" && intentId !== "" && action === undefined) return payments.get(intentId, form);
    if (method === "POST" && action === "capture") return payments.capture(intentId);
    if (method === "POST" && action === "cancel") return payments.cancel(intentId, form);
    return missing("route");
  }

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;

  return {
    payments,
    api: { protocol: "http", host: "127.0.0.1", port },
    secretKey: SECRET_KEY,
    webhookSecret: WEBHOOK_SECRET,
    requests,
    faults,
    beforeNext(method, act) {
      before = { method, act };
    },
    forgetKeys: () => kept.clear(),
    webhook(type, object, { atMs = Date.now(), secret = WEBHOOK_SECRET } = {}) {
      const body = JSON.stringify({ id: "evt_1", object: "event", type, data: { object } });
      const timestamp = Math.floor(atMs / 1_000);
      const signature = Stripe.webhooks.generateTestHeaderString({ payload: body, secret, timestamp });
      return { headers: { "stripe-signature": signature }, body };
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function wrongRequest({ method, headers }: IncomingMessage, key: string | undefined): Answer | null {
  if (headers.authorization !== `Bearer ${SECRET_KEY}`) return failure(401, { message: "Invalid API Key provided" });
  if (headers["stripe-version"] !== STRIPE_API_VERSION) return failure(400, { message: "Invalid Stripe API version" });
  if ("x-stripe-client-telemetry" in headers) throw new Error("telemetry is off");
  if (method !== "POST") return null;
  if (headers["content-type"] !== "application/x-www-form-urlencoded") {
    return failure(400, { message: "Invalid content type" });
  }
  if (key === undefined || key === "") throw new Error("what changes something has a key");
  return null;
}

function refusal(status: number): Answer {
  if (status === 429) return failure(429, { code: "rate_limit" });
  const payment_intent = { id: "pi_0", client_secret: "pi_0_secret_0" };
  return failure(status, { type: "api_error", message: "Something went wrong on Stripe's end", payment_intent });
}

function send(response: ServerResponse, { status, body }: Answer, isReplay = false): void {
  const headers = {
    "content-type": "application/json",
    "request-id": "req_standin",
    "stripe-version": STRIPE_API_VERSION,
    ...(isReplay ? { "idempotent-replayed": "true" } : {}),
  };
  response.writeHead(status, headers).end(JSON.stringify(body));
}
