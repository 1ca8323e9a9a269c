import { Webhook } from "standardwebhooks";
import type { KeptCharge } from "./charge.ts";
import { shown } from "./charge.ts";
import type { OutgoingWebhook } from "./webhook-outbox.ts";

const ANSWER_WITHIN_MS = 5_000;

/** The one type of message: the receiver looks up what has become of the charge. */
export const CHARGE_CHANGED = "charge.changed";

/** The message about a charge that has changed, as Standard Webhooks has it. */
export function chargeChanged(charge: KeptCharge, nowMs: number): string {
  const { attemptId, bookingId, chargeId, status } = shown(charge);
  const data = { attemptId, bookingId, chargeId, status };
  return JSON.stringify({ type: CHARGE_CHANGED, timestamp: new Date(nowMs).toISOString(), data });
}

/**
 * Posts messages signed by Standard Webhooks (https://www.standardwebhooks.com). The time in the signature is this
 * machine's, whatever the moved clock says: receivers refuse by it what somebody has kept and sends again.
 */
export function signedPosts(secret: string): (url: string, webhook: OutgoingWebhook) => Promise<boolean> {
  const signer = new Webhook(secret);
  return async (url, { webhookId, body }) => {
    const at = new Date();
    const headers = {
      "content-type": "application/json",
      "webhook-id": webhookId,
      "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
      "webhook-signature": signer.sign(webhookId, at, body),
    };
    try {
      const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
      const answer = await fetch(url, { method: "POST", headers, body, redirect: "manual", signal });
      await answer.body?.cancel();
      return answer.ok;
    } catch {
      return false; // nobody there, or too slow: the next address, or later
    }
  };
}
