import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { signHeads } from "../support/signed-heads.ts";
import { until } from "./events-asking.ts";
import { type NodeUnderTest, startNode } from "./events-node.ts";
import { openShop } from "./reservations-shop.ts";

let node: NodeUnderTest;
beforeAll(async () => {
  node = await startNode({ metricsToken: "a long token of the operator" });
});
afterAll(() => node?.close());

type Asked = { readonly from?: string; readonly headers?: Record<string, string> };

const ask = ({ from = "127.0.0.1", headers = {} }: Asked = {}, of: NodeUnderTest = node) =>
  of.unchecked({ method: "GET", url: "/metrics", remoteAddress: from, headers });

/** Values by series, e.g. `boxoffice_commands_total{aggregate="inventory"}`. */
async function figures(): Promise<ReadonlyMap<string, number>> {
  const { statusCode, body } = await ask();
  expect(statusCode, body).toBe(200);
  const lines = body.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))]),
  );
}

describe("GET /metrics", () => {
  it("is in Prometheus' format, every series with its help and type", async () => {
    const reply = await ask();
    expect(reply.headers["content-type"]).toMatch(/^text\/plain; version=0\.0\.4/);
    const names = [...reply.body.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name ?? "");
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(reply.body, name).toMatch(new RegExp(`^# HELP ${name} \\S`, "m"));
    for (const series of (await figures()).keys()) {
      const name = series.replace(/\{.*/, "").replace(/_(?:bucket|sum|count)$/, "");
      expect(
        [name, series.replace(/\{.*/, "")].some((one) => names.includes(one)),
        series,
      ).toBe(true);
    }
  });

  it("tells what was asked, by route and status, and what came of commands", async () => {
    const before = await figures();
    const organizer = await node.signUp();
    const shop = openShop(node, organizer);
    const at = await shop.onSale();
    await shop.reserved(at, await node.guest());
    await shop.reserve(at, await node.guest(), { quantity: 11 });
    await node.call("GET", `/events/${at.eventId}`);
    const after = await figures();
    const grown = (series: string) => (after.get(series) ?? 0) - (before.get(series) ?? 0);
    const requests = (method: string, route: string, status: number) =>
      grown(`http_request_duration_seconds_count{method="${method}",route="${route}",status="${status}"}`);
    expect(requests("POST", "/events/:eventId/reservations", 201)).toBe(1);
    expect(requests("POST", "/events/:eventId/reservations", 409)).toBe(1);
    expect(requests("GET", "/events/:eventId", 200)).toBe(1);
    expect(grown('boxoffice_batches_total{aggregate="inventory"}')).toBe(3); // the refused one looked, too
    expect(grown('boxoffice_append_duration_seconds_count{outcome="recorded"}')).toBe(3);
    expect(grown("boxoffice_append_events_sum")).toBe(3);
    expect(after.get('boxoffice_mailbox_waiting_commands{aggregate="inventory",lane="normal"}')).toBe(0);
  });

  it("tells how far everything is behind", async () => {
    const lease = 'boxoffice_lease_remaining_seconds{lease="projector"}';
    const now = await until(figures, (told) => told.has(lease) && told.has("boxoffice_projection_lag_seconds"));
    for (const projection of ["availability", "bookings", "trail"]) {
      expect(
        now.get(`boxoffice_projection_behind_positions{projection="${projection}"}`),
        projection,
      ).toBeGreaterThanOrEqual(0);
    }
    expect(now.get(lease)).toBeGreaterThan(0);
    for (const name of ["timers_due", "timers_oldest_due_seconds", "notices_waiting", "refunds_outstanding"]) {
      expect(now.get(`boxoffice_${name}`), name).toBeGreaterThanOrEqual(0);
    }
    expect(now.get("boxoffice_projection_lag_seconds")).toBeGreaterThanOrEqual(0);
    expect(now.get('boxoffice_postgres_connections{pool="boxoffice",state="waited-for"}')).toBe(0);
    expect(now.get("process_resident_memory_bytes")).toBeGreaterThan(0);
  });

  it("tells how far the log is ahead of its newest signed head", async () => {
    const unsigned = async () => (await figures()).get("boxoffice_log_unsigned_positions");
    await openShop(node, await node.signUp()).onSale(); // nobody signs in this process
    await until(unsigned, (positions) => positions !== undefined && positions > 0);
    await signHeads(node.databaseUrl);
    await until(unsigned, (positions) => positions === 0);
  });

  it("has one series for all paths that nobody has declared, and no id in any", async () => {
    for (let count = 0; count < 3; count += 1)
      await node.unchecked({ method: "GET", url: `/no/${crypto.randomUUID()}` });
    const series = [...(await figures()).keys()].join("\n");
    expect(series).not.toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-/);
    expect(series.match(/http_request_duration_seconds_count\{.*status="404"/g)?.length).toBeLessThanOrEqual(2);
  });
});

describe("who may read it", () => {
  const token = { authorization: "Bearer a long token of the operator" };
  const codeOf = async (asked: Asked, of = node) => {
    const reply = await ask(asked, of);
    return reply.statusCode === 200 ? 200 : reply.json().code;
  };

  it("asks from this machine, or has the token", async () => {
    expect(await codeOf({})).toBe(200);
    expect(await codeOf({ from: "::1" })).toBe(200);
    expect(await codeOf({ from: "::ffff:127.0.0.1" })).toBe(200);
    expect(await codeOf({ from: "203.0.113.9", headers: token })).toBe(200);
  });

  it("is not somebody else, nor somebody whom a proxy on this machine passes on", async () => {
    expect(await codeOf({ from: "203.0.113.9" })).toBe("token-missing");
    expect(await codeOf({ from: "203.0.113.9", headers: { authorization: "Bearer guessed" } })).toBe("token-invalid");
    expect(await codeOf({ headers: { "x-forwarded-for": "127.0.0.1" } })).toBe("token-missing");
    expect(await codeOf({ headers: { forwarded: "for=127.0.0.1" } })).toBe("token-missing");
    expect(await codeOf({ from: "127.0.0.1.example.org" })).toBe("token-missing");
  });

  it("is nobody from elsewhere, where there is no token", async () => {
    await using without = await disposable();
    expect(await codeOf({ from: "203.0.113.9", headers: token }, without.node)).toBe("forbidden");
    expect(await codeOf({}, without.node)).toBe(200);
  });
});

async function disposable() {
  const other = await startNode();
  return { node: other, [Symbol.asyncDispose]: () => other.close() };
}
