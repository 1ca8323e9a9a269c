import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { wrkFigures } from "./wrk.ts";

/** Requests that differ in one header only. */
export interface TokenLoad {
  readonly port: number;
  readonly method: "GET" | "POST";
  readonly path: string;
  /** In small letters; each request has the next value, and after the last the first. */
  readonly header: string;
  readonly values: readonly string[];
  readonly connections: number;
  readonly seconds: number;
  /** It ends after so many requests, where that is sooner; null: only then. */
  readonly most: number | null;
  /** A folder for what the generator needs. */
  readonly workDir: string;
}

export interface TokenResult {
  /** Answers of 200 and 201 in a second. */
  readonly perSecond: number;
  readonly answered: number;
  /** Other answers, and requests without an answer. */
  readonly failed: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

let files = 0;

/** Sends them over so many connections by wrk, which reads the values from a file as it goes. @throws Error no wrk */
export async function sendTokens(load: TokenLoad): Promise<TokenResult> {
  files += 1;
  const values = join(load.workDir, `values-${files}`);
  const script = join(load.workDir, `send-${files}.lua`);
  await writeFile(values, `${load.values.join("\n")}\n`);
  await writeFile(script, luaScript(load, values));
  const url = `http://127.0.0.1:${load.port}${load.path}`;
  const figures = await wrkFigures({ ...load, url, script });
  const [answered = 0, failed = 0, seconds = 1, p50Ms = 0, p99Ms = 0] = figures;
  return { perSecond: answered / seconds, answered, failed, p50Ms, p99Ms };
}

/**
 * wrk sleeps for as long as it was asked to run; an interrupt wakes it, and it prints what it has. So that its stop does not
 * count, the script looks at the clock itself, at the first and the last answer.
 */
const luaScript = ({ method, header, most }: TokenLoad, values: string): string => `
local ffi = require("ffi")
ffi.cdef("typedef struct { long s; long us; } boxoffice_time; int gettimeofday(boxoffice_time *t, void *z); int getpid(void); int kill(int pid, int sig);")
local now = ffi.new("boxoffice_time")
local function seconds() ffi.C.gettimeofday(now, nil) return tonumber(now.s) + tonumber(now.us) / 1e6 end
local thread_list = {}
function setup(thread) table.insert(thread_list, thread) end
function init(args) values = io.open("${values}"); answered = 0; other = 0; first = 0; last = 0 end
local function next_value()
  local value = values:read("*l")
  if value then return value end
  values:seek("set")
  return values:read("*l")
end
function request() return wrk.format("${method}", nil, { ["${header}"] = next_value() }) end
function response(status)
  last = seconds()
  if first == 0 then first = last end
  if status == 200 or status == 201 then answered = answered + 1 else other = other + 1 end
  if answered + other == ${most ?? -1} then ffi.C.kill(ffi.C.getpid(), 2) end
end
function done(summary, latency)
  local thread = thread_list[1]
  local e = summary.errors
  local failed = thread:get("other") + e.connect + e.read + e.write + e.timeout
  print(string.format("RESULT %d %d %f %f %f", thread:get("answered"), failed,
    thread:get("last") - thread:get("first"), latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
`;
