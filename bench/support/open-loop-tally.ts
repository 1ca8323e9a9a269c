import { createHistogram, type RecordableHistogram } from "node:perf_hooks";
import type { Arrivals, KindResult, SecondResult } from "./open-loop.ts";
import type { Answer } from "./open-loop-connection.ts";

const MICROS = 1_000;
/** Three digits count, up to ten minutes: some 100 KB, however many there are. */
const newHistogram = (): RecordableHistogram => createHistogram({ lowest: 1, highest: 600_000_000, figures: 3 });

/** Counts what becomes of arrivals of one kind; those before `countsFromMs` of the schedule only second by second. */
export class KindTally {
  readonly #success: number;
  readonly #countsFromMs: number;
  readonly #timeline: Timeline;
  readonly #statuses = new Map<number, number>();
  readonly #succeededMicros = newHistogram();
  readonly #refusedMicros = newHistogram();
  #scheduledInAll = 0;
  #succeededInAll = 0;
  #scheduled = 0;
  #succeeded = 0;
  #withoutRetryAfter = 0;
  #unanswered = 0;

  constructor({ success }: Arrivals, countsFromMs: number, timeline: Timeline) {
    this.#success = success;
    this.#countsFromMs = countsFromMs;
    this.#timeline = timeline;
  }

  /** @param atMs where in the schedule it stands */
  scheduled(atMs: number): void {
    this.#timeline.at(atMs).scheduled += 1;
    this.#scheduledInAll += 1;
    if (atMs >= this.#countsFromMs) this.#scheduled += 1;
  }

  answered(atMs: number, tookMs: number, { status, hasRetryAfter }: Answer): void {
    const succeeded = status === this.#success;
    this.#timeline.at(atMs)[succeeded ? "succeeded" : "refused"] += 1;
    if (succeeded) this.#succeededInAll += 1;
    if (atMs < this.#countsFromMs) return;
    this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + 1);
    const micros = Math.max(1, Math.round(tookMs * MICROS));
    (succeeded ? this.#succeededMicros : this.#refusedMicros).record(micros);
    if (succeeded) this.#succeeded += 1;
    else if ((status === 429 || status === 503) && !hasRetryAfter) this.#withoutRetryAfter += 1;
  }

  unanswered(atMs: number): void {
    this.#timeline.at(atMs).failed += 1;
    if (atMs >= this.#countsFromMs) this.#unanswered += 1;
  }

  result(): KindResult {
    const ms = (histogram: RecordableHistogram, percentile: number) =>
      histogram.count === 0 ? 0 : histogram.percentile(percentile) / MICROS;
    return {
      scheduledInAll: this.#scheduledInAll,
      succeededInAll: this.#succeededInAll,
      scheduled: this.#scheduled,
      succeeded: this.#succeeded,
      statuses: Object.fromEntries(this.#statuses),
      withoutRetryAfter: this.#withoutRetryAfter,
      unanswered: this.#unanswered,
      p50Ms: ms(this.#succeededMicros, 50),
      p99Ms: ms(this.#succeededMicros, 99),
      maxMs: ms(this.#succeededMicros, 100),
      refusedP99Ms: ms(this.#refusedMicros, 99),
    };
  }
}

type Second = { -readonly [Name in keyof SecondResult]: SecondResult[Name] };

/** The schedule second by second. */
export class Timeline {
  readonly seconds: readonly Second[];

  constructor(seconds: number) {
    const empty = (): Second => ({ scheduled: 0, succeeded: 0, refused: 0, failed: 0 });
    this.seconds = Array.from({ length: seconds }, empty);
  }

  at(ms: number): Second {
    const index = Math.min(this.seconds.length - 1, Math.floor(ms / 1000));
    return this.seconds[index] as Second;
  }
}
