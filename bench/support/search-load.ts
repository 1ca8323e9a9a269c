import { createHttpClient } from "../../test/system/http-client.ts";
import { quantile } from "./figures.ts";
import type { SearchQuestion } from "./search-questions.ts";

/** What searching took, from the client's side. */
export interface SearchFigures {
  readonly kind: string;
  readonly searches: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  /** How many events were found, in the middle of all searches. */
  readonly foundMedian: number;
}

export interface SearchRun {
  readonly perSecond: number;
  /** Answered by 503: not found in time. They are among the searches. */
  readonly refused: number;
  readonly all: SearchFigures;
  readonly byKind: readonly SearchFigures[];
}

interface Search {
  readonly kind: string;
  readonly isRefused: boolean;
  readonly tookMs: number;
  readonly found: number;
}

/**
 * Asks over so many connections, each asking the next question when it has its answer, for so many seconds.
 * @throws Error a reply that is neither a 200 nor a 503
 */
export async function searchUnderLoad(
  port: number,
  questions: readonly SearchQuestion[],
  connections: number,
  seconds: number,
): Promise<SearchRun> {
  const client = createHttpClient(port, connections);
  const searches: Search[] = [];
  const begun = performance.now();
  let next = 0;
  const visitor = async () => {
    while (performance.now() - begun < seconds * 1_000) {
      const { kind, query } = questions[next++ % questions.length] as SearchQuestion;
      const asked = performance.now();
      const { status, body } = await client.call("GET", `/events/search?${query}`);
      const tookMs = performance.now() - asked;
      if (status !== 200 && status !== 503) throw new Error(`${status} for ${query}: ${JSON.stringify(body)}`);
      const isRefused = status === 503;
      searches.push({ kind, isRefused, tookMs, found: isRefused ? 0 : (body as { total: number }).total });
    }
  };
  try {
    await Promise.all(Array.from({ length: connections }, visitor));
  } finally {
    client.close();
  }
  const elapsed = (performance.now() - begun) / 1_000;
  const kinds = [...new Set(questions.map(({ kind }) => kind))];
  return {
    perSecond: searches.length / elapsed,
    refused: searches.filter(({ isRefused }) => isRefused).length,
    all: figuresOf("all", searches),
    byKind: kinds.flatMap((kind) => {
      const own = searches.filter((search) => search.kind === kind);
      return own.length === 0 ? [] : [figuresOf(kind, own)];
    }),
  };
}

function figuresOf(kind: string, searches: readonly Search[]): SearchFigures {
  const sorted = (value: (search: Search) => number) => searches.map(value).toSorted((a, b) => a - b);
  const took = sorted(({ tookMs }) => tookMs);
  return {
    kind,
    searches: searches.length,
    p50Ms: quantile(took, 0.5),
    p99Ms: quantile(took, 0.99),
    maxMs: took.at(-1) ?? 0,
    foundMedian: quantile(
      sorted(({ found }) => found),
      0.5,
    ),
  };
}
