import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { OnSale } from "../../test/system/shop.ts";
import { wrkFigures } from "./wrk.ts";

/** What buyers saw who reserve and buy, one after the other. */
export interface PurchaseLoadResult {
  /** 201s of purchases that say PAID, in a second. */
  readonly paidPerSecond: number;
  readonly paid: number;
  /** Other answers, and requests without an answer. */
  readonly failed: number;
  /** Of a request, reservations and purchases together. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface PurchaseLoad {
  readonly port: number;
  readonly sales: readonly OnSale[];
  /** One for each connection at least. */
  readonly tokens: readonly string[];
  readonly connections: number;
  readonly seconds: number;
  /** A folder for what the generator needs. */
  readonly workDir: string;
}

/**
 * Buyers, each on a connection of its own, who reserve one ticket, pay for it by `sandbox-ok`, and begin again. A thread of
 * wrk for each, because only within a thread do answers come in the order of the requests.
 */
export async function buyUnderLoad(load: PurchaseLoad): Promise<PurchaseLoadResult> {
  const { connections, seconds, port } = load;
  const script = join(load.workDir, "purchase.lua");
  await writeFile(script, luaScript(load));
  const url = `http://127.0.0.1:${port}/`;
  const figures = await wrkFigures({ url, script, connections, seconds, threads: connections, timeoutSeconds: 15 });
  const [paid = 0, failed = 0, took = 1, p50Ms = 0, p99Ms = 0] = figures;
  return { paidPerSecond: paid / took, paid, failed, p50Ms, p99Ms };
}

const luaScript = ({ tokens, sales }: PurchaseLoad): string => `
local tokens = {${tokens.map((token) => `"${token}"`).join(",")}}
local events = {${sales.map(({ eventId }) => `"${eventId}"`).join(",")}}
local types = {${sales.map(({ ticketTypeId }) => `"${ticketTypeId}"`).join(",")}}
local thread_list = {}
function setup(thread)
  table.insert(thread_list, thread)
  thread:set("number", #thread_list)
end
function init(args) paid = 0; failed = 0; turn = 0; reservation = nil end
function request()
  local headers = { ["authorization"] = "Bearer " .. tokens[number], ["content-type"] = "application/json" }
  if reservation ~= nil then
    local body = '{"reservationIds":["' .. reservation .. '"],"payment":{"method":"sandbox-ok"}}'
    headers["idempotency-key"] = "buy-" .. reservation
    return wrk.format("POST", "/purchases", headers, body)
  end
  local at = (turn * 64 + number) % #events + 1
  turn = turn + 1
  local path = "/events/" .. events[at] .. "/reservations"
  return wrk.format("POST", path, headers, '{"ticketTypeId":"' .. types[at] .. '","quantity":1}')
end
function response(status, headers, body)
  if reservation == nil then
    if status == 201 then reservation = body:match('"reservationId":"([^"]+)"') else failed = failed + 1 end
  else
    if status == 201 and body:find('"status":"PAID"', 1, true) then paid = paid + 1 else failed = failed + 1 end
    reservation = nil
  end
end
function done(summary, latency)
  local paid, failed = 0, 0
  for _, thread in ipairs(thread_list) do
    paid = paid + thread:get("paid")
    failed = failed + thread:get("failed")
  end
  local e = summary.errors
  print(string.format("RESULT %d %d %f %f %f", paid, failed + e.connect + e.read + e.write + e.timeout,
    summary.duration / 1e6, latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
`;
