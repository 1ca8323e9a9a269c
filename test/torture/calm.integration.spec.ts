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

const GRANTED = 150;

it("finds nothing wrong with two nodes to which nothing happens, whatever clients ask for", async () => {
  await using database = await leaving(freshDatabase(), ({ drop }) => drop());
  await using folder = await leaving(mkdtemp(join(tmpdir(), "boxoffice-history-")), (path) =>
    rm(path, { recursive: true, force: true }),
  );
  await using calm = await leaving(startCalmTown(database.it.url, 2), ({ close }) => close());
  const { town } = calm.it;
  const history = new History(join(folder.it, "history.ndjson"));
  const { progress, stop } = startWorkload({ town, seed: 1, clients: 12, history });
  const granted = () => progress.granted.values().reduce((sum, one) => sum + one, 0);
  while (granted() < GRANTED) await pause(100);
  await stop();
  const { findings, counted } = await check({ town, history });
  expect(findings.filter(({ violations }) => violations.length > 0)).toEqual([]);
  expect(counted.questions).toBeGreaterThan(GRANTED / 4); // accounts and sessions leave nothing in the log
}, 240_000);

/** Something that goes when the spec is over, however it ends. */
async function leaving<It>(made: Promise<It>, leave: (it: It) => Promise<unknown>) {
  const it = await made;
  return {
    it,
    async [Symbol.asyncDispose]() {
      await leave(it);
    },
  };
}
