import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import autocannon, { type Request } from "autocannon";
import type { Target } from "./load.ts";
import { hasWrk, wrkFigures } from "./wrk.ts";

/** What readers saw, and the writers among them. */
export interface ReadResult {
  /** Answers of 200 and 201 in a second. */
  readonly perSecond: number;
  readonly answered: number;
  /** Other answers, and requests without an answer. */
  readonly failed: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface ReadLoad {
  readonly port: number;
  readonly path: string;
  readonly connections: number;
  readonly seconds: number;
  /** A folder for what the generator needs. */
  readonly workDir: string;
  /** After so many reads somebody reserves a ticket; null: nobody does. */
  readonly writes: { readonly afterReads: number; readonly target: Target } | null;
}

/** Reads one address over so many connections, from another process where wrk is there, else by autocannon. */
export const readUnderLoad = (load: ReadLoad): Promise<ReadResult> => (hasWrk ? byWrk(load) : byAutocannon(load));

const writePath = ({ eventId }: Target): string => `/events/${eventId}/reservations`;
const writeBody = ({ ticketTypeId }: Target): string => JSON.stringify({ ticketTypeId, quantity: 1 });

/** Unique over all runs. */
const newRun = (): string => `${Date.now().toString(36)}${randomBytes(4).toString("hex")}`;

async function byWrk(load: ReadLoad): Promise<ReadResult> {
  const script = join(load.workDir, "read.lua");
  await writeFile(script, luaScript(load));
  const url = `http://127.0.0.1:${load.port}${load.path}`;
  const figures = await wrkFigures({ ...load, url, script });
  const [requests = 0, failed = 0, seconds = 1, p50Ms = 0, p99Ms = 0] = figures;
  const answered = requests - failed;
  return { perSecond: answered / seconds, answered, failed, p50Ms, p99Ms };
}

/** Without writes wrk sends one request that is made once, and looks at no answer but its status. */
const luaScript = ({ writes }: ReadLoad): string => `
${writes === null ? "" : writing(writes.afterReads, writes.target)}
function done(summary, latency)
  local e = summary.errors
  local failed = e.status + e.connect + e.read + e.write + e.timeout
  print(string.format("RESULT %d %d %f %f %f", summary.requests, failed, summary.duration / 1e6,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
`;

const writing = (afterReads: number, target: Target): string => `
local tokens = { ${target.tokens.map((token) => `"${token}"`).join(", ")} }
local run, body, count, writes = "${newRun()}", '${writeBody(target)}', 0, 0
local read
function init(args) read = wrk.format("GET") end
function request()
  count = count + 1
  if count % ${afterReads + 1} ~= 0 then return read end
  writes = writes + 1
  return wrk.format("POST", "${writePath(target)}", {
    ["authorization"] = "Bearer " .. tokens[writes % #tokens + 1],
    ["content-type"] = "application/json",
    ["idempotency-key"] = run .. "-" .. writes,
  }, body)
end
`;

async function byAutocannon(load: ReadLoad): Promise<ReadResult> {
  const run = newRun();
  let writes = 0;
  const write = (target: Target): Request => ({
    method: "POST",
    path: writePath(target),
    body: writeBody(target),
    setupRequest(request) {
      writes += 1;
      const authorization = `Bearer ${target.tokens[writes % target.tokens.length]}`;
      const headers = { authorization, "content-type": "application/json", "idempotency-key": `${run}-${writes}` };
      return { ...request, headers };
    },
  });
  const read: Request = { method: "GET", path: load.path };
  const requests =
    load.writes === null
      ? [read]
      : [...Array.from({ length: load.writes.afterReads }, () => read), write(load.writes.target)];
  const { connections, seconds: duration } = load;
  const result = await autocannon({ url: `http://127.0.0.1:${load.port}`, connections, duration, requests });
  const answered = result["2xx"];
  return {
    perSecond: answered / result.duration,
    answered,
    failed: result.requests.total - answered + result.errors + result.timeouts,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
  };
}
