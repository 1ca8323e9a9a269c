import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { EventStore } from "../../src/eventstore/port.ts";
import { openPostgresEventStore } from "../../src/eventstore/postgres/index.ts";
import { BOXOFFICE_PREFIXES } from "../../src/eventstore/streams.ts";
import { type Audience, admit, announce, type Programme } from "../../test/system/called-off/audience.ts";
import {
  callOff,
  endOfBookings,
  isDone,
  type Progress,
  refundsRecorded,
  untilProgress,
} from "../../test/system/called-off/calling-off.ts";
import { type CalledOffProof, proveCalledOff } from "../../test/system/called-off/proof.ts";
import { type ProviderRecord, providerRecord } from "../../test/system/called-off/provider-record.ts";
import { RestartableNode } from "../../test/system/called-off/restartable-node.ts";
import { expectStatus, guests, reserve } from "../../test/system/shop.ts";
import {
  bySecond,
  type CalledOffRun,
  calledOffResult,
  progressLine,
  type Sample,
} from "../support/called-off-figures.ts";
import { rounded } from "../support/figures.ts";
import type { Bench, Part } from "../support/part.ts";
import { query } from "../support/postgres-server.ts";
import { PeakMemory } from "../support/process-figures.ts";
import { buyUnderLoad } from "../support/purchase-load.ts";
import { hasWrk } from "../support/wrk.ts";

const BOOKINGS = 100_000;
const QUICK_BOOKINGS = 1_000;
const CONNECTIONS = 64;
/** wrk buys for so long at a time, until there are enough bookings. */
const LOAD_SECONDS = 20;
const POLL_MS = 5_000;
const QUICK_POLL_MS = 200;
/** Somebody who buys elsewhere meanwhile, now and then. */
const ELSEWHERE_EVERY_MS = 200;
const WITHIN_MS = 60 * 60_000;
const AWAY_MS = 15_000;
const QUICK_AWAY_MS = 2_000;

/** Where it happens. */
interface Venue {
  readonly bench: Bench;
  readonly node: RestartableNode;
  readonly provider: ProviderRecord;
  readonly store: EventStore;
  readonly databaseUrl: string;
  readonly programme: Programme;
}

export const calledOff: Part = {
  name: "called-off",
  about: `an event with ${rounded(BOOKINGS)} paid bookings is called off, with kill -9 in the middle: all paid back once`,
  async run(bench) {
    if (!hasWrk) throw new Error("this part needs wrk (Debian: apt-get install wrk)");
    const server = await bench.postgres();
    const databaseUrl = await server.freshDatabase();
    const dataDir = join(bench.workDir, "product");
    const node = await RestartableNode.start({ databaseUrl, dataDir }, CONNECTIONS);
    const store = await openPostgresEventStore({ connectionString: databaseUrl });
    try {
      const programme = await sellOut(bench, node);
      const venue = { bench, node, provider: providerRecord(dataDir), store, databaseUrl, programme };
      await projected(venue);
      // What the node kept and piled up while it sold is not what calling off takes.
      await node.end();
      await node.start(profiling(bench));
      return calledOffResult(await measure(venue));
    } catch (error) {
      throw new Error(`${String(error)}\n${node.output()}`, { cause: error });
    } finally {
      await store.close();
      await node.stop();
      await server.drop(databaseUrl);
    }
  },
};

const profiling = ({ options: { profileDir } }: Bench): readonly string[] =>
  profileDir === null ? [] : ["--cpu-prof", `--cpu-prof-dir=${profileDir}`];

async function sellOut(bench: Bench, node: RestartableNode): Promise<Programme> {
  const bookings = bench.options.quick ? QUICK_BOOKINGS : BOOKINGS;
  const hundredth = bookings / 100;
  const audience: Audience = {
    several: hundredth,
    mixed: hundredth,
    partlyReturned: hundredth,
    goodwill: hundredth,
    unpaid: Math.min(hundredth, 100),
    held: hundredth,
    waiting: hundredth,
  };
  const began = performance.now();
  const programme = await announce(node.client, bookings * 2, audience.several);
  let paid = await admit(node.client, programme, audience);
  const { regular, balcony } = programme;
  const tokens = await guests(node.client, CONNECTIONS);
  while (paid < bookings) {
    const seconds = bench.options.quick ? 2 : LOAD_SECONDS;
    const load = { port: node.port, sales: [regular, balcony], tokens, connections: CONNECTIONS, seconds };
    const bought = await buyUnderLoad({ ...load, workDir: bench.workDir });
    if (bought.paid === 0) throw new Error("wrk could buy nothing");
    paid += bought.paid;
    bench.say(`${rounded(paid)} bookings are paid, ${rounded(bought.paidPerSecond)}/s`);
  }
  bench.say(`sold in ${rounded((performance.now() - began) / 1_000)} s`);
  return programme;
}

async function projected({ store, databaseUrl }: Venue): Promise<void> {
  const head = await store.head(BOXOFFICE_PREFIXES);
  const checkpoints = "select count(*)::int as behind from readmodels.projections where coalesce(checkpoint, 0) < $1";
  for (;;) {
    const [row] = await query<{ behind: number }>(databaseUrl, checkpoints, [String(head)]);
    if (row?.behind === 0) return;
    await pause(200);
  }
}

async function measure(venue: Venue): Promise<CalledOffRun> {
  const { bench, node, programme, store } = venue;
  const before = await endOfBookings(store);
  const acceptedMs = await callOff(node, programme);
  const began = performance.now();
  bench.say(`202 after ${rounded(acceptedMs)} ms`);
  const memory = new PeakMemory();
  const interruptions: string[] = [];
  const samples: Sample[] = [];
  const everyMs = bench.options.quick ? QUICK_POLL_MS : POLL_MS;
  const following = untilProgress(node, programme, everyMs, (progress, tookMs) => {
    const sample = { atMs: performance.now() - began, tookMs, ...progress };
    bench.say(progressLine(sample, samples.at(-1)));
    samples.push(sample);
    void memory.look(node.pid);
    return isDone(progress);
  });
  const interrupting = interrupt(venue, before, memory, (what) => {
    bench.say(what);
    interruptions.push(`${rounded((performance.now() - began) / 1_000)} s: ${what}`);
  });
  const ended = new AbortController();
  const finished = following.finally(() => ended.abort()).then((done) => ({ done, doneMs: performance.now() - began }));
  const elsewhere = buyElsewhere(venue, ended.signal);
  const [{ done, doneMs }, othersMs] = await Promise.all([finished, elsewhere, interrupting]);
  await emptied(venue);
  const emptyMs = performance.now() - began - doneMs;
  await memory.look(node.pid);
  const { cancelledAtMs, refundedAtMs, ...proof } = await proven(venue, done);
  return {
    proof,
    acceptedMs,
    doneMs,
    emptyMs,
    cancelledBySecond: bySecond(cancelledAtMs),
    refundedBySecond: bySecond(refundedAtMs.slice(-cancelledAtMs.length)),
    peakMiB: memory.peaks(),
    interruptions,
    samples,
    othersMs,
  };
}

/** @returns how long each reservation of the other event took, in milliseconds; those that met a restart don't count */
async function buyElsewhere({ node, programme }: Venue, ended: AbortSignal): Promise<readonly number[]> {
  const tookMs: number[] = [];
  const [token = ""] = await guests(node.client, 1);
  while (!ended.aborted) {
    const began = performance.now();
    const reply = await reserve(node.client, programme.otherEvent, token, crypto.randomUUID()).catch(() => null);
    if (reply?.status === 201) tookMs.push(performance.now() - began);
    else if (reply !== null) throw new Error(`elsewhere: ${reply.status} ${JSON.stringify(reply.body)}`);
    await pause(ELSEWHERE_EVERY_MS);
  }
  return tookMs;
}

async function emptied({ node, programme: { eventId, organizer } }: Venue): Promise<void> {
  for (;;) {
    const { body } = await expectStatus(200, node.client.call("GET", `/events/${eventId}`, { token: organizer }));
    const { held, booked } = body as { held: number; booked: number };
    if (held === 0 && booked === 0) return;
    await pause(50);
  }
}

/** After a quarter of the refunds the node is killed, after half the provider hangs, after three quarters both are killed. */
async function interrupt(
  { bench, node, provider, store }: Venue,
  before: Awaited<ReturnType<typeof endOfBookings>>,
  memory: PeakMemory,
  tell: (what: string) => void,
): Promise<void> {
  const quarter = (bench.options.quick ? QUICK_BOOKINGS : BOOKINGS) / 4;
  await refundsRecorded(store, before, quarter, WITHIN_MS);
  await memory.look(node.pid);
  await node.kill();
  tell("kill -9 of the node");
  let mark = await endOfBookings(store);
  await node.start();
  tell("it is ready again");
  await refundsRecorded(store, mark, quarter, WITHIN_MS);
  await provider.signal("SIGSTOP");
  const awayMs = bench.options.quick ? QUICK_AWAY_MS : AWAY_MS;
  tell(`the provider hangs for ${awayMs / 1_000} s`);
  await pause(awayMs);
  mark = await endOfBookings(store);
  await provider.signal("SIGCONT");
  tell("the provider goes on");
  await refundsRecorded(store, mark, quarter, WITHIN_MS);
  await memory.look(node.pid);
  await Promise.all([node.kill(), provider.signal("SIGKILL")]);
  tell("kill -9 of the node and of the provider");
  mark = await endOfBookings(store);
  await node.start();
  tell("both are ready again");
  await refundsRecorded(store, mark, 1, WITHIN_MS); // else it came too late to show anything
}

/** Held against the log and the provider. @throws Error naming the first violation */
async function proven({ bench, store, provider, programme }: Venue, done: Progress): Promise<CalledOffProof> {
  const began = performance.now();
  const [charges, refunds] = [await provider.charges(), await provider.refunds()];
  const proof = await proveCalledOff(store, { charges, refunds }, programme.eventId);
  const { paidBookings, refunds: made } = proof;
  if (done.bookings !== paidBookings || done.cancelled !== paidBookings || done.refundsSucceeded !== made) {
    throw new Error(`${JSON.stringify(done)} was said of ${paidBookings} bookings and ${made} refunds`);
  }
  bench.say(
    `${rounded(proof.events)} events held against the provider in ${rounded((performance.now() - began) / 1_000)} s`,
  );
  return proof;
}
