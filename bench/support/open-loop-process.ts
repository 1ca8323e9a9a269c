/** The generator of `open-loop.ts`: takes a load as a message, sends it, answers with what became of it. */
import { createHistogram } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import type { Arrivals, OpenLoop, OpenLoopResult } from "./open-loop.ts";
import { ConnectionPool } from "./open-loop-pool.ts";
import { KindTally, Timeline } from "./open-loop-tally.ts";

/** How often arrivals that are due are sent: the finest that timers can do. */
const TICK_MS = 1;
const GIVE_UP_EVERY_MS = 100;

/** One kind in the schedule. */
interface Kind {
  readonly arrivals: Arrivals;
  readonly tally: KindTally;
  /** When the first one arrives: kinds take turns rather than come together. */
  readonly offsetMs: number;
  /** The number of the next one. */
  next: number;
}

process.once("message", async (load: OpenLoop) => {
  const result = await generate(load);
  process.send?.(result, undefined, undefined, () => process.disconnect?.());
});

async function generate(load: OpenLoop): Promise<OpenLoopResult> {
  const { port, arrivals, seconds, warmUpSeconds, connections, timeoutMs } = load;
  const run = `${Date.now().toString(36)}-${process.pid.toString(36)}`;
  const lastMs = (seconds + warmUpSeconds) * 1000;
  const timeline = new Timeline(seconds + warmUpSeconds);
  const kinds = arrivals.map((one, index): Kind => {
    const offsetMs = (1000 / one.perSecond) * (index / arrivals.length);
    return { arrivals: one, tally: new KindTally(one, warmUpSeconds * 1000, timeline), offsetMs, next: 0 };
  });
  const pool = new ConnectionPool(port, connections);
  const lateMicros = createHistogram();
  const cpu = process.cpuUsage();
  const beganMs = performance.now();
  const sinceMs = () => performance.now() - beganMs;

  function send({ arrivals: one, tally }: Kind, number: number, atMs: number): void {
    tally.scheduled(atMs);
    pool.send({
      atMs,
      request: requestOf(one, number, run),
      onAnswer: (answer) => tally.answered(atMs, sinceMs() - atMs, answer),
      onFailure: () => tally.unanswered(atMs),
    });
  }

  function sendDue(nowMs: number): void {
    for (const kind of kinds) {
      for (;;) {
        const atMs = kind.offsetMs + (kind.next * 1000) / kind.arrivals.perSecond;
        if (atMs > nowMs || atMs >= lastMs) break;
        lateMicros.record(Math.max(1, Math.round((nowMs - atMs) * 1000)));
        send(kind, kind.next, atMs);
        kind.next += 1;
      }
    }
  }

  const givingUp = setInterval(() => pool.giveUpBefore(sinceMs() - timeoutMs), GIVE_UP_EVERY_MS);
  for (let nowMs = sinceMs(); nowMs < lastMs; nowMs = sinceMs()) {
    sendDue(nowMs);
    await pause(TICK_MS);
  }
  sendDue(lastMs);
  while (!pool.isIdle) await pause(TICK_MS);
  clearInterval(givingUp);
  pool.close();
  const { user, system } = process.cpuUsage(cpu);
  return {
    run,
    kinds: Object.fromEntries(kinds.map(({ arrivals: { kind }, tally }) => [kind, tally.result()])),
    timeline: timeline.seconds,
    generatorLateP99Ms: lateMicros.count === 0 ? 0 : lateMicros.percentile(99) / 1000,
    generatorBusy: (user + system) / 1000 / sinceMs(),
    connectionsOpened: pool.opened,
  };
}

/** As a client would send it, with nothing that it needn't. */
function requestOf(arrivals: Arrivals, number: number, run: string): string {
  const { kind, method, paths, tokens = [], body, keyed = false } = arrivals;
  let head = `${method} ${paths[number % paths.length]} HTTP/1.1\r\nHost: 127.0.0.1\r\n`;
  if (tokens.length > 0) head += `Authorization: Bearer ${tokens[number % tokens.length]}\r\n`;
  if (keyed) head += `Idempotency-Key: ${run}-${kind}-${number}\r\n`;
  if (body === undefined) return `${head}\r\n`;
  return `${head}Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}
