import type { Fact, Report } from "./fact.ts";

interface Entry {
  readonly entryId: string;
  readonly accountId: string;
  readonly quantity: number;
}

interface Terms {
  readonly maxPerUser?: number | null;
  readonly saleEndsAt?: string | null;
}

interface EventTerms {
  readonly endsAt: string | null;
  readonly saleEndsAt: string | null;
}

/** What the waitlist has to know of the rest of the ticket type. */
interface Around {
  /** Tickets that are neither held nor booked, as far as is recorded. */
  free(): number;
  ticketsOf(accountId: string): number;
}

/**
 * Who waits, oldest first: offers go to the oldest that fits, and where tickets are not numbered nobody else gets one while
 * what is free would do for somebody who waits.
 */
export class WaitingBooks {
  readonly #report: Report;
  readonly #around: Around;
  readonly #entries = new Map<string, Entry>();
  #terms: Terms = {};
  #eventTerms: EventTerms = { endsAt: null, saleEndsAt: null };
  #isSeated = false;
  #isOver = false;

  constructor(report: Report, around: Around) {
    this.#report = report;
    this.#around = around;
  }

  /** To be told before the books have the event. */
  before(fact: Fact): void {
    if (this.#entries.size === 0) return;
    if (fact.type === "TicketsReserved") this.#passedBy((fact.data as { reservationId: string }).reservationId, fact);
    if (fact.type === "ReservationQuantityChanged") {
      const { reservationId, previousQuantity, quantity } = fact.data as Entry & {
        reservationId: string;
        previousQuantity: number;
      };
      if (quantity > previousQuantity) this.#passedBy(reservationId, fact);
    }
    if (fact.type === "TicketsOffered") {
      for (const offer of (fact.data as { offers: Entry[] }).offers) this.#offered(offer, fact);
    }
  }

  /** To be told once the books have it. */
  after(fact: Fact): void {
    switch (fact.type) {
      case "InventoryOpened": {
        const opened = fact.data as { terms: Terms; eventTerms: EventTerms; seatMap?: object };
        this.#terms = opened.terms;
        this.#eventTerms = opened.eventTerms;
        this.#isSeated = opened.seatMap !== undefined;
        return;
      }
      case "EventTermsChanged":
        this.#eventTerms = fact.data as EventTerms;
        return;
      case "TicketTypeTermsChanged":
        this.#terms = { ...this.#terms, ...(fact.data as { changes: Terms }).changes };
        return;
      case "InventoryClosed":
      case "InventoryRemoved":
        this.#isOver = true;
        return;
      case "WaitlistJoined": {
        const { place, ...entry } = fact.data as Entry & { place: number };
        if (this.#entries.has(entry.entryId)) this.#wrong(`${entry.entryId} waits twice`, fact);
        this.#entries.set(entry.entryId, entry);
        if (place !== this.#entries.size) {
          this.#wrong(`place ${place} is told to the one at ${this.#entries.size}`, fact);
        }
        return;
      }
      case "WaitlistLeft":
        this.#gone((fact.data as Entry).entryId, fact);
        return;
      case "WaitlistEnded":
        for (const { entryId } of (fact.data as { entries: Entry[] }).entries) this.#gone(entryId, fact);
    }
  }

  /** Whoever is offered fewer tickets or as many, and came earlier, fits too. */
  #offered({ entryId, quantity }: Entry, fact: Fact): void {
    for (const older of this.#entries.values()) {
      if (older.entryId === entryId) break;
      if (older.quantity <= quantity && this.#mayHave(older)) {
        this.#wrong(`${entryId} was offered tickets before ${older.entryId}, which came first`, fact);
        break;
      }
    }
    this.#gone(entryId, fact);
  }

  #passedBy(reservationId: string, fact: Fact): void {
    if (this.#isSeated || this.#isOver || this.#hasEnded(fact.at)) return;
    const free = this.#around.free();
    for (const entry of this.#entries.values()) {
      if (entry.quantity > free || !this.#mayHave(entry)) continue;
      this.#wrong(`${reservationId} got tickets that ${entry.entryId} waits for`, fact);
      return;
    }
  }

  #hasEnded(at: string): boolean {
    const ends = [this.#eventTerms.endsAt, this.#terms.saleEndsAt ?? this.#eventTerms.saleEndsAt];
    return ends.some((end) => end !== null && Date.parse(end) <= Date.parse(at));
  }

  #mayHave({ accountId, quantity }: Entry): boolean {
    const { maxPerUser } = this.#terms;
    return maxPerUser == null || this.#around.ticketsOf(accountId) + quantity <= maxPerUser;
  }

  #gone(entryId: string, fact: Fact): void {
    if (!this.#entries.delete(entryId)) this.#wrong(`${entryId} did not wait`, fact);
  }

  #wrong(detail: string, fact: Fact): void {
    this.#report("waitlist-order", detail, fact);
  }
}
