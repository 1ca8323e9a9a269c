import { curl } from "./curl.ts";
import type { Fuzzed } from "./fuzzing.ts";
import type { Finding } from "./judging.ts";

/** Longer lines nobody reads; the seed makes the whole request again. */
const LINE = 4_000;

/** What a run found, for people: each failing request as a line for a shell, and how to have the run again. */
export function toldOf({ seed, requests, tally, findings, neverSucceeded, endedCallers, faults }: Fuzzed): string {
  const again = `npm run fuzz -- --requests ${requests} --seed ${seed}`;
  const never = neverSucceeded.map(
    (route) => `never succeeded: ${route} (teach world.ts what it needs, or say in UNREACHABLE why)`,
  );
  const ended = [...endedCallers].map(
    ([route, times]) => `an actor's token was no longer good at ${route}, ${times} times`,
  );
  return [...findings.map(tellingOf), ...never, ...ended, ...faults, ...tally.lines(), again].join("\n\n");
}

const tellingOf = ({ request, wrong, reply }: Finding): string =>
  `${request.route}: ${wrong}\n${curl(request).slice(0, LINE)}\n${reply === null ? "" : `${reply.statusCode} ${reply.body.slice(0, 1_000)}`}`;
