import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import type { Log } from "../../ports.ts";
import { type Address, keepAddress, keptAddress } from "./address.ts";
import { callsOf } from "./calls.ts";
import { chargesIn } from "./charges.ts";
import { openDatabase } from "./database.ts";
import { settleDueCharges } from "./due-charges.ts";
import { faults } from "./faults.ts";
import { groupCommits } from "./group-commit.ts";
import { httpServer } from "./http-server.ts";
import { keysFrom, madeSecret } from "./keys.ts";
import { ledger } from "./ledger.ts";
import { listen, listenSomewhere } from "./listen.ts";
import { movedClock } from "./moved-clock.ts";
import { refundsIn } from "./refunds.ts";
import { webhookOutbox } from "./webhook-outbox.ts";
import { chargeChanged, signedPosts } from "./webhook-post.ts";
import { sendWebhooks } from "./webhook-sender.ts";

export interface ProviderOptions {
  /** Made where it is missing; charges, secret and address are kept in it. */
  readonly directory: string;
  readonly host: string;
  /** null: the one of last time where it is free, else any. */
  readonly port: number | null;
  /** null: made once and kept in the directory. */
  readonly secret: string | null;
  readonly log: Log;
}

export interface RunningProvider {
  readonly address: Address;
  close(): Promise<void>;
}

/**
 * Runs the sandbox payment provider in this process, until `close`.
 * @throws ProviderRuns another process has the directory
 */
export async function runProvider({ directory, host, port, secret, log }: ProviderOptions): Promise<RunningProvider> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const database = openDatabase(directory);
  const closers: (() => Promise<unknown> | unknown)[] = [() => database.close()];
  const close = async () => {
    for (const closeOne of closers.splice(0).toReversed()) await closeOne();
  };
  try {
    const { apiToken, webhookSecret } = keysFrom(secret ?? (await madeSecret(directory)));
    const wallMs = () => Date.now();
    const commits = groupCommits(database);
    closers.push(() => commits.run(() => {})); // what waits before it is written
    const clock = movedClock(database, commits, wallMs);
    const charges = chargesIn(database);
    const refunds = refundsIn(database);
    const outbox = webhookOutbox(database);
    const sender = sendWebhooks({ outbox, commits, post: signedPosts(webhookSecret), nowMs: wallMs, log });
    closers.push(() => sender.stop());
    // Only changes that come later are told of: at 1,000 purchases a second one for each answer would double the calls
    // that the nodes get, and tell them what they were just told.
    const rules = ledger({
      charges,
      refunds,
      tell: (charge) => outbox.add(`msg_${randomUUID()}`, chargeChanged(charge, clock.nowMs()), wallMs()),
      nowMs: clock.nowMs,
      newId: randomUUID,
    });
    const due = settleDueCharges({
      settleDue(limit) {
        const settled = rules.settleDue(limit);
        if (settled > 0) setImmediate(sender.wake); // once it is committed
        return settled;
      },
      earliestDueMs: charges.earliestDueMs,
      commits,
      nowMs: clock.nowMs,
      onError: (error) => log.error({ err: error }, "charges that are due could not be authorized"),
    });
    closers.push(() => due.stop());
    const injected = faults(Math.random);
    const routes = callsOf({
      ledger: rules,
      charges,
      refunds,
      outbox,
      commits,
      clock,
      due,
      sender,
      faults: injected,
      wallMs,
    });
    const instance = randomUUID();
    const http = httpServer({ routes, apiToken, instance, faults: injected, log });

    closers.push(() => http.close());

    const last = await keptAddress(directory);
    const lastPort = last === null ? null : Number(new URL(last.url).port);
    const bound = await (port === null
      ? listenSomewhere(http.server, host, lastPort)
      : listen(http.server, host, port));
    const url = `http://${host.includes(":") ? `[${host}]` : host}:${bound}`;
    const address: Address = { url, instance, pid: process.pid };
    await keepAddress(directory, address);
    return { address, close };
  } catch (error) {
    await close();
    throw error;
  }
}
