import { type Answer, failure, missing, ok, unknownParameter } from "./answers.ts";
import { expands, type Form, metadataOf, unknownName } from "./form.ts";

type IntentStatus =
  | "requires_payment_method"
  | "requires_action"
  | "processing"
  | "requires_capture"
  | "canceled"
  | "succeeded";

export interface StoredIntent {
  readonly id: string;
  readonly object: "payment_intent";
  readonly amount: number;
  readonly currency: string;
  readonly client_secret: string;
  readonly created: number;
  readonly metadata: Readonly<Record<string, string>>;
  status: IntentStatus;
  cancellation_reason: string | null;
  last_payment_error: { readonly code: string; readonly decline_code?: string } | null;
  latest_charge: string | null;
}

export interface StoredRefund {
  readonly id: string;
  readonly object: "refund";
  readonly amount: number;
  readonly currency: string;
  readonly payment_intent: string;
  readonly metadata: Readonly<Record<string, string>>;
  status: "pending" | "succeeded" | "failed";
}

/** What becomes of a payment method; any other one is unknown. */
const METHODS: Readonly<Record<string, IntentStatus>> = {
  pm_card_visa: "requires_capture",
  pm_card_visa_chargeDeclinedInsufficientFunds: "requires_payment_method",
  pm_card_threeDSecure2Required: "requires_action",
  pm_slow: "processing",
};

const CREATE = [
  ..."amount currency payment_method capture_method confirm use_stripe_sdk description metadata[]".split(" "),
  "automatic_payment_methods[enabled]",
  "automatic_payment_methods[allow_redirects]",
];

/** The PaymentIntents and Refunds of one account, as far as Boxoffice uses them; kept in memory. */
export class StripePayments {
  readonly intents = new Map<string, StoredIntent>();
  readonly refunds = new Map<string, StoredRefund>();
  /** What the next refunds become at first. */
  refundsBecome: StoredRefund["status"] = "succeeded";
  /** New intents are not found by searching until it is set back. */
  searchIsBehind = false;
  nowMs: () => number = Date.now;
  readonly #unindexed = new Set<string>();
  #made = 0;

  /** What the buyer or his bank does with an intent that waits for it. */
  finish(intentId: string, status: IntentStatus): void {
    const intent = this.intents.get(intentId);
    if (intent === undefined) throw new Error(`no intent ${intentId}`);
    this.#become(intent, status);
  }

  refundBecomes(refundId: string, status: StoredRefund["status"]): void {
    const refund = this.refunds.get(refundId);
    if (refund === undefined) throw new Error(`no refund ${refundId}`);
    refund.status = status;
  }

  /** A PaymentIntent that is not confirmed. */
  add({ amount, currency, metadata }: Pick<StoredIntent, "amount" | "currency" | "metadata">): StoredIntent {
    this.#made += 1;
    const id = `pi_${this.#made}`;
    const intent: StoredIntent = {
      ...{ id, object: "payment_intent", amount, currency, metadata },
      client_secret: `${id}_secret_${this.#made}`,
      created: Math.floor(this.nowMs() / 1_000),
      ...{
        status: "requires_payment_method",
        cancellation_reason: null,
        last_payment_error: null,
        latest_charge: null,
      },
    };
    this.intents.set(id, intent);
    if (this.searchIsBehind) this.#unindexed.add(id);
    return intent;
  }

  create(form: Form): Answer {
    const unknown = unknownName(form, CREATE);
    if (unknown !== undefined) return unknownParameter(unknown);
    const amount = Number(form.get("amount"));
    const currency = form.get("currency") ?? "";
    if (!/^[a-z]{3}$/.test(currency)) return failure(400, { param: "currency", message: "Invalid currency" });
    if (!Number.isSafeInteger(amount) || amount < 50)
      return failure(400, { code: "amount_too_small", param: "amount" });
    if (form.get("capture_method") !== "manual") throw new Error("it is authorized first");
    const method = form.get("payment_method");
    const becomes = METHODS[method ?? ""];
    if (method !== undefined && becomes === undefined)
      return failure(400, { code: "resource_missing", param: "payment_method" });
    const intent = this.add({ amount, currency, metadata: metadataOf(form) });
    if (form.get("confirm") !== "true" || becomes === undefined) return ok(intent);
    this.#become(intent, becomes);
    if (becomes !== "requires_payment_method") return ok({ ...intent });
    return failure(402, { type: "card_error", ...intent.last_payment_error, payment_intent: { ...intent } });
  }

  get(intentId: string, form: Form): Answer {
    const intent = this.intents.get(intentId);
    return intent === undefined
      ? missing("payment_intent")
      : ok(this.#shown(intent, expands(form, "latest_charge.refunds")));
  }

  capture(intentId: string): Answer {
    return this.#change(intentId, ["requires_capture"], (intent) => {
      intent.status = "succeeded";
    });
  }

  cancel(intentId: string, form: Form): Answer {
    const from: readonly IntentStatus[] = ["requires_payment_method", "requires_action", "requires_capture"];
    return this.#change(intentId, from, (intent) => {
      intent.status = "canceled";
      intent.cancellation_reason = form.get("cancellation_reason") ?? null;
      intent.last_payment_error = null;
    });
  }

  list(form: Form): Answer {
    const gte = Number(form.get("created[gte]") ?? 0);
    const lt = Number(form.get("created[lt]") ?? Number.POSITIVE_INFINITY);
    const isExpanded = expands(form, "data.latest_charge.refunds");
    const newestFirst = [...this.intents.values()].reverse().filter(({ created }) => created >= gte && created < lt);
    return page("/v1/payment_intents", newestFirst, form, (intent) => this.#shown(intent, isExpanded));
  }

  search(form: Form): Answer {
    const [, key = "", value] = /^metadata\['(\w+)'\]:'([^']*)'$/.exec(form.get("query") ?? "") ?? [];
    const data = [...this.intents.values()].filter(
      ({ id, metadata }) => metadata[key] === value && !(this.searchIsBehind && this.#unindexed.has(id)),
    );
    return ok({ object: "search_result", url: "/v1/payment_intents/search", has_more: false, data });
  }

  refund(form: Form): Answer {
    const unknown = unknownName(form, ["payment_intent", "amount", "metadata[]"]);
    if (unknown !== undefined) return unknownParameter(unknown);
    const intent = this.intents.get(form.get("payment_intent") ?? "");
    if (intent === undefined) return missing("payment_intent");
    if (intent.status !== "succeeded") return unexpectedState(intent);
    const amount = Number(form.get("amount"));
    const left = intent.amount - this.#refunded(intent);
    if (left === 0) return failure(400, { code: "charge_already_refunded" });
    if (amount > left) return failure(400, { message: "Refund amount is greater than unrefunded amount on charge" });
    this.#made += 1;
    const id = `re_${this.#made}`;
    const status = this.refundsBecome;
    const refund = { id, object: "refund", amount, currency: intent.currency, payment_intent: intent.id } as const;
    const stored = { ...refund, status, metadata: metadataOf(form) };
    this.refunds.set(id, stored);
    return ok(stored);
  }

  listRefunds(form: Form): Answer {
    return page("/v1/refunds", this.#refundsOf(form.get("payment_intent") ?? ""), form, (refund) => refund);
  }

  #become(intent: StoredIntent, status: IntentStatus): void {
    intent.status = status;
    if (status === "requires_capture") intent.latest_charge = intent.id.replace("pi_", "ch_");
    if (status === "requires_payment_method") {
      intent.last_payment_error = { code: "card_declined", decline_code: "insufficient_funds" };
    }
  }

  #change(intentId: string, from: readonly IntentStatus[], change: (intent: StoredIntent) => void): Answer {
    const intent = this.intents.get(intentId);
    if (intent === undefined) return missing("payment_intent");
    if (!from.includes(intent.status)) return unexpectedState(intent);
    change(intent);
    return ok({ ...intent });
  }

  #shown(intent: StoredIntent, isExpanded: boolean): object {
    if (intent.latest_charge === null || !isExpanded) return { ...intent };
    const refunds = this.#refundsOf(intent.id);
    const latest = { object: "list", data: refunds.slice(0, 10), has_more: refunds.length > 10, url: "/v1/refunds" };
    const charge = { id: intent.latest_charge, object: "charge", amount_refunded: this.#refunded(intent) };
    return { ...intent, latest_charge: { ...charge, refunds: latest } };
  }

  /** The newest first. */
  #refundsOf(intentId: string): StoredRefund[] {
    return [...this.refunds.values()].filter(({ payment_intent }) => payment_intent === intentId).reverse();
  }

  #refunded({ id }: StoredIntent): number {
    const counted = this.#refundsOf(id).filter(({ status }) => status !== "failed");
    return counted.reduce((sum, { amount }) => sum + amount, 0);
  }
}

function unexpectedState(intent: StoredIntent): Answer {
  return failure(400, { code: "payment_intent_unexpected_state", payment_intent: { ...intent } });
}

function page<T extends { readonly id: string }>(
  url: string,
  all: readonly T[],
  form: Form,
  show: (one: T) => object,
): Answer {
  const limit = Number(form.get("limit") ?? 10);
  if (!(limit >= 1 && limit <= 100)) return failure(400, { param: "limit", message: "must be from 1 to 100" });
  const after = form.get("starting_after");
  const start = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1;
  const data = all.slice(start, start + limit).map(show);
  return ok({ object: "list", url, has_more: all.length > start + limit, data });
}
