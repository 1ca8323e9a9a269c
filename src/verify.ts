import { mkdtemp } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import pg from "pg";
import { prepareAudit } from "./audit/prepare.ts";
import { verifiedInThread } from "./audit/verification/in-thread.ts";
import { type ReadModelVerification, verifyReadModels } from "./audit/verification/read-models.ts";
import type { LogVerification, VerifyProgress } from "./audit/verification/verify-log.ts";
import { type LogAddress, openEventStore } from "./eventstore/open.ts";
import { withBar } from "./progress-bar.ts";

/** Threads that help to replay: a second core is used, and more would take more than 256 MiB. */
const HELPERS = Math.min(1, availableParallelism() - 1);

/**
 * `npm run verify [-- --log-only] [--work DIR]`: verifies the whole log and then the read models, as docs/audit-guide.md says.
 * With `--work` a run that is ended
 * early is gone on with by the next one. Ends with 1 where something was found, with 2 where it could not be checked.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { work: { type: "string" }, "log-only": { type: "boolean", default: false } },
  });
  const connectionString = process.env.DATABASE_URL;
  if (connectionString === undefined) throw new Error("DATABASE_URL is not set: the Postgres of heads and read models");
  const eventStoreUrl = process.env.EVENTSTORE_URL ?? null;
  const pool = new pg.Pool({ connectionString, max: 4 });
  pool.on("error", () => undefined); // an idle connection that breaks is replaced when one is needed
  const stop = new AbortController();
  const goOn = values.work === undefined ? "" : ", to be gone on with by the same --work";
  process.once("SIGINT", () => stop.abort(new Error(`stopped${goOn}`)));
  try {
    await prepareAudit(pool);
    const workDir = values.work ?? (await mkdtemp(join(tmpdir(), "boxoffice-verify-")));
    const wish = { databaseUrl: connectionString, eventStoreUrl, workDir, threads: HELPERS };
    const result = await showing((onProgress) => verifiedInThread(wish, { signal: stop.signal, onProgress }));
    print(result);
    if (result.found > 0) process.exitCode = 1;
    if (values["log-only"]) return;
    const compared = await comparedWith(pool, { eventStoreUrl, databaseUrl: connectionString }, stop.signal);
    printCompared(compared);
    if (compared.found > 0) process.exitCode = 1;
  } finally {
    await pool.end();
  }
}

/** Read models against what the log gives, which is read through a store of its own. */
async function comparedWith(pool: pg.Pool, log: LogAddress, signal: AbortSignal): Promise<ReadModelVerification> {
  const store = await openEventStore(log);
  try {
    return await showing((onProgress) =>
      verifyReadModels({
        ...{ pool, store, signal },
        onProgress: (events, part) => onProgress({ phase: "comparing", events, part }),
      }),
    );
  } finally {
    await store.close();
  }
}

type Progress = Omit<VerifyProgress, "phase"> & { readonly phase: string };

async function showing<Result>(work: (onProgress: (progress: Progress) => void) => Promise<Result>): Promise<Result> {
  const begun = performance.now();
  const told = (phase: string, events: number) => ({
    phase: phase.padEnd(9),
    events,
    seconds: Math.round((performance.now() - begun) / 1_000),
  });
  const format = { before: "{phase}", after: "{events} events  {seconds} s" };
  return withBar(format, told("reading", 0), (tell) =>
    work(({ phase, events, part }) => tell(part, told(phase, events))),
  );
}

function print({ eventsChecked, head, found, violations, unsettled }: LogVerification): void {
  for (const { code, position, stream, revision, detail } of violations) {
    const where = [position && `position ${position}`, stream && `${stream} revision ${revision}`].filter(Boolean);
    console.log(`${code}: ${where.join(", ")}: ${detail}`);
  }
  if (found > violations.length) console.log(`and ${found - violations.length} more`);
  console.log(`${eventsChecked} events up to position ${head.position}, head ${head.hash}`);
  console.log(`${unsettled} purchases under way; ${found === 0 ? "nothing was found" : `${found} violations`}`);
}

function printCompared({ views, rows, found, differences }: ReadModelVerification): void {
  for (const { view, side, row } of differences) console.log(`${view}: ${side}: ${row}`);
  console.log(
    `${rows} rows of ${views} read models; ${found === 0 ? "they are what the log gives" : `${found} differ`}`,
  );
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
});
