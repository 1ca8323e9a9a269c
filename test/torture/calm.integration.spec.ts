import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, it } from "vitest";
import { freshDatabase } from "../support/postgres.ts";
import { startCalmTown } from "./calm-town.ts";
import { check } from "./checker/check.ts";
import { startWorkload } from "./clients/workload.ts";
import { History } from "./history/history.ts";

const GRANTED = 120;

it("finds nothing wrong with two nodes to which nothing happens, whatever clients ask for", async () => {
  const database = await freshDatabase();
  const folder = await mkdtemp(join(tmpdir(), "boxoffice-history-"));
  const { town, close } = await startCalmTown(database.url, 2);
  try {
    const history = new History(join(folder, "history.ndjson"));
    const { progress, stop } = startWorkload({ town, seed: 1, clients: 12, history });
    const granted = () => progress.granted.values().reduce((sum, one) => sum + one, 0);
    while (granted() < GRANTED) await pause(100);
    await stop();
    const { findings, counted } = await check({ town, history });
    expect(findings.filter(({ violations }) => violations.length > 0)).toEqual([]);
    expect(counted.questions).toBeGreaterThan(GRANTED);
  } finally {
    await close();
    await rm(folder, { recursive: true, force: true });
    await database.drop();
  }
}, 120_000);
