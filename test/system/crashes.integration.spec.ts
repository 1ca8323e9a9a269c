import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { openPostgresEventStore } from "../../src/eventstore/postgres/index.ts";
import { freshDatabase } from "../support/postgres.ts";
import { type Installation, nodesOn, nodesWithTheirPostgres } from "./installation.ts";
import { compareWithLog, type KillRoundsReport, runKillRounds } from "./kill-rounds.ts";
import { proveSale } from "./proof.ts";

const LOAD = { rounds: 3, acknowledgedPerRound: 100, buyers: 24 };
/** Nine starts of a process; half a minute on an idle machine of two cores, more where other specs run beside. */
const WITHIN_MS = 180_000;

const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).toReversed()) await undo();
});

describe("kill -9 in mid-load, three times", { timeout: WITHIN_MS }, () => {
  it("of all processes: what was acknowledged is there, once, and nothing else", async () => {
    const database = await freshDatabase();
    cleanUp.push(() => database.drop());
    const installation = await nodesOn(database.url, await dataDirectory(), 2);
    cleanUp.push(() => installation.stop());

    await expectNothingLost(installation, await runKillRounds(installation, LOAD));
  });

  it("of all processes and of the Postgres that one of them started: the same", async () => {
    const installation = await nodesWithTheirPostgres(await dataDirectory());
    cleanUp.push(() => installation.stop());

    await expectNothingLost(installation, await runKillRounds(installation, LOAD));
  });
});

async function expectNothingLost(installation: Installation, report: KillRoundsReport): Promise<void> {
  const store = await openPostgresEventStore({ connectionString: installation.databaseUrl() });
  try {
    const proof = await proveSale(store, report.sale);
    compareWithLog(report, proof);
    expect(report.acknowledged).toHaveLength(report.capacity);
    expect(report.replayed).toBe(report.capacity);
    expect(proof.mostHeld).toBe(report.capacity);
  } finally {
    await store.close();
  }
  // Kills that met no request under way would prove nothing.
  expect(report.broken).toBeGreaterThan(LOAD.rounds);
}

async function dataDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "boxoffice-system-"));
  cleanUp.push(() => rm(directory, { recursive: true, force: true }));
  return directory;
}
