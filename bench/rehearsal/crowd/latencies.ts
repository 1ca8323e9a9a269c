import { quantile } from "../../support/figures.ts";

/** What buyers ask for. */
export const ASKED = ["enter", "place", "reserve", "purchase"] as const;
export type Asked = (typeof ASKED)[number];

export interface Percentiles {
  readonly count: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** How long answers took, as buyers see it: from when they wanted it, waiting for a connection included. */
export class Latencies {
  readonly #bySecond = new Map<number, Map<Asked, number[]>>();
  readonly #answers = new Map<string, number>();

  /** @param outcome a status with its code, where it is a problem's; or what broke */
  take(asked: Asked, atMs: number, tookMs: number, outcome: string): void {
    const second = Math.floor(atMs / 1_000);
    const kinds = this.#bySecond.get(second) ?? new Map<Asked, number[]>();
    this.#bySecond.set(second, kinds);
    const times = kinds.get(asked);
    if (times === undefined) kinds.set(asked, [tookMs]);
    else times.push(tookMs);
    const answer = `${asked}: ${outcome}`;
    this.#answers.set(answer, (this.#answers.get(answer) ?? 0) + 1);
  }

  /** How often each request was answered by what. */
  get answers(): ReadonlyMap<string, number> {
    return this.#answers;
  }

  /** Of each kind of request, over all; null: there was none. */
  overall(asked: Asked): Percentiles | null {
    return percentiles([...this.#bySecond.values()].flatMap((kinds) => kinds.get(asked) ?? []));
  }

  /** Of each kind, in a span of seconds. */
  within(asked: Asked, fromSecond: number, seconds: number): Percentiles | null {
    const times: number[] = [];
    for (let second = fromSecond; second < fromSecond + seconds; second += 1) {
      for (const time of this.#bySecond.get(second)?.get(asked) ?? []) times.push(time);
    }
    return percentiles(times);
  }
}

function percentiles(times: readonly number[]): Percentiles | null {
  if (times.length === 0) return null;
  const sorted = Float64Array.from(times).sort();
  const numbers = sorted as unknown as readonly number[];
  return { count: times.length, p50Ms: quantile(numbers, 0.5), p99Ms: quantile(numbers, 0.99) };
}
