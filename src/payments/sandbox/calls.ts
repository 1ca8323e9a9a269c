import { z } from "zod";
import { type KeptCharge, type Refusal, refused, shown } from "./charge.ts";
import type { Charges } from "./charges.ts";
import type { DueCharges } from "./due-charges.ts";
import { type Faults, faultsSchema } from "./faults.ts";
import type { GroupCommit } from "./group-commit.ts";
import type { Ledger } from "./ledger.ts";
import { isSandboxMethod } from "./methods.ts";
import type { MovedClock } from "./moved-clock.ts";
import type { KeptRefund, Refunds } from "./refunds.ts";
import type { WebhookOutbox } from "./webhook-outbox.ts";
import type { WebhookSender } from "./webhook-sender.ts";

export interface Call {
  /** The attempt that the path names; empty where it names none. */
  readonly attemptId: string;
  readonly query: URLSearchParams;
  /** The body as JSON has it; undefined without one. */
  readonly body: unknown;
}

export interface Reply {
  readonly status: 200 | 400 | 403 | 404 | 409;
  readonly body: object;
}

export interface Route {
  readonly run: (call: Call) => Reply | Promise<Reply>;
  /** Without the nodes' token: the buyer's browser comes here, with the client secret. */
  readonly open?: true;
  /** About money: a share of these can be made to go wrong. */
  readonly faulty?: true;
}

const id = z.string().min(1).max(200);
const money = z.strictObject({
  amount: z.int().positive(),
  currency: z.string().regex(/^[A-Z]{3}$/),
});
const authorization = z.strictObject({
  attemptId: id,
  bookingId: id,
  amount: money,
  method: z.string().refine(isSandboxMethod, "is no sandbox method"),
  deadline: z.iso.datetime(),
});
const refundOrder = z.strictObject({ refundId: id, amount: money });
const completion = z.strictObject({ clientSecret: z.string(), confirm: z.boolean().default(true) });
const clockSetting = z.strictObject({ offsetMs: z.int() });
const endpoint = z.strictObject({ url: z.url({ protocol: /^https?$/ }).max(2_000) });
const page = z.object({
  since: z.coerce.number().int().default(0),
  after: z.coerce.number().int().default(0),
  limit: z.coerce.number().int().min(1).max(500).default(500),
});

const STATUS_OF: Readonly<Record<Refusal, 403 | 404 | 409>> = {
  "id-reused": 409,
  "no-such-charge": 404,
  "not-possible": 409,
  "wrong-secret": 403,
};

const ok = (body: object): Reply => ({ status: 200, body });
const no = (code: Refusal): Reply => ({ status: STATUS_OF[code], body: { code } });
const ofCharge = (ruling: KeptCharge | Refusal): Reply => (refused(ruling) ? no(ruling) : ok(shown(ruling)));
const ofRefund = (ruling: KeptRefund | Refusal): Reply =>
  refused(ruling) ? no(ruling) : ok({ providerRefundId: ruling.providerRefundId, status: "succeeded" });

export interface CallsParts {
  readonly ledger: Ledger;
  readonly charges: Charges;
  readonly refunds: Refunds;
  readonly outbox: WebhookOutbox;
  readonly commits: GroupCommit;
  readonly clock: MovedClock;
  readonly due: DueCharges;
  readonly sender: WebhookSender;
  readonly faults: Faults;
  readonly wallMs: () => number;
}

/** What can be asked of the provider, by method and path. A body that doesn't fit throws zod's error. */
export function callsOf(parts: CallsParts): ReadonlyMap<string, Route> {
  const { ledger, charges, refunds, outbox, commits, clock, due, sender, faults, wallMs } = parts;

  return new Map<string, Route>([
    [
      "POST /charges",
      {
        faulty: true,
        run: async ({ body }) => {
          const asked = authorization.parse(body);
          const ruling = await commits.run(() => ledger.authorize(asked));
          if (!refused(ruling) && ruling.dueMs !== null) due.expect(ruling.dueMs);
          return ofCharge(ruling);
        },
      },
    ],
    [
      "GET /charges/:id",
      {
        faulty: true,
        run: ({ attemptId }) => ofCharge(charges.find(attemptId) ?? "no-such-charge"),
      },
    ],
    [
      "POST /charges/:id/capture",
      { faulty: true, run: async ({ attemptId }) => ofCharge(await commits.run(() => ledger.capture(attemptId))) },
    ],
    [
      "POST /charges/:id/void",
      { faulty: true, run: async ({ attemptId }) => ofCharge(await commits.run(() => ledger.void(attemptId))) },
    ],
    [
      "POST /charges/:id/refunds",
      {
        faulty: true,
        run: async ({ attemptId, body }) => {
          const asked = { attemptId, ...refundOrder.parse(body) };
          return ofRefund(await commits.run(() => ledger.refund(asked)));
        },
      },
    ],
    [
      "POST /charges/:id/complete",
      {
        open: true,
        run: async ({ attemptId, body }) => {
          const { clientSecret, confirm } = completion.parse(body);
          const ruling = await commits.run(() => ledger.complete(attemptId, clientSecret, confirm));
          sender.wake();
          return ofCharge(ruling);
        },
      },
    ],
    [
      "GET /charges",
      {
        faulty: true,
        run: ({ query }) => {
          const { since, after, limit } = page.parse(Object.fromEntries(query));
          const found = charges.after({ createdMs: since, seq: after }, limit);
          const last = found.length < limit ? undefined : found.at(-1)?.place;
          const next = last === undefined ? null : { since: last.createdMs, after: last.seq };
          return ok({ items: found.map(({ charge }) => shown(charge)), next });
        },
      },
    ],
    [
      "GET /refunds",
      {
        faulty: true,
        run: ({ query }) => {
          const { after, limit } = page.parse(Object.fromEntries(query));
          const found = refunds.after(after, limit);
          const next = found.length < limit ? null : { after: found.at(-1)?.seq };
          return ok({ items: found.map(({ refund }) => ({ ...refund, status: "succeeded" })), next });
        },
      },
    ],
    [
      "POST /clock",
      {
        run: async ({ body }) => {
          await clock.moveTo(clockSetting.parse(body).offsetMs);
          await due.settle();
          return ok({ nowMs: clock.nowMs() });
        },
      },
    ],
    [
      "POST /webhook-endpoint",
      {
        run: async ({ body }) => {
          const { url } = endpoint.parse(body);
          await commits.run(() => outbox.tellEndpoint(url, wallMs()));
          sender.wake();
          return ok({ endpoints: outbox.endpoints() });
        },
      },
    ],
    [
      "POST /faults",
      {
        run: ({ body }) => {
          const settings = faultsSchema.parse(body);
          faults.set(settings);
          return ok(settings);
        },
      },
    ],
  ]);
}
