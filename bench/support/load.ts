import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import autocannon from "autocannon";
import { hasWrk, wrkFigures } from "./wrk.ts";

/** What a load test saw from the clients' side. */
export interface LoadResult {
  /** 201s in a second: nothing else counts. */
  readonly createdPerSecond: number;
  readonly created: number;
  /** Answers that were not 201, and requests without an answer. */
  readonly failed: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly generator: "wrk" | "autocannon";
  readonly keys: SentKeys;
}

/** The keys of a run: `<run>-1` to `<run>-<count>`, number n with the token at `n % tokens.length`. */
export interface SentKeys {
  readonly run: string;
  /** Requests that were begun; those that were under way at the end have no answer. */
  readonly count: number;
}

/** A ticket type on sale at a server of this machine, and who buys. */
export interface Target {
  readonly port: number;
  readonly eventId: string;
  readonly ticketTypeId: string;
  /** One bearer token an account; requests take turns with them. */
  readonly tokens: readonly string[];
}

export interface ReservationLoad extends Target {
  readonly connections: number;
  readonly seconds: number;
  /** What is asked for beside the ticket type, in turns; absent: one ticket. */
  readonly wishes?: readonly object[];
  /** A folder for what the generator needs. */
  readonly workDir: string;
}

/**
 * Reserves one ticket at a time over so many connections, each request with a key of its own and the next account's
 * token, from another process where wrk is there, else by autocannon in a worker thread.
 */
export function reserveUnderLoad(load: ReservationLoad): Promise<LoadResult> {
  return hasWrk ? byWrk(load) : byAutocannon(load);
}

const bodiesOf = ({ ticketTypeId, wishes = [{ quantity: 1 }] }: ReservationLoad): readonly string[] =>
  wishes.map((wish) => JSON.stringify({ ticketTypeId, ...wish }));

/** Unique over all runs. */
const newRun = (): string => `${Date.now().toString(36)}${randomBytes(4).toString("hex")}`;

/** One thread has one count of keys. */
async function byWrk(load: ReservationLoad): Promise<LoadResult> {
  const run = newRun();
  const script = join(load.workDir, "reserve.lua");
  await writeFile(script, luaScript(load, run));
  const url = `http://127.0.0.1:${load.port}/events/${load.eventId}/reservations`;
  const figures = await wrkFigures({ ...load, url, script });
  const [created = 0, failed = 0, seconds = 1, p50Ms = 0, p99Ms = 0, count = 0] = figures;
  const keys = { run, count };
  return { createdPerSecond: created / seconds, created, failed, p50Ms, p99Ms, generator: "wrk", keys };
}

/** Keys and statuses are counted in the thread and read at the end. wrk asks for one request before it connects: key 0. */
const luaScript = (load: ReservationLoad, run: string): string => `
local tokens = {${load.tokens.map((token) => `"${token}"`).join(",")}}
local bodies = {${bodiesOf(load)
  .map((body) => `'${body}'`)
  .join(",")}}
local run = "${run}"
local thread_list = {}
function setup(thread) table.insert(thread_list, thread) end
function init(args) count = -1; created = 0; other = 0 end
function request()
  count = count + 1
  return wrk.format("POST", nil, {
    ["authorization"] = "Bearer " .. tokens[count % #tokens + 1],
    ["content-type"] = "application/json",
    ["idempotency-key"] = run .. "-" .. count,
  }, bodies[count % #bodies + 1])
end
function response(status) if status == 201 then created = created + 1 else other = other + 1 end end
function done(summary, latency)
  local thread = thread_list[1]
  local c, o, sent = thread:get("created"), thread:get("other"), thread:get("count")
  local e = summary.errors
  local failed = o + e.connect + e.read + e.write + e.timeout
  print(string.format("RESULT %d %d %f %f %f %d", c, failed, summary.duration / 1e6,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, sent))
end
`;

async function byAutocannon(load: ReservationLoad): Promise<LoadResult> {
  let count = 0;
  const run = newRun();
  const bodies = bodiesOf(load);
  const result = await autocannon({
    url: `http://127.0.0.1:${load.port}`,
    connections: load.connections,
    duration: load.seconds,
    requests: [
      {
        method: "POST",
        path: `/events/${load.eventId}/reservations`,
        setupRequest(request) {
          count += 1;
          const headers = {
            authorization: `Bearer ${load.tokens[count % load.tokens.length]}`,
            "content-type": "application/json",
            "idempotency-key": `${run}-${count}`,
          };
          return { ...request, headers, body: bodies[count % bodies.length] };
        },
      },
    ],
  });
  const created = result.statusCodeStats?.["201"]?.count ?? 0;
  return {
    createdPerSecond: created / result.duration,
    created,
    failed: result.requests.total - created + result.errors + result.timeouts,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
    generator: "autocannon",
    keys: { run, count },
  };
}
