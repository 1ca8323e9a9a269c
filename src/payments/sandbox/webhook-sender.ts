import type { Log } from "../../ports.ts";
import type { GroupCommit } from "./group-commit.ts";
import type { OutgoingWebhook, WebhookOutbox } from "./webhook-outbox.ts";

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 10 * 60_000;
const GIVE_UP_MS = 24 * 60 * 60_000;
const AT_ONCE = 100;
const SIDE_BY_SIDE = 16;
const AFTER_FAILURE_MS = 1_000;
/** This machine's clock may be set meanwhile: it is looked at again at least so often. */
const LONGEST_SLEEP_MS = 30_000;

export interface WebhookSender {
  /** There may be something to send now. */
  wake(): void;
  /** Ends when what is on its way has arrived or failed. */
  stop(): Promise<void>;
}

export interface WebhookSenderParts {
  readonly outbox: WebhookOutbox;
  readonly commits: GroupCommit;
  /** Posts a message to one address. @returns whether it was taken; never throws */
  readonly post: (url: string, webhook: OutgoingWebhook) => Promise<boolean>;
  readonly nowMs: () => number;
  readonly log: Log;
}

/**
 * Delivers what is in the outbox, each message to any node that takes it, again and again after growing pauses, for a
 * day. A message may arrive twice (the answer was lost, or this process died before it was noted), and in another order.
 */
export function sendWebhooks({ outbox, commits, post, nowMs, log }: WebhookSenderParts): WebhookSender {
  let stopping = false;
  let woken = Promise.withResolvers<void>();
  let lastGood: string | null = null;
  const work = keepSending();

  async function keepSending(): Promise<void> {
    while (!stopping) {
      woken = Promise.withResolvers();
      try {
        const due = outbox.due(nowMs(), AT_ONCE);
        if (due.length === 0) await sleep((outbox.earliestMs() ?? Number.POSITIVE_INFINITY) - nowMs());
        else await deliver(due);
      } catch (error) {
        log.error({ err: error }, "webhooks could not be noted as sent");
        await sleep(AFTER_FAILURE_MS);
      }
    }
  }

  async function deliver(due: readonly OutgoingWebhook[]): Promise<void> {
    const left = due.values();
    const taken = new Set<number>();
    const carry = async () => {
      for (const webhook of left) if (await isTaken(webhook)) taken.add(webhook.seq);
    };
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, carry));
    await commits.run(() => {
      for (const webhook of due) note(webhook, taken.has(webhook.seq));
    });
  }

  /** Any node will do: all of them act on the same log. The one that took the last is asked first. */
  async function isTaken(webhook: OutgoingWebhook): Promise<boolean> {
    const known = outbox.endpoints();
    const urls = lastGood !== null && known.includes(lastGood) ? [lastGood, ...known] : known;
    for (const url of new Set(urls)) {
      if (stopping) return false;
      if (!(await post(url, webhook))) continue;
      lastGood = url;
      return true;
    }
    return false;
  }

  function note({ seq, madeMs, attempts, webhookId }: OutgoingWebhook, taken: boolean): void {
    const tooOld = nowMs() - madeMs > GIVE_UP_MS;
    if (tooOld && !taken) log.warn({ webhookId, attempts }, "a webhook was taken by nobody for a day");
    if (taken || tooOld) outbox.remove(seq);
    else outbox.postpone(seq, nowMs() + Math.min(FIRST_PAUSE_MS * 2 ** Math.min(attempts, 30), LONGEST_PAUSE_MS));
  }

  async function sleep(ms: number): Promise<void> {
    if (stopping) return;
    const timer = setTimeout(woken.resolve, Math.min(Math.max(ms, 0), LONGEST_SLEEP_MS));
    await woken.promise;
    clearTimeout(timer);
  }

  return {
    wake: () => woken.resolve(),
    async stop() {
      stopping = true;
      woken.resolve();
      await work;
    },
  };
}
