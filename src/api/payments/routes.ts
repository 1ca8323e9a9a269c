import { z } from "zod";
import { InvalidWebhook, type PaymentProvider, type WebhookNews } from "../../payments/port.ts";
import type { RoutePlugin } from "../conventions/route-config.ts";
import { Problem } from "../problems/problem.ts";

export interface PaymentRoutes {
  readonly provider: Pick<PaymentProvider, "webhook">;
  /** Sees what has become of the attempt. What it fails at is found again by whoever waits for the payment. */
  readonly onNews: (news: WebhookNews) => Promise<unknown> | unknown;
}

/** Any message that a provider sends: what counts is its signature, and the attempt is looked up in any case. */
const message = z
  .looseObject({ type: z.string().optional() })
  .meta({ id: "PaymentWebhook", examples: [{ type: "charge.changed" }] });

/** Where the payment provider tells that something has happened. */
export const paymentRoutes =
  ({ provider, onNews }: PaymentRoutes): RoutePlugin =>
  (api) => {
    api.route({
      method: "POST",
      url: "/payments/webhook",
      schema: {
        tags: ["Payments"],
        summary: "News of a payment, signed by the payment provider",
        body: message,
        response: { 204: z.undefined() },
      },
      config: { rateLimit: false, problems: ["invalid-webhook"] },
      handler: async (request, reply) => {
        const news = newsIn(provider, request.headers, request.rawBody);
        if (news !== null) {
          // Not waited for: the provider is not to send again what only we have not come to yet.
          Promise.resolve(news)
            .then(onNews)
            .catch((error: unknown) =>
              request.log.warn({ err: error, ...news }, "news of a payment was left for later"),
            );
        }
        reply.code(204);
      },
    });
  };

function newsIn(
  provider: PaymentRoutes["provider"],
  headers: Parameters<PaymentProvider["webhook"]>[0],
  rawBody: string,
): WebhookNews | null {
  try {
    return provider.webhook(headers, rawBody);
  } catch (error) {
    if (!(error instanceof InvalidWebhook)) throw error;
    throw new Problem("invalid-webhook", {
      errors: [{ in: "body", path: "/", message: "is not signed by the payment provider, or too old" }],
    });
  }
}
