import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { providerBy } from "../../src/node/payments.ts";
import { startSandbox } from "../../src/payments/sandbox/start-sandbox.ts";
import { type MailServer, startMailServer } from "../notices/mail-server.ts";
import { silent } from "../projections/given.ts";
import { handsOn, lineOf } from "./carts-shop.ts";
import { type Reply, startNode } from "./events-node.ts";
import type { Signed } from "./harness.ts";
import { type Backup, backupOf } from "./kept-aside.ts";
import { idempotent, type OnSale, openShop } from "./reservations-shop.ts";
import { waitlistHands } from "./waitlist-shop.ts";

const WITHIN = { timeout: 60_000 };
const PRICED = { name: "Regular", capacity: 100, price: { amount: 4_500, currency: "EUR" } };
/** Nothing lapses while the spec runs. */
const LONG = { holdTtlSeconds: 7_200 };

/** A purchase by somebody of his own. */
export interface Bought {
  readonly buyer: Signed;
  /** What was asked for, to be asked for again. */
  readonly body: object;
  readonly reply: Reply;
  readonly bookingId: string;
}

export type OldBackupShop = Awaited<ReturnType<typeof openOldBackupShop>>;

/** A whole node with everything that it runs, its provider's own record, a mail server, and a backup of its database. */
export async function openOldBackupShop() {
  const dataDir = await mkdtemp(join(tmpdir(), "boxoffice-backup-"));
  const mails = await startMailServer();
  const node = await startNode({
    roles: new Set(["api", "projector", "processes"]),
    openProvider: providerBy({ payments: { provider: "sandbox", remote: null }, dataDir }),
    mail: { smtpUrl: mails.url, from: "Boxoffice <tickets@shop.example>" },
  });
  const sandbox = await startSandbox({ dataDir, remote: null, clockOffsetMs: () => 0, log: silent });
  const backup: Backup = await backupOf(node.databaseUrl);
  const organizer = await node.signUp();
  const shop = openShop(node, organizer);

  async function post(path: string, by: Signed, status: number, body?: object, headers = {}): Promise<Reply> {
    const reply = await node.call("POST", path, { token: by.token, headers, ...(body === undefined ? {} : { body }) });
    expect(reply.statusCode, reply.body).toBe(status);
    return reply;
  }

  async function purchase(buyer: Signed, body: object, statuses = [201, 202, 402]): Promise<Bought> {
    const reply = await node.call("POST", "/purchases", { token: buyer.token, body, headers: idempotent("buy") });
    expect(statuses, reply.body).toContain(reply.statusCode);
    return { buyer, body, reply, bookingId: reply.json().bookingId };
  }
  const of = (reservationId: string, method: string | null) => ({
    reservationIds: [reservationId],
    ...(method === null ? {} : { payment: { method } }),
  });
  async function buy(sale: OnSale, method: string | null, quantity = 1): Promise<Bought> {
    const buyer = await node.signUp();
    const { id } = await shop.reserved(sale, buyer, { quantity });
    return purchase(buyer, of(id, method));
  }

  /** The booking as its buyer is shown it, by all that is recorded. */
  async function shown({ buyer, bookingId }: Bought) {
    const headers = { "boxoffice-min-position": await node.head() };
    return (await node.call("GET", `/bookings/${bookingId}`, { token: buyer.token, headers })).json();
  }
  const becomes = (one: Bought, status: string) =>
    expect.poll(async () => (await shown(one)).status, WITHIN).toBe(status);

  async function cancel(one: Bought, what: "all" | "first" = "all"): Promise<void> {
    const { tickets } = await shown(one);
    const body = what === "all" ? {} : { ticketIds: [tickets[0].ticketId] };
    await post(`/bookings/${one.bookingId}/cancel`, one.buyer, 200, body);
  }

  /** Nothing is due any more: no booking's timer, no mail. */
  const settled = () =>
    expect
      .poll(
        () =>
          backup.now(`select
            (select count(*)::int from readmodels.timers where stream like 'booking-%' and due_at <= now()) as timers,
            (select count(*)::int from processes.notices where outcome is null and due_at <= now()) as mails`),
        WITHIN,
      )
      .toEqual([{ timers: 0, mails: 0 }]);

  /** Purchases of every kind, of which some begin before the backup and go on after it. */
  async function someHistory(): Promise<readonly Bought[]> {
    const sale = await shop.onSale({ ...LONG, ticketTypes: [PRICED] });
    const picnic = await shop.onSale(LONG);
    const calledOff = await shop.onSale({ ...LONG, ticketTypes: [PRICED] });
    const waitlist = waitlistHands(node, organizer);
    const soldOut = await waitlist.soldOut({ ...LONG, ticketTypes: [{ ...PRICED, capacity: 2 }] });
    const waiting = await node.signUp();
    const { id: entryId } = await waitlist.joined(soldOut, waiting);

    const early = {
      whole: await buy(sale, "sandbox-ok", 2),
      inParts: await buy(sale, "sandbox-ok", 2),
      free: await buy(picnic, null),
      declined: await buy(sale, "sandbox-decline"),
      never: await buy(sale, "sandbox-never"),
      action: await buy(sale, "sandbox-action"),
      goodwill: await buy(sale, "sandbox-ok"),
      ofCalledOff: await buy(calledOff, "sandbox-ok", 3),
      openOfCalledOff: await buy(calledOff, "sandbox-never"),
      atOnce: await buy(sale, "sandbox-charge"),
    };
    await cancel(early.inParts, "first");
    await settled();
    const slowly = buy(sale, "sandbox-slow"); // under way while the backup is taken
    await backup.take();

    for (const one of [early.whole, early.inParts, early.free, early.never]) await cancel(one);
    const { clientSecret } = early.action.reply.json().payment;
    const attemptId = clientSecret.slice(0, clientSecret.indexOf("_"));
    await sandbox.client.call("POST", `/charges/${attemptId}/complete`, { clientSecret, confirm: true });
    const amount = { amount: 500, currency: "EUR" };
    await post(`/bookings/${early.goodwill.bookingId}/refunds`, organizer, 201, { amount });
    await post(`/events/${calledOff.eventId}/cancel`, organizer, 202);
    await waitlist.giveBack(soldOut);
    const collector = await node.signUp();
    const { cartId } = await handsOn(node).put(lineOf(sale), collector, 2);
    const late = {
      ofCart: await purchase(collector, { cartId, payment: { method: "sandbox-ok" } }),
      offered: await purchase(waiting, of(entryId, "sandbox-ok")),
      paid: await buy(sale, "sandbox-ok"),
      free: await buy(picnic, null),
      declined: await buy(sale, "sandbox-decline"),
      open: await buy(sale, "sandbox-never"),
      slowly: await slowly,
    };
    await becomes(early.action, "PAID");
    await becomes(late.slowly, "PAID");
    const progress = async () =>
      (await node.call("GET", `/events/${calledOff.eventId}/cancellation`, { token: organizer.token })).json().status;
    await expect.poll(progress, WITHIN).toBe("DONE");
    await settled();
    return [...Object.values(early), ...Object.values(late)];
  }

  return {
    node,
    backup,
    mails: mails as Pick<MailServer, "received">,
    someHistory,
    shown,
    settled,
    /** Asks for the same again, with the same key; 409 where the event was called off while the payment was open. */
    again: ({ buyer, body }: Bought) => purchase(buyer, body, [201, 202, 402, 409]),
    /** Somebody new buys something new. @returns once he has a mail about it, which any earlier ones would precede */
    async buyAndBeTold(): Promise<Bought> {
      const bought = await buy(await shop.onSale({ ticketTypes: [PRICED] }), "sandbox-ok");
      const told = () => mails.received.filter(({ to }) => to === bought.buyer.email).length;
      await expect.poll(told, WITHIN).toBe(1);
      return bought;
    },
    /** All that the provider has on record. */
    provided: async () => ({
      charges: await Array.fromAsync(sandbox.provider.chargesSince(0)),
      refunds: (await sandbox.client.call("GET", "/refunds")).body as { items: readonly unknown[] },
    }),
    async close() {
      await backup.close();
      await node.close();
      await sandbox.close();
      await mails.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
