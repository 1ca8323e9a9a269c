import { randomUUID } from "node:crypto";
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { createHttpClient, type HttpClient } from "../../test/system/http-client.ts";
import { startProduct } from "../../test/system/product.ts";
import { expectStatus, guests, type OnSale, openSale, reserve } from "../../test/system/shop.ts";
import { rounded, shown, spreadOf } from "../support/figures.ts";
import { type Listeners, machineMs, openListeners } from "../support/listeners.ts";
import type { Bench, Check, Part, PartResult } from "../support/part.ts";
import { residentMemory } from "../support/process-figures.ts";

const LISTENERS = 10_000;
const QUICK_LISTENERS = 1_000;
/** Changes that are told one by one, for each repetition. */
const SINGLE_CHANGES = 5;
/** Reservations as fast as one buyer makes them. */
const BURST = 100;
const WITHIN_MS = 1_000;
const MOST_MIB = 300;

/** From a change's reply to when the last of all listeners has it, in milliseconds. */
interface Told {
  readonly single: readonly number[];
  readonly afterBurst: readonly number[];
}

export const listeners: Part = {
  name: "listeners",
  about: "server-sent events: how soon all who listen have the newest version, and what they take in memory",
  async run(bench) {
    const count = bench.options.quick ? QUICK_LISTENERS : LISTENERS;
    const { postgres, workDir } = bench;
    const product = await startProduct({
      databaseUrl: await (await postgres()).freshDatabase(),
      dataDir: await mkdtemp(join(workDir, "product-")),
      roles: "api,projector",
      nodeOptions:
        bench.options.profileDir === null ? [] : ["--cpu-prof", `--cpu-prof-dir=${bench.options.profileDir}`],
    });
    const client = createHttpClient(product.port, 4);
    try {
      const sale = await openSale(client, 1_000_000);
      const [token = ""] = await guests(client, 1);
      await expectStatus(201, reserve(client, sale, token, randomUUID())); // so that it is warm
      const before = await residentMemory(product.pid);
      const path = `/events/${sale.eventId}/availability/stream`;
      const listening = await openListeners(product.port, path, count);
      bench.say(`${listening.connected} listen`);
      try {
        const memory = watchMemory(product.pid);
        const told = await change(bench, client, listening, sale, token);
        const peakMiB = await memory.stop();
        return resultOf(count, told, before?.nowMiB ?? 0, peakMiB);
      } finally {
        await listening.close();
      }
    } finally {
      client.close();
      await product.stop();
    }
  },
};

async function change(
  bench: Bench,
  client: HttpClient,
  listening: Listeners,
  sale: OnSale,
  token: string,
): Promise<Told> {
  const buy = async (): Promise<string> => {
    const { headers } = await expectStatus(201, reserve(client, sale, token, randomUUID()));
    return String(headers["boxoffice-position"]);
  };
  /** After the last reservation's reply until all have what includes it. */
  const toldAfter = async (count: number): Promise<number> => {
    let position = "";
    for (let made = 0; made < count; made += 1) position = await buy();
    const repliedMs = machineMs();
    const path = `/events/${sale.eventId}/availability`;
    const { body } = await expectStatus(200, client.call("GET", path, { minPosition: position }));
    return (await listening.allHave((body as { revision: number }).revision)) - repliedMs;
  };
  const single: number[] = [];
  const afterBurst: number[] = [];
  for (let round = 1; round <= bench.options.repeats; round += 1) {
    for (let one = 0; one < SINGLE_CHANGES; one += 1) {
      single.push(await toldAfter(1));
      await pause(200);
    }
    afterBurst.push(await toldAfter(BURST));
    bench.say(
      `round ${round}: one change after ${rounded(single.at(-1) ?? 0)} ms, ${BURST} after ${rounded(afterBurst.at(-1) ?? 0)} ms`,
    );
  }
  return { single, afterBurst };
}

/** The most that is resident from now on, in MiB, looked at ten times a second. */
function watchMemory(pid: number): { stop(): Promise<number> } {
  let stopped = false;
  let mostMiB = 0;
  const watching = (async () => {
    while (!stopped) {
      mostMiB = Math.max(mostMiB, (await residentMemory(pid))?.nowMiB ?? 0);
      await pause(100);
    }
  })();
  return {
    async stop() {
      stopped = true;
      await watching;
      return mostMiB;
    },
  };
}

function resultOf(count: number, told: Told, beforeMiB: number, peakMiB: number): PartResult {
  const single = spreadOf(told.single);
  const burst = spreadOf(told.afterBurst);
  const perListenerKiB = ((peakMiB - beforeMiB) * 1024) / count;
  const table = [
    [
      "listeners",
      "all have one change after ms",
      `all have the last of ${BURST} after ms`,
      "RSS before MiB",
      "RSS most MiB",
    ],
    [String(count), shown(single), shown(burst), rounded(beforeMiB), rounded(peakMiB)],
  ];
  const worst = Math.max(single.max, burst.max);
  const checks: readonly Check[] = [
    {
      what: "the newest version reaches all, ms after the change's reply (worst)",
      figure: rounded(worst),
      floor: `within ${WITHIN_MS}`,
      met: worst <= WITHIN_MS,
    },
    {
      what: "the node's resident memory, MiB",
      figure: `${rounded(peakMiB)}, ${rounded(perListenerKiB)} KiB a listener`,
      floor: `under ${MOST_MIB}`,
      met: peakMiB < MOST_MIB,
    },
  ];
  return { table, checks, measurements: { count, ...told, beforeMiB, peakMiB } };
}
