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
  /** Nothing is answered, whatever is asked, until it is set back. */
  isAway = false;
  /** What becomes of refunds when they are asked for, also again; `impossible`: nothing is made of them. */
  refundsBecome: Refund["status"] | "impossible" = "succeeded";
  /** By what it was looked up: the charge's id where it was given, else the attempt's. */
  readonly lookedUp: string[] = [];
  /** What happens before somebody who walks through the charges gets the next one. */
  whileListing: (next: Charge) => Promise<void> | void = () => {};
  readonly #faults: { readonly call: Call; readonly fault: CallFault }[] = [];
  readonly #gates: { readonly call: Call; readonly wait: Promise<void> }[] = [];

  /** The next such call goes wrong; several are used up in turn. */
  fail(call: Call, fault: CallFault = "away"): void {
    this.#faults.push({ call, fault });
  }

  /** What was to go wrong and has not yet, does not. */
  heal(): void {
    this.#faults.length = 0;
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

  /** Somebody gives money back in the provider's dashboard. */
  giveBack(attemptId: string, amountMinor: number): void {
    const charge = this.#known(attemptId);
    this.#put({ ...charge, refundedMinor: charge.refundedMinor + amountMinor });
  }

  /** A charge that came about in another way. */
  add(charge: Partial<Charge> & Pick<Charge, "attemptId" | "bookingId" | "status">): Charge {
    const amount = { amount: 4_500, currency: "EUR" };
    return this.#put({ ...NOTHING, chargeId: `ch_${this.charges.size + 1}`, amount, ...charge });
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
      const providerRefundId = `re_${refundId}`;
      if (this.refunds.has(refundId)) return { providerRefundId, status: "succeeded" };
      if (charge.status !== "captured" || charge.refundedMinor + amount.amount > charge.amount.amount) {
        throw new ChargeNotPossible("more than is left");
      }
      if (this.refundsBecome === "impossible") throw new ChargeNotPossible("the charge is disputed");
      if (this.refundsBecome !== "succeeded") return { providerRefundId, status: this.refundsBecome };
      this.refunds.set(refundId, request);
      this.#put({ ...charge, refundedMinor: charge.refundedMinor + amount.amount });
      return { providerRefundId, status: "succeeded" };
    });
  }

  lookUp(attemptId: string, chargeId: string | null = null): Promise<Charge | null> {
    this.lookedUp.push(chargeId ?? attemptId);
    return this.#call("lookUp", () => this.charges.get(attemptId) ?? null);
  }

  async *chargesSince(): AsyncIterable<Charge> {
    if (this.isAway) throw new ProviderUnavailable("away");
    const listed = [...this.charges.values()]; // as Stripe and the sandbox do: as they were when the list was made
    for (const charge of listed) {
      await this.whileListing(charge);
      yield charge;
    }
  }

  webhook(): null {
    return null;
  }

  async close(): Promise<void> {}

  async #call<Value>(call: Call, run: () => Value): Promise<Value> {
    this.calls.push(call);
    const gate = this.#gates.findIndex((one) => one.call === call);
    if (gate >= 0) await this.#gates.splice(gate, 1)[0]?.wait;
    if (this.isAway) throw new ProviderUnavailable("away");
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
