import { type Urgency, urgencyOf } from "./urgency.ts";

/** When a server takes less than it is sent, and how much it still takes then. */
export interface LoadLimits {
  /**
   * Reads, and writes, that are being answered. Beyond it they stand in each other's way: waiting grows, throughput does not.
   * Those that finish something are not among them: a purchase may wait for its payment, which costs nobody anything.
   */
  readonly inFlight: number;
  /** More than that, and more than that of what is refused last, are never taken, however briefly: they hold memory. */
  readonly inFlightMost: number;
  /**
   * A turn of the event loop that takes longer keeps others waiting; under overload no request is begun in a turn once it
   * has taken so long.
   */
  readonly turnMs: number;
  /**
   * So many requests have to come in a turn for its length to count. With fewer it is long for other reasons: a process that
   * has just started, a machine that others keep busy. Whoever sends them waits, but nobody piles up behind them.
   */
  readonly crowd: number;
  /**
   * Requests in a turn, refused ones too. libuv takes up to 1,024 sockets at a time, and while as many are ready goes on
   * with them, 48 times: whatever runs between turns, e.g. all that was begun, would wait for that.
   */
  readonly requestsATurn: number;
  /** How long it has to be too much before anything is refused: a burst, or a pause of the collector, is none. */
  readonly standingMs: number;
}

export const LOAD_LIMITS: LoadLimits = {
  inFlight: 1_024,
  inFlightMost: 8_192,
  turnMs: 20,
  crowd: 256,
  requestsATurn: 768,
  standingMs: 1_000,
};

/** For what finishes something a turn may take so many times as long. */
const LAST_FACTOR = 2;

/** What is known of a request before it is looked at. */
export interface ComingRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
}

export interface LoadMeterDependencies {
  readonly limits: LoadLimits;
  readonly monotonicMs: () => number;
  /** Calls back when the present turn of the event loop has done its requests, e.g. `setImmediate`. */
  readonly atTurnsEnd: (callback: () => void) => void;
}

/**
 * Decides which requests are begun. There are two signs of overload: requests in flight, and turns of the event loop that
 * take long, since what is answered at once is never in flight for long but still has to wait for its turn. A sign
 * counts when it has stood for a while without a break, as in CoDel (RFC 8289): queues that come and go do no harm.
 */
export class LoadMeter {
  readonly #limits: LoadLimits;
  readonly #monotonicMs: () => number;
  readonly #atTurnsEnd: LoadMeterDependencies["atTurnsEnd"];
  readonly #inFlight: Record<Urgency, number> = { always: 0, last: 0, reads: 0, writes: 0 };
  /** When the first request of the present turn came; negative between turns. */
  #turnSinceMs = -1;
  #askedInTurn = 0;
  #refusedInTurn = false;
  #overloaded = false;
  /** Since when every turn has spoken against the state as it is; null: the last one did not. */
  #otherwiseSinceMs: number | null = null;

  constructor({ limits, monotonicMs, atTurnsEnd }: LoadMeterDependencies) {
    this.#limits = limits;
    this.#monotonicMs = monotonicMs;
    this.#atTurnsEnd = atTurnsEnd;
  }

  /** How many requests of a kind are begun and not answered. */
  inFlight(urgency: Urgency): number {
    return this.#inFlight[urgency];
  }

  /** How many of all kinds are. */
  get begun(): number {
    const { always, last, reads, writes } = this.#inFlight;
    return always + last + reads + writes;
  }

  get overloaded(): boolean {
    return this.#overloaded;
  }

  /**
   * Decides about a request that has just come.
   * @returns null: it is not begun; else what {@link LoadMeter.ended} has to be told
   */
  begin({ method = "", url = "" }: ComingRequest): Urgency | null {
    const nowMs = this.#monotonicMs();
    this.#askedAt(nowMs);
    // So many in one turn, and so long a one: there is no need to see how it ends.
    if (this.turnIsFull && nowMs - this.#turnSinceMs >= this.#limits.standingMs) this.#overloaded = true;
    const urgency = urgencyOf(method, url);
    if (!this.#hasRoomFor(urgency, nowMs)) {
      this.#refusedInTurn = true;
      return null;
    }
    this.#inFlight[urgency] += 1;
    return urgency;
  }

  /** A request has come that is answered without being begun. */
  passes(): void {
    this.#askedAt(this.#monotonicMs());
  }

  #askedAt(nowMs: number): void {
    this.#askedInTurn += 1;
    if (this.#turnSinceMs >= 0) return;
    this.#turnSinceMs = nowMs;
    this.#atTurnsEnd(this.#turnEnded);
  }

  /** Whether this turn has had as many requests as one should: what waits besides is for the next one. */
  get turnIsFull(): boolean {
    return this.#askedInTurn >= this.#limits.requestsATurn;
  }

  /** A request that was begun is answered, or nobody waits for its answer any more. */
  ended(urgency: Urgency): void {
    this.#inFlight[urgency] -= 1;
  }

  #hasRoomFor(urgency: Urgency, nowMs: number): boolean {
    if (urgency === "always") return true;
    const { inFlight, inFlightMost, turnMs } = this.#limits;
    if (this.#inFlight[urgency] >= inFlightMost) return false;
    if (!this.#overloaded) return true;
    const tookMs = nowMs - this.#turnSinceMs;
    return urgency === "last" ? tookMs < turnMs * LAST_FACTOR : tookMs < turnMs && this.#inFlight[urgency] < inFlight;
  }

  readonly #turnEnded = (): void => {
    const { inFlight, turnMs, crowd, standingMs } = this.#limits;
    const nowMs = this.#monotonicMs();
    const isCrowded = this.#inFlight.reads >= inFlight || this.#inFlight.writes >= inFlight;
    const isLong = this.#askedInTurn >= crowd && nowMs - this.#turnSinceMs >= turnMs;
    const tooMuch = this.#refusedInTurn || isCrowded || isLong;
    this.#turnSinceMs = -1;
    this.#askedInTurn = 0;
    this.#refusedInTurn = false;
    if (tooMuch === this.#overloaded) {
      this.#otherwiseSinceMs = null;
      return;
    }
    this.#otherwiseSinceMs ??= nowMs;
    if (nowMs - this.#otherwiseSinceMs < standingMs) return;
    this.#overloaded = tooMuch;
    this.#otherwiseSinceMs = null;
  };
}
