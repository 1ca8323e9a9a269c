import { Webhook } from "standardwebhooks";
import { z } from "zod";
import {
  type Charge,
  ChargeNotPossible,
  InvalidWebhook,
  type PaymentProvider,
  type Refund,
  type WebhookNews,
} from "../port.ts";
import type { Answer, SandboxClient } from "./client.ts";
import { isSandboxMethod } from "./methods.ts";
import { CHARGE_CHANGED } from "./webhook-post.ts";

export interface SandboxProviderParts {
  readonly client: SandboxClient;
  /** The secret that its webhooks are signed with, as Standard Webhooks writes it. */
  readonly webhookSecret: () => string;
  readonly close: () => Promise<void>;
}

const message = z.object({
  type: z.string(),
  data: z.object({ attemptId: z.string(), bookingId: z.string() }).optional(),
});

/** The sandbox as the payment provider: for development, specs and benchmarks. */
export function sandboxProvider({ client, webhookSecret, close }: SandboxProviderParts): PaymentProvider {
  const at = (attemptId: string, rest = "") => `/charges/${encodeURIComponent(attemptId)}${rest}`;

  return {
    name: "sandbox",
    accepts: isSandboxMethod,
    async authorize({ attemptId, bookingId, amount, method, deadline }) {
      return done<Charge>(await client.call("POST", "/charges", { attemptId, bookingId, amount, method, deadline }));
    },
    async capture({ attemptId }) {
      return done<Charge>(await client.call("POST", at(attemptId, "/capture")));
    },
    async void({ attemptId }) {
      return done<Charge>(await client.call("POST", at(attemptId, "/void")));
    },
    async refund({ attemptId, refundId, amount }) {
      return done<Refund>(await client.call("POST", at(attemptId, "/refunds"), { refundId, amount }));
    },
    async lookUp(attemptId) {
      const answer = await client.call("GET", at(attemptId));
      return answer.status === 404 ? null : done<Charge>(answer);
    },
    async *chargesSince(sinceMs) {
      let next: { readonly since: number; readonly after: number } | null = { since: sinceMs, after: 0 };
      while (next !== null) {
        const page: ChargePage = done(await client.call("GET", `/charges?since=${next.since}&after=${next.after}`));
        yield* page.items;
        next = page.next;
      }
    },
    webhook: (headers, rawBody) => newsOf(verified(webhookSecret(), headers, rawBody)),
    close,
  };
}

interface ChargePage {
  readonly items: readonly Charge[];
  readonly next: { readonly since: number; readonly after: number } | null;
}

/** What a call gave. That an id is known with another body, or a body malformed, is a fault of ours: no case to act on. */
function done<Given>({ status, body }: Answer): Given {
  if (status === 200) return body as Given;
  const { code } = body as { readonly code: string };
  if (code === "not-possible" || code === "no-such-charge") throw new ChargeNotPossible(`the sandbox says ${code}`);
  throw new Error(`the sandbox provider refused a call as it is: ${status} ${code}`);
}

function verified(
  secret: string,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  rawBody: string,
): unknown {
  const single = Object.entries(headers).flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : []));
  try {
    return new Webhook(secret).verify(rawBody, Object.fromEntries(single));
  } catch (error) {
    throw new InvalidWebhook("not signed by the sandbox provider, or too old", { cause: error });
  }
}

function newsOf(said: unknown): WebhookNews | null {
  const { success, data: told } = message.safeParse(said);
  return success && told.type === CHARGE_CHANGED && told.data !== undefined ? told.data : null;
}
