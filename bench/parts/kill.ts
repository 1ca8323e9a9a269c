import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { openPostgresEventStore } from "../../src/eventstore/postgres/index.ts";
import { type Installation, nodesOn, nodesWithTheirPostgres } from "../../test/system/installation.ts";
import { compareWithLog, runKillRounds } from "../../test/system/kill-rounds.ts";
import { proveSale } from "../../test/system/proof.ts";
import type { Bench, Part } from "../support/part.ts";

const ROUNDS = 20;
const QUICK_ROUNDS = 2;

interface Outcome {
  readonly what: string;
  readonly rounds: number;
  readonly acknowledged: number;
  /** Requests whose answer was lost to a kill. */
  readonly broken: number;
  /** What is wrong, as the comparison with the log says; null: nothing. */
  readonly violation: string | null;
}

export const kill: Part = {
  name: "kill",
  about: "kill -9 of all processes in mid-load: what was acknowledged is there, once, and nothing else",
  async run(bench) {
    const server = await bench.postgres();
    const database = await server.freshDatabase();
    const dataDir = () => mkdtemp(join(bench.workDir, "data-"));
    const outcomes = [
      await killed(bench, "two processes", await nodesOn(database, await dataDir(), 2)),
      await killed(bench, "two processes and their Postgres", await nodesWithTheirPostgres(await dataDir())),
    ];
    await server.drop(database);
    return {
      table: [
        ["kill -9 of", "rounds", "acknowledged", "answers lost, asked again", "violations"],
        ...outcomes.map(({ what, rounds, acknowledged, broken, violation }) => [
          what,
          String(rounds),
          String(acknowledged),
          String(broken),
          violation ?? "none",
        ]),
      ],
      checks: outcomes.map(({ what, rounds, violation }) => ({
        what: `${what}, ${rounds} times: all there, none twice, none beyond capacity`,
        figure: violation ?? "so it is",
        floor: "no violation",
        met: violation === null,
      })),
      measurements: outcomes,
    };
  },
};

async function killed({ options, say }: Bench, what: string, installation: Installation): Promise<Outcome> {
  const rounds = options.quick ? QUICK_ROUNDS : ROUNDS;
  try {
    const report = await runKillRounds(installation, {
      rounds,
      acknowledgedPerRound: 1_000,
      buyers: 64,
      onRound: (round, acknowledged) => say(`${what}, kill ${round}: ${acknowledged} acknowledged so far`),
    });
    const store = await openPostgresEventStore({ connectionString: installation.databaseUrl() });
    const violation = await proveSale(store, report.sale)
      .then((proof) => compareWithLog(report, proof))
      .then(
        () => null,
        (error: unknown) => String(error),
      )
      .finally(() => store.close());
    return { what, rounds, acknowledged: report.acknowledged.length, broken: report.broken, violation };
  } finally {
    await installation.stop();
  }
}
