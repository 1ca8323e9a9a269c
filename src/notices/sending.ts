import { setTimeout as sleep } from "node:timers/promises";
import type { Pool } from "pg";
import type { Accounts } from "../accounts/accounts.ts";
import type { Lease } from "../leases/lease.ts";
import type { Clock, Log } from "../ports.ts";
import { compose } from "./composing.ts";
import type { NoticeFacts } from "./facts.ts";
import { type Mailer, MailServerAway } from "./mailer.ts";
import { type DueNotice, dueNotices, NOTHING_SEEN, type Settlement, settleNotices } from "./outbox.ts";
import { afterFailure } from "./retrying.ts";
import { Settling } from "./settling.ts";

export interface SendingOptions {
  readonly pool: Pool;
  readonly accounts: Pick<Accounts, "find">;
  readonly facts: NoticeFacts;
  readonly mailer: Mailer;
  readonly clock: Clock;
  readonly log: Log;
  /** How often the outbox is looked at while nothing is due. */
  readonly idleMs?: number;
  /** The first pause when the mail server is away; it grows to a minute. */
  readonly awayMs?: number;
}

/** What became of notices since the start of this process. */
export interface SendingCounts {
  sent: number;
  skipped: number;
  givenUp: number;
}

const IDLE_MS = 250;
const AWAY_MS = 1_000;
const LONGEST_AWAY_MS = 60_000;
const NOTICES_PER_ROUND = 100;
/** Mails are not what an on-sale is in a hurry for, and mail servers take offence at more. */
const MOST_PER_SECOND = 100;
/** Twice as many as connections, so that the next mail is written while one is sent. */
const AT_ONCE = 10;

/**
 * Sends what is due, oldest first, a few at a time and at most 100 a second; what concerns one booking, or one account
 * beyond that, goes in order. A mail is marked as sent once the server has taken it: a crash in between sends it again,
 * under the same message id, and with it at most the others of its round. Returns when the lease's signal aborts and the
 * mails under way are settled.
 * @throws Error the database or the read models can't be asked
 */
export async function sendNotices(options: SendingOptions, counts: SendingCounts, lease: Lease): Promise<void> {
  const { pool, clock, facts, log, idleMs = IDLE_MS, awayMs = AWAY_MS } = options;
  const pause = (ms: number) => sleep(ms, undefined, { signal: lease.signal }).catch(() => undefined);
  let failures = 0;
  while (!lease.signal.aborted) {
    const begun = performance.now();
    const checkpoint = (await facts.checkpoint()) ?? NOTHING_SEEN;
    const due = await dueNotices(pool, { nowMs: clock.nowMs(), checkpoint, limit: NOTICES_PER_ROUND });
    const { away, sent } = await sendRound(options, counts, due, lease.signal);
    failures = away === null ? 0 : sent > 0 ? 1 : failures + 1;
    if (away !== null) {
      const pauseMs = Math.min(LONGEST_AWAY_MS, awayMs * 2 ** Math.min(failures - 1, 10));
      log.warn({ reason: away.message, pauseMs }, "the mail server takes no mail; mails wait");
      await pause(pauseMs);
    } else if (due.length === 0) await pause(idleMs);
    else await pause(Math.max(0, begun + (due.length * 1_000) / MOST_PER_SECOND - performance.now()));
  }
}

interface Round {
  sent: number;
  /** The mail server turned out to be away: the rest of the round is left for later. */
  away: MailServerAway | null;
}

async function sendRound(
  options: SendingOptions,
  counts: SendingCounts,
  due: readonly DueNotice[],
  stop: AbortSignal,
): Promise<Round> {
  const { pool, clock, log } = options;
  const settling = new Settling((settlements) => settleNotices(pool, settlements, clock.nowMs()));
  const once = { ...options, facts: rememberingEvents(options.facts) };
  const round: Round = { sent: 0, away: null };
  const failure = new AbortController();
  const failed = failure.signal;
  const settled: Promise<void>[] = []; // the next mail doesn't wait for the database
  const send = async (notice: DueNotice) => {
    const settlement = await trySending(once, notice).catch((error: unknown) => {
      if (error instanceof MailServerAway) round.away = error;
      return afterFailure(notice, error, clock.nowMs());
    });
    settled.push(settling.add(settlement).catch((error: unknown) => failure.abort(error)));
    const { outcome, problem } = settlement;
    if (outcome === "sent") {
      round.sent += 1;
      counts.sent += 1;
    } else if (outcome === "skipped") counts.skipped += 1;
    else if (outcome === "given-up") {
      counts.givenUp += 1;
      log.error({ notice: notice.kind, messageId: notice.messageId, problem }, "a mail was given up");
    }
  };
  const lanes = Map.groupBy(due, laneOf).values();
  const isOver = () => stop.aborted || round.away !== null || failed.aborted;
  const worker = async () => {
    for (const lane of lanes) {
      for (const notice of lane) {
        if (isOver()) return;
        await send(notice).catch((error: unknown) => failure.abort(error));
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker)); // also when one fails: no mail is under way afterwards
  await Promise.all(settled);
  failed.throwIfAborted();
  return round;
}

const laneOf = ({ accountId, about }: DueNotice): string =>
  accountId ?? ("bookingId" in about ? about.bookingId : "nobody");

/**
 * One try.
 * @throws MailRefused
 * @throws MailServerAway
 */
async function trySending({ accounts, facts, mailer, clock }: SendingOptions, notice: DueNotice): Promise<Settlement> {
  const { messageId, attempts, refusals, kind } = notice;
  const settled = (outcome: Settlement["outcome"], problem: string | null = null, dueAtMs: number | null = null) => ({
    messageId,
    outcome,
    dueAtMs,
    attempts: outcome === "sent" ? attempts + 1 : attempts,
    refusals,
    problem,
  });
  const nowMs = clock.nowMs();
  if (nowMs >= notice.until.getTime()) return settled("skipped", "too late");
  const composed = await compose(notice, notice.accountId, facts);
  if ("skip" in composed) return settled("skipped", composed.skip);
  if ("waitMs" in composed) return settled(null, "too early to tell", nowMs + composed.waitMs);
  const account = await accounts.find(composed.accountId);
  if (account === null) return settled("skipped", "the account was erased");
  if (account.email === null) return settled("skipped", "a guest without an address");
  await mailer.send({ kind, messageId, accountId: account.accountId, to: account.email, ...composed.letter });
  return settled("sent");
}

/** In a rush most mails are about one event: it is looked up once a round. */
function rememberingEvents(facts: NoticeFacts): NoticeFacts {
  const events = new Map<string, ReturnType<NoticeFacts["event"]>>();
  return {
    checkpoint: () => facts.checkpoint(),
    booking: (bookingId) => facts.booking(bookingId),
    entry: (entryId) => facts.entry(entryId),
    cart: (accountId, cartId) => facts.cart(accountId, cartId),
    passwordReset: (resetId) => facts.passwordReset(resetId),
    ticketHolders: (eventId, portion) => facts.ticketHolders(eventId, portion),
    event(eventId) {
      const found = events.get(eventId) ?? facts.event(eventId);
      events.set(eventId, found);
      return found;
    },
  };
}
