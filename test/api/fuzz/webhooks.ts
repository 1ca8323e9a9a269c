import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import type { Request } from "./asking.ts";
import { junk } from "./junk.ts";
import { mostly, Named } from "./values.ts";

export const WEBHOOK_ROUTE = "POST /payments/webhook";

/** How a message of the payment provider is signed, or not; by https://www.standardwebhooks.com. */
export type Signing = (typeof SIGNINGS)[number];

export const SIGNINGS = [
  "right",
  "right, and sent before",
  "right, among others",
  "by somebody else",
  "for another message",
  "for another id",
  "long ago",
  "in the future",
  "at no time",
  "without an id",
  "without a time",
  "without a signature",
  "cut off",
  "of another version",
  "no signature at all",
  "many signatures",
] as const;

const IS_RIGHT: ReadonlySet<Signing> = new Set(["right", "right, and sent before", "right, among others"]);

export const signings: fc.Arbitrary<Signing> = fc.oneof(
  { weight: 12, arbitrary: fc.constant<Signing>("right") },
  { weight: 3, arbitrary: fc.constant<Signing>("right, and sent before") },
  { weight: 14, arbitrary: fc.constantFrom(...SIGNINGS) },
);

const texts = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.constantFrom("a\u0000b", "\ud800", "__proto__", "-".repeat(36)),
);

/** Messages about charges, in whatever order and of whatever booking there is, right and wrong in every way. */
export const messages: fc.Arbitrary<unknown> = mostly<unknown>(
  fc.record(
    {
      type: mostly<unknown>(fc.constant("charge.changed"), fc.oneof(texts, junk)),
      timestamp: mostly<unknown>(fc.constant("2026-07-01T12:00:00.000Z"), junk),
      data: mostly<unknown>(
        fc.record(
          {
            attemptId: fc.oneof(fc.constant<unknown>(new Named("attemptId")), texts, junk),
            bookingId: fc.oneof({ weight: 3, arbitrary: fc.constant<unknown>(new Named("bookingId")) }, texts, junk),
            chargeId: mostly<unknown>(fc.constant("ch_1"), junk),
            status: mostly<unknown>(
              fc.constantFrom("pending", "authorized", "captured", "declined", "voided", "requires-action"),
              junk,
            ),
          },
          { requiredKeys: [] },
        ),
        junk,
      ),
    },
    { requiredKeys: [] },
  ),
  fc.oneof(junk, fc.dictionary(texts, junk, { maxKeys: 3 })),
);

/** So many that were signed rightly are kept, to be sent once more. */
const KEPT = 50;
const TOLERANCE_S = 300;

export interface Webhooks {
  /** The request signed, or one that was sent before instead. */
  signed(request: Request, signing: Signing, pick: number): Request;
}

/** Whether a message that is signed so may be taken. */
export const isTaken = (signing: Signing): boolean => IS_RIGHT.has(signing);

/** @param secret of the provider, as Standard Webhooks writes it */
export function webhooksBy(secret: string, nowMs: () => number = Date.now): Webhooks {
  const ours = new Webhook(secret);
  const theirs = new Webhook(`whsec_${Buffer.from("a secret of somebody else, as long").toString("base64")}`);
  const kept: Request[] = [];
  let sent = 0;

  function headersOf(signing: Signing, body: string): Record<string, string> {
    sent += 1;
    const id = `msg_${sent}`;
    const offsetS = signing === "long ago" ? -2 * TOLERANCE_S : signing === "in the future" ? 2 * TOLERANCE_S : 0;
    const at = new Date(nowMs() + offsetS * 1_000);
    const { sign } =
      signing === "by somebody else" ? { sign: theirs.sign.bind(theirs) } : { sign: ours.sign.bind(ours) };
    const right = sign(
      signing === "for another id" ? `${id}0` : id,
      at,
      signing === "for another message" ? `${body} ` : body,
    );
    const headers = {
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(at.getTime() / 1_000)),
      "webhook-signature": right,
    };
    const without = (name: keyof typeof headers) => {
      const { [name]: _, ...rest } = headers;
      return rest;
    };
    const withSignature = (signature: string) => ({ ...headers, "webhook-signature": signature });
    switch (signing) {
      case "right, among others":
        return withSignature(`v1,AAAA v2,${right} ${right} v1a,x`);
      case "at no time":
        return { ...headers, "webhook-timestamp": "NaN" };
      case "without an id":
        return without("webhook-id");
      case "without a time":
        return without("webhook-timestamp");
      case "without a signature":
        return without("webhook-signature");
      case "cut off":
        return withSignature(right.slice(0, -1));
      case "of another version":
        return withSignature(right.replace("v1,", "v2,"));
      case "no signature at all":
        return withSignature("v1,");
      case "many signatures":
        return withSignature("v1,AAAA ".repeat(900).trim());
      default:
        return headers;
    }
  }

  return {
    signed(request, signing, pick) {
      const before = kept[Math.floor(pick * kept.length)];
      if (signing === "right, and sent before" && before !== undefined) return before;
      // The signature is over text: bytes that are none are another matter.
      const headers = { ...request.headers, ...headersOf(signing, String(request.payload ?? "")) };
      const signed = { ...request, headers };
      if (IS_RIGHT.has(signing)) {
        kept.push(signed);
        if (kept.length > KEPT) kept.shift();
      }
      return signed;
    },
  };
}
