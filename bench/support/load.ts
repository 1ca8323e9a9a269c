import { execFile, spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import autocannon from "autocannon";

const run = promisify(execFile);

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
}

export interface ReservationLoad {
  readonly port: number;
  readonly eventId: string;
  readonly ticketTypeId: string;
  /** One bearer token an account; requests take turns with them. */
  readonly tokens: readonly string[];
  readonly connections: number;
  readonly seconds: number;
  /** A folder for what the generator needs. */
  readonly workDir: string;
}

const hasWrk = spawnSync("wrk", ["-v"]).error === undefined;

/**
 * Reserves one ticket at a time over so many connections, each request with a key of its own and the next account's
 * token, from another process where wrk is there, else by autocannon in a worker thread.
 */
export function reserveUnderLoad(load: ReservationLoad): Promise<LoadResult> {
  return hasWrk ? byWrk(load) : byAutocannon(load);
}

const bodyOf = ({ ticketTypeId }: ReservationLoad): string => JSON.stringify({ ticketTypeId, quantity: 1 });

async function byWrk(load: ReservationLoad): Promise<LoadResult> {
  const script = join(load.workDir, "reserve.lua");
  await writeFile(script, luaScript(load));
  const url = `http://127.0.0.1:${load.port}/events/${load.eventId}/reservations`;
  const args = ["-t1", `-c${load.connections}`, `-d${load.seconds}s`, "--timeout", "10s", "-s", script, url];
  const { stdout } = await run("wrk", args, { maxBuffer: 1024 * 1024 });
  const line = stdout.split("\n").find((text) => text.startsWith("RESULT "));
  if (line === undefined) throw new Error(`wrk said nothing of its result:\n${stdout}`);
  const [created, failed, seconds, p50Ms, p99Ms] = line.slice("RESULT ".length).split(" ").map(Number) as [
    number,
    number,
    number,
    number,
    number,
  ];
  return { createdPerSecond: created / seconds, created, failed, p50Ms, p99Ms, generator: "wrk" };
}

/** Keys are unique over all runs by the time and a count; statuses are counted in the thread and read at the end. */
const luaScript = (load: ReservationLoad): string => `
local tokens = {${load.tokens.map((token) => `"${token}"`).join(",")}}
local body = '${bodyOf(load)}'
local run = "${Date.now().toString(36)}${Math.floor(Math.random() * 1e9).toString(36)}"
local thread_list = {}
function setup(thread) table.insert(thread_list, thread) end
function init(args) count = 0; created = 0; other = 0 end
function request()
  count = count + 1
  return wrk.format("POST", nil, {
    ["authorization"] = "Bearer " .. tokens[count % #tokens + 1],
    ["content-type"] = "application/json",
    ["idempotency-key"] = run .. "-" .. count,
  }, body)
end
function response(status) if status == 201 then created = created + 1 else other = other + 1 end end
function done(summary, latency)
  local c, o = 0, 0
  for _, t in ipairs(thread_list) do c = c + t:get("created"); o = o + t:get("other") end
  local e = summary.errors
  local failed = o + e.connect + e.read + e.write + e.timeout
  print(string.format("RESULT %d %d %f %f %f", c, failed, summary.duration / 1e6,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
`;

async function byAutocannon(load: ReservationLoad): Promise<LoadResult> {
  let count = 0;
  const started = `${Date.now().toString(36)}${Math.floor(Math.random() * 1e9).toString(36)}`;
  const result = await autocannon({
    url: `http://127.0.0.1:${load.port}`,
    connections: load.connections,
    duration: load.seconds,
    requests: [
      {
        method: "POST",
        path: `/events/${load.eventId}/reservations`,
        body: bodyOf(load),
        setupRequest(request) {
          count += 1;
          const headers = {
            authorization: `Bearer ${load.tokens[count % load.tokens.length]}`,
            "content-type": "application/json",
            "idempotency-key": `${started}-${count}`,
          };
          return { ...request, headers };
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
  };
}
