import { derivedId } from "../commands/derived-id.ts";
import type { InventoryRunner } from "../commands/events.ts";
import type { CommandContext } from "../commands/outcome.ts";
import type { BookingRunner, CartCheckout } from "../commands/purchases.ts";
import type { BookingEvent, BookingLine } from "../domain/booking-events.ts";
import { type Booking, evolve, type OpenedBooking, type PaymentAttempt } from "../domain/booking-state.ts";
import { nextSteps, type Step } from "../domain/booking-steps.ts";
import type { RecordedEvent } from "../eventstore/envelope.ts";
import type { Position } from "../eventstore/port.ts";
import { bookingStream, inventoryStream } from "../eventstore/streams.ts";
import { type Charge, ChargeNotPossible, type PaymentProvider, ProviderUnavailable } from "../payments/port.ts";
import type { Clock, Log } from "../ports.ts";
import { type Awaited, lookAgainAt } from "./looking-again.ts";

export interface DriveDependencies {
  readonly bookings: BookingRunner;
  readonly inventories: InventoryRunner;
  readonly carts: CartCheckout & {
    complete(accountId: string, cartId: string, bookingId: string, context: CommandContext): Promise<unknown>;
  };
  readonly provider: PaymentProvider;
  readonly clock: Clock;
  readonly log: Log;
}

/** The first events of a booking's stream, as this process recorded them. */
export type Opened = readonly RecordedEvent<BookingEvent>[];

/** How far a booking was brought. */
export interface Driven {
  readonly booking: Booking;
  /** Of the last event of it that this drive recorded or saw. */
  readonly position: Position;
  /** When to look again; null when it is at rest. */
  readonly againAtMs: number | null;
  /** For the buyer, while the provider wants something of him. */
  readonly clientSecret: string | null;
  /** The provider gave no answer, so that another drive may bring the booking on at once. */
  readonly unanswered: boolean;
}

/** Steps of one drive; what is left then is for the next, at once. Most bookings' whole lives have fewer. */
const MAX_STEPS = 30;
/** An older attempt is looked up at the provider, never made again: by then it may have forgotten the key. */
const MAX_ATTEMPT_AGE_MS = 12 * 3_600_000;
/** After a payment that came late the tickets are booked at once; this is what a crash in between may take. */
const REVIVED_CLAIM_MS = 60_000;

/** What a step leaves: go on, or wait until something happens or a time has come. */
type Went = "on" | { readonly waitUntilMs: number; readonly clientSecret?: string | null };

/** One drive of one booking: looks at it, does what `nextSteps` says, records what came of it, and looks again. */
export class Drive {
  readonly #deps: DriveDependencies;
  readonly #bookingId: string;
  readonly #context: CommandContext;
  readonly #stream: string;
  /** The provider can't have heard of the attempt. */
  #fresh = false;
  #position: Position = 0n;
  #booking: Booking = { status: "missing" };
  #revision = -1;
  /** By the one clock, when the state was looked at. */
  #atMs = 0;
  /** When the last event was recorded. */
  #lastAtMs = 0;

  constructor(deps: DriveDependencies, bookingId: string, context: CommandContext) {
    this.#deps = deps;
    this.#bookingId = bookingId;
    this.#context = context;
    this.#stream = bookingStream(bookingId);
  }

  async run(opened: Opened): Promise<Driven> {
    let clientSecret: string | null = null;
    let unanswered = false;
    const { log } = this.#deps;
    /** Steps that have to wait, with the time that they wait for. */
    const waiting = new Map<string, number>();
    if (opened.length === 0) await this.#look();
    else {
      this.#fresh = true;
      this.#follow(opened);
    }
    for (let steps = 0; steps < MAX_STEPS; steps += 1) {
      const step = nextSteps(this.#booking).find((one) => !waiting.has(keyOf(one)));
      if (step === undefined) break;
      const went = await this.#take(step).catch((error: unknown): Went => {
        if (!(error instanceof ProviderUnavailable || error instanceof ChargeNotPossible)) throw error;
        log.warn(
          { bookingId: this.#bookingId, step: step.do, err: error },
          "the payment provider has to be asked again",
        );
        unanswered ||= error instanceof ProviderUnavailable;
        return { waitUntilMs: this.#waitFor(step.do) };
      });
      if (went === "on") continue;
      waiting.set(keyOf(step), went.waitUntilMs);
      clientSecret = went.clientSecret ?? clientSecret;
    }
    const isCutShort = nextSteps(this.#booking).some((one) => !waiting.has(keyOf(one)));
    const times = [...waiting.values(), ...(isCutShort ? [this.#atMs] : [])];
    const againAtMs = times.length === 0 ? null : Math.min(...times);
    return { booking: this.#booking, position: this.#position, againAtMs, clientSecret, unanswered };
  }

  async #look(): Promise<void> {
    const see = (booking: Booking, atMs: number, revision: number, lastAtMs: number) => {
      this.#booking = booking;
      this.#atMs = atMs;
      this.#revision = revision;
      this.#lastAtMs = lastAtMs;
    };
    await this.#deps.bookings.look(this.#stream, see);
  }

  #take(step: Step): Promise<Went> {
    const booking = this.#booking as OpenedBooking;
    switch (step.do) {
      case "pay":
        return this.#pay(booking, step.payment);
      case "confirm":
        return this.#confirm(booking, null);
      case "capture":
        return this.#capture(step.payment);
      case "void":
        return this.#void(booking, step.payment);
      case "let-go":
        return this.#letGo(booking, step.outcome);
      case "return-tickets":
        return this.#returnTickets(booking, step.cancellation);
      case "refund":
        return this.#refund(step.refund, step.payment);
    }
  }

  async #pay(booking: OpenedBooking, payment: PaymentAttempt): Promise<Went> {
    const isLate = this.#atMs >= Date.parse(booking.expiresAt);
    const charge = await this.#charge(booking, payment).catch((error: unknown) => {
      if (isLate && error instanceof ProviderUnavailable) return null; // should it be paid after all, that was too late
      throw error;
    });
    switch (charge?.status) {
      case "authorized":
      case "captured":
        return this.#confirm(booking, charge);
      case "declined":
      case "voided":
        return this.#notPaid(payment, charge);
      case undefined:
      case "pending":
      case "requires-action": {
        if (isLate) return this.#record({ type: "TimeOut" });
        if (charge?.status === "requires-action" && payment.status === "requested") {
          const { attemptId } = payment;
          const { chargeId } = charge;
          const outcome = "action-required";
          await this.#record({ type: "NoteNotPaid", attemptId, chargeId, outcome, reason: "" });
        }
        return { waitUntilMs: this.#waitFor("pay"), clientSecret: charge?.clientSecret ?? null };
      }
    }
  }

  /** What the provider has of the attempt; null when it has nothing and it is too late to ask for it. */
  async #charge(booking: OpenedBooking, payment: PaymentAttempt): Promise<Charge | null> {
    const { provider } = this.#deps;
    const { attemptId, amount, method } = payment;
    const { bookingId, expiresAt } = booking;
    const isNew = this.#fresh;
    this.#fresh = false;
    const known = isNew ? null : await provider.lookUp(attemptId, payment.chargeId);
    if (known !== null) return known;
    const isTooOld = this.#atMs - Date.parse(booking.createdAt) > MAX_ATTEMPT_AGE_MS;
    if (isTooOld || this.#atMs >= Date.parse(expiresAt)) return null;
    return provider.authorize({ attemptId, bookingId, amount, method, deadline: expiresAt });
  }

  /** The money is there, or none is needed: books all tickets, else ends the booking. */
  async #confirm(booking: OpenedBooking, charge: Charge | null): Promise<Went> {
    const { bookingId, cartId, accountId } = booking;
    const confirmed = await this.#onEach(booking, ({ reservationId }) => ({
      type: "Confirm",
      reservationId,
      bookingId,
    }));
    const refused = confirmed.find((outcome) => !outcome.accepted);
    if (refused !== undefined && !refused.accepted) {
      if (this.#atMs >= Date.parse(booking.expiresAt)) return this.#record({ type: "TimeOut" });
      const cause = refused.code === "event-cancelled" ? "event-cancelled" : "tickets-gone";
      return this.#record({ type: "Withdraw", cause });
    }
    if (cartId !== null) await this.#deps.carts.complete(accountId, cartId, bookingId, this.#context);
    const paid =
      charge === null
        ? null
        : { attemptId: charge.attemptId, chargeId: charge.chargeId, captured: charge.status === "captured" };
    // Refused when it was withdrawn meanwhile: the next look tells what to do then.
    return this.#record({ type: "ConfirmBooking", charge: paid });
  }

  async #capture(payment: PaymentAttempt): Promise<Went> {
    const charge = await this.#deps.provider.capture(payment).catch(async (error: unknown) => {
      if (!(error instanceof ChargeNotPossible)) throw error;
      const known = await this.#deps.provider.lookUp(payment.attemptId, payment.chargeId);
      if (known === null) throw error;
      return known;
    });
    if (charge.status === "captured") return this.#captured(charge);
    if (charge.status === "voided" || charge.status === "declined") return this.#notPaid(payment, charge);
    return { waitUntilMs: this.#waitFor("capture") };
  }

  /** A booking that came to nothing: the attempt must not succeed; when it did, its tickets are taken again if they can be. */
  async #void(booking: OpenedBooking, payment: PaymentAttempt): Promise<Went> {
    const { provider } = this.#deps;
    let late = false;
    if (booking.status === "timed-out") {
      const charge = await provider.lookUp(payment.attemptId, payment.chargeId);
      const isPaid = charge?.status === "authorized" || charge?.status === "captured";
      if (isPaid && (await this.#holdAgain(booking))) {
        const { attemptId, chargeId } = charge;
        return this.#record({ type: "Revive", attemptId, chargeId });
      }
      late = isPaid;
    }
    const charge = await provider.void(payment);
    if (charge.status === "captured") return this.#captured(charge);
    if (charge.status === "voided" || charge.status === "declined") return this.#notPaid(payment, charge, late);
    return { waitUntilMs: this.#waitFor("void") };
  }

  #captured({ attemptId, chargeId }: Charge): Promise<Went> {
    const refundId = derivedId(`refund/${attemptId}`);
    return this.#record({ type: "NoteCaptured", attemptId, chargeId, refundId });
  }

  #notPaid({ attemptId }: PaymentAttempt, charge: Charge, late = false): Promise<Went> {
    const { chargeId, declineReason, status } = charge;
    const outcome = status === "voided" ? "voided" : "declined";
    return this.#record({ type: "NoteNotPaid", attemptId, chargeId, outcome, reason: declineReason ?? outcome, late });
  }

  /** Takes the tickets of a late payment again: all of them or none. */
  async #holdAgain(booking: OpenedBooking): Promise<boolean> {
    const { bookingId, accountId } = booking;
    const deadlineMs = this.#atMs + REVIVED_CLAIM_MS;
    const held = await this.#onEach(booking, ({ reservationId, quantity, unitPrice, seats, prices }) => ({
      type: "HoldAgain",
      reservationId,
      bookingId,
      accountId,
      quantity,
      unitPrice,
      seats,
      prices,
      deadlineMs,
    }));
    if (held.every(({ accepted }) => accepted)) return true;
    await this.#letGoOfLines(booking, "late");
    return false;
  }

  async #letGo(booking: OpenedBooking, outcome: "declined" | "withdrawn" | "timed-out"): Promise<Went> {
    await this.#letGoOfLines(booking, outcome);
    const { accountId, cartId, bookingId } = booking;
    if (cartId !== null) await this.#deps.carts.reopen(accountId, cartId, bookingId, this.#context);
    return this.#record({ type: "NoteLetGo" });
  }

  #letGoOfLines(booking: OpenedBooking, outcome: "declined" | "withdrawn" | "timed-out" | "late") {
    const { bookingId } = booking;
    return this.#onEach(booking, ({ reservationId }) => ({ type: "LetGo", reservationId, bookingId, outcome }));
  }

  async #returnTickets(booking: OpenedBooking, { cancellationId, tickets }: OpenedBooking["cancellations"][number]) {
    const { bookingId, lines } = booking;
    await Promise.all(
      tickets.map(({ reservationId, ordinals }) => {
        const line = lines.find((one) => one.reservationId === reservationId) as BookingLine;
        return this.#on(line, { type: "ReturnTickets", reservationId, bookingId, ordinals });
      }),
    );
    return this.#record({ type: "NoteReturned", cancellationId });
  }

  async #refund({ refundId, amount }: OpenedBooking["refunds"][number], payment: PaymentAttempt): Promise<Went> {
    const { attemptId, chargeId } = payment;
    const { provider, log } = this.#deps;
    const refused = (reason: string): Went => {
      log.error({ bookingId: this.#bookingId, refundId, attemptId, chargeId, reason }, "a refund was refused");
      return { waitUntilMs: this.#lookAgainAt("refused") };
    };
    try {
      const { status, providerRefundId } = await provider.refund({ refundId, amount, attemptId, chargeId });
      if (status === "succeeded") return await this.#record({ type: "NoteRefunded", refundId, providerRefundId });
      return status === "failed" ? refused("it failed") : { waitUntilMs: this.#waitFor("refund") };
    } catch (error) {
      if (error instanceof ChargeNotPossible) return refused(error.message);
      throw error;
    }
  }

  /** When to look again at a step that the provider does not let us finish now. */
  #waitFor(step: Step["do"]): number {
    if (step !== "pay" && step !== "capture") return this.#lookAgainAt("settlement");
    const againAtMs = this.#lookAgainAt("payment");
    const expiresAtMs = Date.parse((this.#booking as OpenedBooking).expiresAt);
    return step === "pay" && expiresAtMs > this.#atMs ? Math.min(againAtMs, expiresAtMs) : againAtMs;
  }

  #lookAgainAt(awaited: Awaited): number {
    return lookAgainAt(awaited, this.#atMs, this.#atMs - this.#lastAtMs);
  }

  /** Whether it was accepted or others were quicker: what is on record then tells what comes next. */
  async #record(command: Parameters<BookingRunner["run"]>[1]): Promise<"on"> {
    const outcome = await this.#deps.bookings.run(this.#stream, command, this.#context, "first");
    if (outcome.accepted && outcome.position > this.#position) this.#position = outcome.position;
    const first = outcome.accepted ? outcome.events[0] : undefined;
    if (!outcome.accepted || first?.stored.revision !== this.#revision + 1) {
      await this.#look();
      return "on";
    }
    this.#follow(outcome.events);
    return "on";
  }

  /** Takes in what this process recorded, right after what was seen before. */
  #follow(recorded: Opened): void {
    for (const { event, envelope, stored } of recorded) {
      this.#booking = evolve(this.#booking, event);
      this.#revision = stored.revision;
      this.#lastAtMs = Date.parse(envelope.at);
    }
    this.#atMs = Math.max(this.#atMs, this.#deps.clock.nowMs());
  }

  #onEach(booking: OpenedBooking, command: (line: BookingLine) => UntimedInventoryCommand) {
    return Promise.all(booking.lines.map((line) => this.#on(line, command(line))));
  }

  #on({ eventId, ticketTypeId }: BookingLine, command: UntimedInventoryCommand) {
    return this.#deps.inventories.run(inventoryStream(eventId, ticketTypeId), command, this.#context, "first");
  }
}

type UntimedInventoryCommand = Parameters<InventoryRunner["run"]>[1];

/** Steps of the same key are the same piece of work. */
function keyOf(step: Step): string {
  if (step.do === "return-tickets") return `return/${step.cancellation.cancellationId}`;
  return step.do === "refund" ? `refund/${step.refund.refundId}` : step.do;
}
