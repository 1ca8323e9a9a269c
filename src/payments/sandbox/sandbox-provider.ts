import { Webhook } from "standardwebhooks";
import { z } from "zod";
import {
  type Charge,
  ChargeNotPossible,
  InvalidWebhook,
  type PaymentProvider,
  ProviderUnavailable,
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
      return done(charge, await client.call("POST", "/charges", { attemptId, bookingId, amount, method, deadline }));
    },
    async capture({ attemptId }) {
      return done(charge, await client.call("POST", at(attemptId, "/capture")));
    },
    async void({ attemptId }) {
      return done(charge, await client.call("POST", at(attemptId, "/void")));
    },
    async refund({ attemptId, refundId, amount }) {
      return done(refund, await client.call("POST", at(attemptId, "/refunds"), { refundId, amount }));
    },
    async lookUp(attemptId) {
      const answer = await client.call("GET", at(attemptId));
      return answer.status === 404 ? null : done(charge, answer);
    },
    async *chargesSince(sinceMs) {
      let next: { readonly since: number; readonly after: number } | null = { since: sinceMs, after: 0 };
      while (next !== null) {
        const page: ChargePage = done(
          chargePage,
          await client.call("GET", `/charges?since=${next.since}&after=${next.after}`),
        );
        yield* page.items;
        next = page.next;
      }
    },
    webhook: (headers, rawBody) => newsOf(verified(webhookSecret(), headers, rawBody)),
    close,
  };
}

const minor = z.int().min(0);
const charge: z.ZodType<Charge> = z.object({
  chargeId: z.string(),
  attemptId: z.string(),
  bookingId: z.string(),
  status: z.enum(["pending", "requires-action", "authorized", "captured", "declined", "voided"]),
  amount: z.object({ amount: minor, currency: z.string().length(3) }),
  refundedMinor: minor,
  clientSecret: z.string().nullable(),
  declineReason: z.string().nullable(),
});
const refund: z.ZodType<Refund> = z.object({
  providerRefundId: z.string(),
  status: z.enum(["pending", "succeeded", "failed"]),
});
const chargePage = z.object({
  items: z.array(charge),
  next: z.object({ since: z.number(), after: z.number() }).nullable(),
});
type ChargePage = z.output<typeof chargePage>;

/**
 * What a call gave. That an id is known with another body, or a body malformed, is a fault of ours: no case to act on.
 * @throws ProviderUnavailable what it says is nothing that a provider says: nobody knows what was done
 */
function done<Given>(form: z.ZodType<Given>, { status, body }: Answer): Given {
  if (status === 200) {
    const { success, data } = form.safeParse(body);
    if (!success) throw new ProviderUnavailable("the sandbox provider said something that it never says");
    return data;
  }
  const code = refusalCode.safeParse(body).data?.code;
  if (code === "not-possible" || code === "no-such-charge") throw new ChargeNotPossible(`the sandbox says ${code}`);
  throw new Error(`the sandbox provider refused a call as it is: ${status} ${code}`);
}

const refusalCode = z.object({ code: z.string() });

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
