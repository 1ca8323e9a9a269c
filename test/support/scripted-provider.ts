import {
  type Authorization,
  type Charge,
  ChargeNotPossible,
  type ChargeRef,
  type PaymentProvider,
  ProviderUnavailable,
  type Refund,
  type RefundRequest,
} from "../../src/payments/port.ts";

type Call = "authorize" | "capture" | "void" | "refund" | "lookUp";

/** What goes wrong with one call: it fails before anything is done, or its answer is lost. */
export type CallFault = "away" | "answer-lost";

/**
 * A payment provider in memory for specs of what stands on the port. The method says what becomes of a charge: `ok`,
 * `decline`, `pending` (until {@link ScriptedProvider.decide}), `unstoppable` (pending, and can't be voided), `action`,
 * `charge` (takes the money at once).
 */
export class ScriptedProvider implements PaymentProvider {
  readonly name = "scripted";
  readonly charges = new Map<string, Charge & { readonly method: string }>();
  /** Refunds that were given, by our id. */
  readonly refunds = new Map<string, RefundRequest>();
  readonly calls: Call[] = [];
  readonly #faults: { readonly call: Call; readonly fault: CallFault }[] = [];
  readonly #gates: { readonly call: Call; readonly wait: Promise<void> }[] = [];

  /** The next such call goes wrong; several are used up in turn. */
  fail(call: Call, fault: CallFault = "away"): void {
    this.#faults.push({ call, fault });
  }

  /** The next such call waits until it is let go. */
  hold(call: Call): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gates.push({ call, wait: promise });
    return resolve;
  }

  /** The provider comes to a decision on a charge that was pending. */
  decide(attemptId: string, status: Charge["status"]): void {
    this.#put({ ...this.#known(attemptId), status });
  }

  /** Attempts in the order in which they came. */
  get attempts(): string[] {
    return [...this.charges.keys()];
  }

  accepts(method: string): boolean {
    return ["ok", "decline", "pending", "unstoppable", "action", "charge"].includes(method);
  }

  authorize({ attemptId, bookingId, amount, method }: Authorization): Promise<Charge> {
    return this.#call("authorize", () => {
      const status = (
        { ok: "authorized", decline: "declined", action: "requires-action", charge: "captured" } as const
      )[method];
      return (
        this.charges.get(attemptId) ??
        this.#put({
          attemptId,
          bookingId,
          amount,
          method,
          chargeId: `ch_${this.charges.size + 1}`,
          status: status ?? "pending",
          refundedMinor: 0,
          clientSecret: method === "action" ? "secret" : null,
          declineReason: method === "decline" ? "no-money" : null,
        })
      );
    });
  }

  capture({ attemptId }: ChargeRef): Promise<Charge> {
    return this.#call("capture", () => {
      const charge = this.#known(attemptId);
      if (charge.status === "captured") return charge;
      if (charge.status !== "authorized") throw new ChargeNotPossible(charge.status);
      return this.#put({ ...charge, status: "captured" });
    });
  }

  void({ attemptId }: ChargeRef): Promise<Charge> {
    return this.#call("void", () => {
      const charge = this.charges.get(attemptId) ?? { ...NOTHING, attemptId };
      const isFinal = ["captured", "declined", "voided"].includes(charge.status);
      if (isFinal || (charge.method === "unstoppable" && charge.status === "pending")) return charge;
      return this.#put({ ...charge, status: "voided" });
    });
  }

  refund(request: RefundRequest): Promise<Refund> {
    return this.#call("refund", () => {
      const { refundId, attemptId, amount } = request;
      const charge = this.#known(attemptId);
      if (!this.refunds.has(refundId)) {
        if (charge.status !== "captured" || charge.refundedMinor + amount.amount > charge.amount.amount) {
          throw new ChargeNotPossible("more than is left");
        }
        this.refunds.set(refundId, request);
        this.#put({ ...charge, refundedMinor: charge.refundedMinor + amount.amount });
      }
      return { providerRefundId: `re_${refundId}`, status: "succeeded" };
    });
  }

  lookUp(attemptId: string): Promise<Charge | null> {
    return this.#call("lookUp", () => this.charges.get(attemptId) ?? null);
  }

  async *chargesSince(): AsyncIterable<Charge> {
    yield* this.charges.values();
  }

  webhook(): null {
    return null;
  }

  async close(): Promise<void> {}

  async #call<Value>(call: Call, run: () => Value): Promise<Value> {
    this.calls.push(call);
    const gate = this.#gates.findIndex((one) => one.call === call);
    if (gate >= 0) await this.#gates.splice(gate, 1)[0]?.wait;
    const at = this.#faults.findIndex((one) => one.call === call);
    const fault = at < 0 ? null : this.#faults.splice(at, 1)[0]?.fault;
    if (fault === "away") throw new ProviderUnavailable("away");
    const value = run();
    if (fault === "answer-lost") throw new ProviderUnavailable("the answer was lost");
    return value;
  }

  #known(attemptId: string) {
    const charge = this.charges.get(attemptId);
    if (charge === undefined) throw new ChargeNotPossible("no such charge");
    return charge;
  }

  #put(charge: Charge & { readonly method: string }) {
    this.charges.set(charge.attemptId, charge);
    return charge;
  }
}

const NOTHING = {
  bookingId: "",
  amount: { amount: 0, currency: "EUR" },
  method: "",
  chargeId: "",
  status: "pending",
  refundedMinor: 0,
  clientSecret: null,
  declineReason: null,
} as const;
