import { setTimeout as pause } from "node:timers/promises";
import { openEventStoreDB } from "../../src/eventstore/eventstoredb/index.ts";
import type { EventStore } from "../../src/eventstore/port.ts";
import { rounded, shown, spreadOf } from "../support/figures.ts";
import { byCommand, byResignation, type LeaderChange } from "../support/leader/change.ts";
import { type Cluster, openCluster } from "../support/leader/cluster.ts";
import { startFollower } from "../support/leader/follower.ts";
import { type Verdict, verdictOf } from "../support/leader/verdict.ts";
import { startWriters } from "../support/leader/writers.ts";
import type { Bench, Check, Part, PartResult } from "../support/part.ts";

const WRITERS = 16;

/** What one change of the leader did. */
interface Round {
  /** Whether another node is the leader now; one that comes back quickly may be elected again. */
  readonly moved: boolean;
  readonly appendGapMs: number;
  readonly subscriptionGapMs: number;
  readonly unknown: number;
  readonly unavailable: number;
  readonly restarts: number;
  readonly appends: number;
}

/**
 * The cluster of EVENTSTORE_URL under appends, its leader made to change once a round: by resignation, or by the shell
 * command LEADER_CHANGE. Each round lasts as long as a measurement (`--seconds`), and begins with a fifth of it undisturbed.
 */
export const leaderChange: Part = {
  name: "leader-change",
  about:
    "an EventStoreDB cluster whose leader changes under appends: how long nothing is recorded, nothing lost or twice",
  async run(bench) {
    const { eventStoreUrl } = bench.options;
    if (eventStoreUrl === null) return nothing("EVENTSTORE_URL has to name a cluster");
    const command = process.env.LEADER_CHANGE ?? "";
    const cluster = openCluster(eventStoreUrl);
    const change = command === "" ? byResignation(cluster) : byCommand(command);
    const store = await openEventStoreDB({ connectionString: eventStoreUrl });
    try {
      const [rounds, verdict] = await measure(bench, store, cluster, change);
      return resultOf(command === "" ? "resignation" : command, rounds, verdict);
    } finally {
      await store.close();
    }
  },
};

const nothing = (why: string): PartResult => ({ table: [["not measured"], [why]], checks: [], measurements: null });

async function measure(
  bench: Bench,
  store: EventStore,
  cluster: Cluster,
  change: LeaderChange,
): Promise<[readonly Round[], Verdict]> {
  const { seconds, repeats } = bench.options;
  const writing = startWriters(store, WRITERS);
  const following = startFollower(store, writing.prefix);
  const rounds: Round[] = [];
  const counts = () => ({
    unknown: writing.unknown(),
    unavailable: writing.unavailable(),
    restarts: following.restarts(),
    appends: writing.count(),
  });
  for (let round = 1; round <= repeats; round += 1) {
    await pause(seconds * 200);
    writing.longestGapMs();
    following.longestGapMs();
    const before = counts();
    const old = await cluster.leader();
    await change();
    await pause(seconds * 800);
    const after = counts();
    rounds.push({
      moved: (await cluster.leader()) !== old,
      appendGapMs: writing.longestGapMs(),
      subscriptionGapMs: following.longestGapMs(),
      unknown: after.unknown - before.unknown,
      unavailable: after.unavailable - before.unavailable,
      restarts: after.restarts - before.restarts,
      appends: after.appends - before.appends,
    });
    bench.say(`change ${round}: ${sentence(rounds.at(-1))}`);
  }
  await writing.stop();
  const head = await store.head([writing.prefix]);
  if (head !== null) await following.stopAt(head);
  return [rounds, await verdictOf(store, writing, following)];
}

const sentence = (round: Round | undefined): string =>
  round === undefined
    ? ""
    : `no append for ${rounded(round.appendGapMs)} ms, no event for ${rounded(round.subscriptionGapMs)} ms; ` +
      `${round.unknown} unknown outcomes, ${round.unavailable} refused, ${round.restarts} subscriptions, ` +
      `${round.appends} appends${round.moved ? "" : "; the same node leads again"}`;

function resultOf(how: string, rounds: readonly Round[], verdict: Verdict): PartResult {
  const spread = (value: (round: Round) => number): string => shown(spreadOf(rounds.map(value)));
  const checks: Check[] = Object.entries(verdict).map(([what, figure]) => ({
    what,
    figure: String(figure),
    floor: "0",
    met: figure === 0,
  }));
  return {
    table: [
      [
        "leader changes by",
        "rounds",
        "longest gap of appends, ms",
        "of the subscription, ms",
        "unknown outcomes",
        "appends",
      ],
      [
        how,
        `${rounds.length}, ${rounds.filter(({ moved }) => moved).length} to another node`,
        spread((round) => round.appendGapMs),
        spread((round) => round.subscriptionGapMs),
        spread((round) => round.unknown),
        String(rounds.reduce((sum, round) => sum + round.appends, 0)),
      ],
    ],
    checks,
    measurements: { how, rounds, verdict },
  };
}
