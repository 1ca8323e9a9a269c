import { curl } from "./curl.ts";
import type { Fuzzed } from "./fuzzing.ts";
import type { HeapSample } from "./heap.ts";
import type { Finding } from "./judging.ts";

/** Longer lines nobody reads; the seed makes the whole request again. */
const LINE = 4_000;

/** What a run found, for people: each failing request as a line for a shell, and how to have the run again. */
export function toldOf({
  seed,
  requests,
  tally,
  findings,
  neverSucceeded,
  endedCallers,
  slowest,
  faults,
}: Fuzzed): string {
  const again = `npm run fuzz -- --requests ${requests} --seed ${seed}`;
  const never = neverSucceeded.map(
    (route) => `never succeeded: ${route} (teach world.ts what it needs, or say in SELDOM why)`,
  );
  const ended = [...endedCallers].map(
    ([route, times]) => `an actor's token was no longer good at ${route}, ${times} times`,
  );
  const slow = `the slowest reply took ${slowest.ms.toFixed(0)} ms: ${slowest.route}`;
  return [...findings.map(tellingOf), ...never, ...ended, ...faults, ...tally.lines(), slow, again].join("\n\n");
}

const tellingOf = ({ request, wrong, reply }: Finding): string =>
  `${request.route}: ${wrong}\n${curl(request).slice(0, LINE)}\n${reply === null ? "" : `${reply.statusCode} ${reply.body.slice(0, 1_000)}`}`;

const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);

/** What was in memory on the way, one line in four samples. */
export function heapTold(samples: readonly HeapSample[], growth: number | null): string {
  const lines = samples
    .filter((_, i) => i % 4 === 0 || i === samples.length - 1)
    .map(
      ({ requests, heapBytes, rssBytes }) =>
        `  after ${requests.toLocaleString("en")} requests ${mib(heapBytes)} MiB in use, ${mib(rssBytes)} MiB resident`,
    );
  const told = growth === null ? "not known" : `${growth.toFixed(0)} bytes a request`;
  return [...lines, `  growth of the heap in the second half: ${told}`].join("\n");
}
