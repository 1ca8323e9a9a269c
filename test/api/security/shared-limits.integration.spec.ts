import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { hasRedis, startBenchRedis } from "../../../bench/support/redis-server.ts";
import { openRateCounts } from "../../../src/api/security/open-rate-counts.ts";
import { type ApiUnderTest, startApi } from "../harness.ts";
import { type RedisStandIn, startRedisStandIn } from "./redis-stand-in.ts";

const LIMIT = 5;
const closers: (() => Promise<void>)[] = [];
let first: ApiUnderTest;
beforeAll(async () => {
  first = await startApi();
});
afterAll(() => first.close());
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

interface Node {
  readonly api: ApiUnderTest;
  readonly said: string[];
  /** Reads something from an address. @returns the status */
  ask(address: string): Promise<number>;
}

/** A node that shares its rate limits by way of a Redis. */
async function node(redisUrl: string): Promise<Node> {
  const said: string[] = [];
  const say = (_: object, message: string) => void said.push(message);
  const log = { info: say, warn: say, error: say };
  const rateCounts = await openRateCounts({ redisUrl, rateLimitPerMinute: LIMIT }, log);
  closers.push(async () => rateCounts.close());
  const settings = { rateLimitPerMinute: LIMIT };
  const api = await startApi({ databaseUrl: first.databaseUrl, rateCounts, settings });
  closers.push(() => api.close());
  const ask = async (remoteAddress: string) =>
    (await api.api.inject({ method: "GET", url: "/problems", remoteAddress })).statusCode;
  return { api, said, ask };
}

const times = async (count: number, ask: () => Promise<number>): Promise<number[]> => {
  const statuses: number[] = [];
  for (let time = 0; time < count; time += 1) statuses.push(await ask());
  return statuses;
};
const fill = (count: number, status: number): number[] => Array.from({ length: count }, () => status);

describe("limits of several nodes", () => {
  it("are one limit, by a real Redis", async ({ skip }) => {
    if (!hasRedis()) skip("redis-server is not installed: limits are shared by a stand-in only");
    const directory = await mkdtemp(join(tmpdir(), "boxoffice-redis-"));
    closers.push(() => rm(directory, { recursive: true, force: true }));
    const redis = await startBenchRedis(directory);
    closers.push(() => redis.stop());
    const [a, b] = [await node(redis.url), await node(redis.url)];
    expect(await times(3, () => a.ask("192.0.2.1"))).toEqual(fill(3, 200));
    expect(await times(2, () => b.ask("192.0.2.1"))).toEqual(fill(2, 200));
    const refused = await b.api.api.inject({ method: "GET", url: "/problems", remoteAddress: "192.0.2.1" });
    expect([refused.statusCode, refused.json().code]).toEqual([429, "rate-limited"]);
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(50);
    expect(await a.ask("192.0.2.1")).toBe(429);
    expect(await a.ask("192.0.2.2")).toBe(200);
    expect([...a.said, ...b.said]).toEqual([]);
  });

  it("are one limit, by the stand-in that the following specs break", async () => {
    const redis = await standIn();
    const [a, b] = [await node(redis.url), await node(redis.url)];
    expect(await times(3, () => a.ask("192.0.2.1"))).toEqual(fill(3, 200));
    expect(await times(3, () => b.ask("192.0.2.1"))).toEqual([200, 200, 429]);
  });
});

describe("a Redis that fails", () => {
  it("and is away from the beginning: nodes start, and count by themselves until it is there", async () => {
    const redis = await standIn();
    await redis.close();
    const { ask, said } = await node(redis.url);
    expect(await times(6, () => ask("192.0.2.1"))).toEqual([...fill(5, 200), 429]);
    expect(said).toEqual([expect.stringContaining("Redis does not answer")]);
  });

  it.each<["hangs" | "errs" | "is cut", (redis: RedisStandIn) => void]>([
    ["hangs", (redis) => redis.behave("hangs")],
    ["errs", (redis) => redis.behave("errs")],
    ["is cut", (redis) => redis.cut()],
  ])("%s: no request fails or waits long, what was counted counts on, and it is found again", async (_, fail) => {
    const redis = await standIn();
    const { ask, said } = await node(redis.url);
    expect(await times(3, () => ask("192.0.2.1"))).toEqual(fill(3, 200));
    fail(redis);
    const began = performance.now();
    expect(await times(3, () => ask("192.0.2.1"))).toEqual([200, 200, 429]);
    expect(await times(20, () => ask("192.0.2.2"))).toEqual([...fill(5, 200), ...fill(15, 429)]);
    expect(performance.now() - began).toBeLessThan(1_500); // one of them waited 100 ms
    redis.behave("answers");
    await vi.waitFor(() => expect(said.at(-1)).toContain("together with the other nodes again"), { timeout: 10_000 });
    expect(said.length).toBe(2);
    const asked = redis.asked;
    expect(await ask("192.0.2.3")).toBe(200);
    expect([redis.asked, redis.connections]).toEqual([asked + 1, 1]);
  });

  it("hangs for long: connections don't pile up", async () => {
    const redis = await standIn();
    const { ask, said } = await node(redis.url);
    redis.behave("hangs");
    expect(await ask("192.0.2.1")).toBe(200);
    for (let tries = 0; tries < 3; tries += 1) {
      await vi.waitFor(() => expect(redis.connections).toBe(1), { timeout: 10_000, interval: 10 });
      await vi.waitFor(() => expect(redis.connections).toBe(0), { timeout: 10_000, interval: 10 });
    }
    expect(said.length).toBe(1);
  });
});

async function standIn(): Promise<RedisStandIn> {
  const redis = await startRedisStandIn();
  let closed = false;
  const close = async () => {
    if (!closed) await redis.close();
    closed = true;
  };
  closers.push(close);
  return {
    ...redis,
    get connections() {
      return redis.connections;
    },
    get asked() {
      return redis.asked;
    },
    close,
  };
}
