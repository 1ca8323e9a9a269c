import type { RecordedInventory } from "../../simulation/checks/recorded-inventory.ts";
import type { ToldCancellation, ToldPurchase } from "../../system/buying/told.ts";
import { codeIn } from "../clients/wish.ts";
import type { Entry, Outcome } from "../history/history.ts";
import type { BookingStanding } from "./booking-standing.ts";
import type { Findings } from "./findings.ts";
import { grantedOf } from "./granted.ts";
import { isAnotherBody, Keys } from "./keys.ts";
import type { Moments } from "./moments.ts";
import type { TortureRecord } from "./record.ts";
import { reasonFor } from "./refused.ts";
import { seenOf } from "./seen.ts";
import { subjectOf } from "./subject.ts";
import type { Sweep } from "./sweep.ts";

export type Answered = Extract<Outcome, { answered: true }>;

export interface TestimonyOptions {
  readonly record: TortureRecord;
  readonly moments: Moments;
  readonly findings: Findings;
  readonly inventories: Sweep<RecordedInventory>;
  readonly bookings: Sweep<BookingStanding>;
  /** When each command was asked for the first time, by its number. */
  readonly beganAtMs: ReadonlyMap<number, number>;
  /** What the log's clock is ahead of that of the clients. */
  readonly clockAheadMs: number;
}

/** All that clients say that they saw, made into questions to the log. */
export class Testimony {
  readonly keys: Keys;
  readonly purchases: ToldPurchase[] = [];
  readonly cancellations: (Omit<ToldCancellation, "tickets"> & { readonly ticketIds: readonly string[] | null })[] = [];
  readonly counted = { attempts: 0, granted: 0, refused: 0, unknown: 0, reads: 0, otherBodies: 0, staleChanges: 0 };
  /** Commands that nobody has told yet what came of them. */
  readonly #open = new Map<number, string>();
  readonly #options: TestimonyOptions;

  constructor(options: TestimonyOptions) {
    this.#options = options;
    this.keys = new Keys(options.findings);
  }

  take(entry: Entry): void {
    this.counted.attempts += 1;
    const { outcome, command, name, method } = entry;
    this.keys.take(entry);
    if (!outcome.answered) {
      this.counted.unknown += 1;
      if (outcome.why.startsWith("500")) this.#wrong("answers of 500", entry, outcome.why);
      if (method !== "GET" && (entry.key !== null || method !== "POST")) this.#open.set(command, shown(entry));
      return;
    }
    this.#open.delete(command);
    const { status, position, body } = outcome;
    if (position !== null && BigInt(position) > this.#options.record.head) {
      this.#wrong("positions beyond the log", entry, position);
    }
    if (isAnotherBody(entry)) {
      this.counted.otherBodies += 1;
      if (status !== 422) this.#wrong("keys taken again with another body", entry, `${status} ${codeIn(body)}`);
    } else if (method === "GET") this.#seen(entry, outcome);
    else if (status < 300 || status === 402) this.#granted(entry, outcome);
    else this.#refused(entry, outcome);
    if (entry.ifMatch !== null && name === "patch an event of before") {
      this.counted.staleChanges += 1;
      if (status !== 412 && codeIn(body) !== "event-cancelled") this.#wrong("stale changes", entry, String(status));
    }
  }

  /** All was told. */
  conclude(): void {
    const { findings, record, moments } = this.#options;
    findings.addAll("commands that were never answered", [...this.#open.values()]);
    this.keys.conclude(record, (began, ended) => moments.spanOf(began, ended));
  }

  #granted(entry: Entry, outcome: Answered): void {
    this.counted.granted += 1;
    const { inventories, bookings, record } = this.#options;
    const { from, to } = this.#span(entry);
    const told = grantedOf(entry, outcome, record, this.#options.clockAheadMs);
    const { attempts: attempt } = this.counted;
    for (const { stream, isSo } of told.inventories) inventories.ask(stream, { from, to, isSo, attempt });
    for (const { stream, isSo } of told.bookings) bookings.ask(stream, { from, to, isSo, attempt });
    this.purchases.push(...told.purchases);
    this.cancellations.push(...told.cancellations);
    for (const fault of told.lost) this.#wrong("acknowledged and lost", entry, fault);
  }

  #refused(entry: Entry, { status, body, endedAtMs }: Answered): void {
    this.counted.refused += 1;
    const code = codeIn(body);
    if (status === 401 || status === 403 || status === 422 || status === 400) {
      if (!MAY_BE_BAD.has(code) && !MAY_FORBID.has(code))
        this.#wrong("answers that nobody should get", entry, `${status} ${JSON.stringify(body)}`);
    }
    const { record, inventories, clockAheadMs, moments } = this.#options;
    const subject = subjectOf(entry, record);
    if (subject === null) return;
    const { available = null } = (body ?? {}) as { readonly available?: number | null };
    const isSo = reasonFor({
      ...{ ...subject, code, available, account: entry.account },
      ...{ beganAtMs: entry.sentAtMs + clockAheadMs, endedAtMs: endedAtMs + clockAheadMs },
    });
    if (isSo === null) return;
    const { from, to } = moments.spanOf(entry.sentAtMs, endedAtMs);
    inventories.ask(subject.stream, { from, to, isSo, attempt: this.counted.attempts });
  }

  #seen(entry: Entry, outcome: Answered): void {
    this.counted.reads += 1;
    const { inventories, bookings, record, moments, clockAheadMs } = this.#options;
    if (outcome.status === 404) this.#wrong("acknowledged and not to be seen", entry, codeIn(outcome.body));
    if (outcome.status !== 200) return;
    const from = entry.minPosition === null ? 0n : BigInt(entry.minPosition);
    const to = moments.by(outcome.endedAtMs);
    const times = { beganAtMs: entry.sentAtMs + clockAheadMs, endedAtMs: outcome.endedAtMs + clockAheadMs };
    const { attempts: attempt } = this.counted;
    const seen = seenOf(entry, outcome.body, record, times);
    for (const { stream, isSo } of seen.inventories) inventories.ask(stream, { from, to, isSo, attempt });
    for (const { stream, isSo } of seen.bookings) bookings.ask(stream, { from, to, isSo, attempt });
  }

  /** From the first time that it was asked: what was granted later may have been done then. */
  #span({ command, sentAtMs, outcome }: Entry) {
    const { moments, beganAtMs } = this.#options;
    return moments.spanOf(beganAtMs.get(command) ?? sentAtMs, outcome.endedAtMs);
  }

  #wrong(what: string, entry: Entry, fault: string): void {
    this.#options.findings.add(what, `${shown(entry)}: ${fault}`);
  }
}

/** Refused though the request is well made: it lost a race, or its caller is who he is. */
const MAY_BE_BAD: ReadonlySet<string> = new Set([
  ...["sold-out", "limit-exceeded", "event-cancelled", "event-not-published", "sale-paused", "guests-not-allowed"],
  ...["ticket-type-not-found", "reservation-not-held", "reservation-expired", "reservation-not-found", "invalid"],
  ...["payment-in-progress", "too-many-attempts", "event-not-found", "bad-credentials"],
]);
const MAY_FORBID: ReadonlySet<string> = new Set(["token-invalid"]);

/** An attempt, for who reads of it. */
export const shown = ({ client, command, name, method, path, key, body, sentAtMs, outcome }: Entry): string =>
  `client ${client}, command ${command}, ${name}: ${method} ${path} ${JSON.stringify(body)}` +
  `${key === null ? "" : `, key ${key}`}, ${new Date(sentAtMs).toISOString()} for ${Math.round(outcome.endedAtMs - sentAtMs)} ms`;
