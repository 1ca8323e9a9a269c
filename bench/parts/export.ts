import { request } from "node:http";
import { createHttpClient } from "../../test/system/http-client.ts";
import { type Product, startProduct } from "../../test/system/product.ts";
import { expectStatus } from "../../test/system/shop.ts";
import { rounded, shown, spreadOf } from "../support/figures.ts";
import type { Part } from "../support/part.ts";
import { residentMemory } from "../support/process-figures.ts";
import { writeReserved } from "../support/reserved-history.ts";

const EVENTS = 2_000_000;
const QUICK_EVENTS = 50_000;
const FLOOR_PER_SECOND = 80_000;
const RESIDENT_MIB = 200;
const ADMIN = { email: "root@example.org", password: "a long enough password" };
const LINE_FEED = 0x0a;

/** One export, as the client sees it. */
interface Exported {
  readonly events: number;
  readonly megabytes: number;
  readonly eventsPerSecond: number;
  readonly peakMiB: number;
  /** The most it had before it was asked for the export: what a node of this size takes to start. */
  readonly startedMiB: number;
}

/** A node that has only the API: nothing is projected beside. */
export const exporting: Part = {
  name: "export",
  about: "the whole log as CloudEvents over HTTP, from a process that does nothing else",
  async run(bench) {
    const { options, say, workDir } = bench;
    const wanted = options.quick ? QUICK_EVENTS : EVENTS;
    const { eventStoreUrl } = options;
    const databaseUrl = await (await bench.postgres()).freshDatabase();
    const settings = { databaseUrl, eventStoreUrl, dataDir: workDir, roles: "api" } as const;
    await writeReserved(bench, await startProduct(settings), wanted, databaseUrl);
    const runs: Exported[] = [];
    for (let round = 1; round <= options.repeats; round += 1) {
      const env = { ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password };
      const product = await startProduct({ ...settings, env });
      const one = await exportOf(product).finally(() => product.stop(60_000));
      runs.push(one);
      say(
        `round ${round}: ${rounded(one.eventsPerSecond)} events/s, ${rounded(one.peakMiB)} MiB at most, ${rounded(one.startedMiB)} before`,
      );
    }
    const rate = spreadOf(runs.map(({ eventsPerSecond }) => eventsPerSecond));
    const peak = spreadOf(runs.map(({ peakMiB }) => peakMiB));
    const [first] = runs;
    return {
      table: [
        ["store", "events", "MB", "events/s", "MiB resident at most"],
        [
          eventStoreUrl === null ? "postgres" : "eventstoredb",
          String(first?.events),
          rounded(first?.megabytes ?? 0),
          shown(rate),
          shown(peak),
        ],
      ],
      checks: [
        {
          what: "events/s",
          figure: shown(rate),
          floor: `at least ${FLOOR_PER_SECOND}`,
          met: rate.median >= FLOOR_PER_SECOND,
        },
        { what: "MiB resident", figure: shown(peak), floor: `under ${RESIDENT_MIB}`, met: peak.max < RESIDENT_MIB },
        {
          what: "MiB beside what the node took to start",
          figure: shown(spreadOf(runs.map(({ peakMiB, startedMiB }) => peakMiB - startedMiB))),
          floor: `under ${RESIDENT_MIB}`,
          met: runs.every(({ peakMiB, startedMiB }) => peakMiB - startedMiB < RESIDENT_MIB),
        },
        {
          what: "every event is in it",
          figure: String(first?.events),
          floor: `at least ${wanted}`,
          met: runs.every(({ events }) => events >= wanted),
        },
      ],
      measurements: runs,
    };
  },
};

async function exportOf({ port, pid }: Product): Promise<Exported> {
  const client = createHttpClient(port, 1);
  const session = await expectStatus(201, client.call("POST", "/sessions", { body: ADMIN }));
  client.close();
  const { token } = session.body as { token: string };
  const startedMiB = (await residentMemory(pid))?.peakMiB ?? Number.NaN;
  const began = performance.now();
  const { events, bytes } = await download(port, token);
  const seconds = (performance.now() - began) / 1_000;
  const peakMiB = (await residentMemory(pid))?.peakMiB ?? Number.NaN;
  return { events, megabytes: bytes / 1e6, eventsPerSecond: events / seconds, peakMiB, startedMiB };
}

/** Counts lines as they come, and keeps none. */
function download(port: number, token: string): Promise<{ readonly events: number; readonly bytes: number }> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` };
    const asked = request({ host: "127.0.0.1", port, path: "/audit/export", headers }, (reply) => {
      if (reply.statusCode !== 200) reject(new Error(`the export answered ${reply.statusCode}`));
      let events = 0;
      let bytes = 0;
      reply.on("data", (piece: Buffer) => {
        bytes += piece.length;
        for (let at = piece.indexOf(LINE_FEED); at >= 0; at = piece.indexOf(LINE_FEED, at + 1)) events += 1;
      });
      reply.on("error", reject);
      reply.on("end", () => resolve({ events, bytes }));
    });
    asked.on("error", reject);
    asked.end();
  });
}
