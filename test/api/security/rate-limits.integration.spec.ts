import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { RoutePlugin } from "../../../src/api/conventions/route-config.ts";
import { type ApiUnderTest, startApi } from "../harness.ts";

const anybody = { who: "anybody", key: null } as const;
/** One route of each class, by addresses that the table of classes knows. */
const policy = { "GET /events/search": anybody, "GET /events/:eventId": anybody, "POST /holds": anybody };
const routes: RoutePlugin[] = [
  (api) => {
    for (const [method, url] of [
      ["GET", "/events/search"],
      ["GET", "/events/:eventId"],
      ["POST", "/holds"],
    ] as const) {
      api.route({ method, url, schema: { hide: true }, handler: async () => "" });
    }
  },
];
const CLASSES = [
  ["GET", "/events/1"],
  ["POST", "/holds"],
  ["POST", "/sessions/guest"],
  ["GET", "/events/search"],
] as const;

let database: ApiUnderTest;
let address = 0;
beforeAll(async () => {
  database = await startApi();
});
afterAll(() => database.close());
beforeEach(() => {
  address += 1;
});

const start = (rateLimitPerMinute: number) =>
  startApi({ databaseUrl: database.databaseUrl, routes, policy, settings: { rateLimitPerMinute } });
const ask = ({ api }: ApiUnderTest, method: "GET" | "POST", url: string) =>
  api.inject({ method, url, remoteAddress: `192.0.2.${address}` });

describe("the limit", () => {
  let limited: ApiUnderTest;
  beforeAll(async () => {
    limited = await start(3);
  });
  afterAll(() => limited.close());

  it("is a count of its own for reads, writes, sign-ins and searches", async () => {
    for (const [method, url] of CLASSES) {
      const statuses: number[] = [];
      for (let times = 0; times < 4; times += 1) statuses.push((await ask(limited, method, url)).statusCode);
      expect([url, statuses.map((status) => status < 300)]).toEqual([url, [true, true, true, false]]);
      expect(statuses.at(-1)).toBe(429);
    }
  });

  it("is one for all routes of a class", async () => {
    for (const url of ["/events/1", "/problems", "/events/2"]) await ask(limited, "GET", url);
    expect((await ask(limited, "GET", "/openapi.json")).statusCode).toBe(429);
  });

  it("is said with each reply, and when it is over", async () => {
    const soon = expect.stringMatching(/^(60|5\d)$/);
    const first = await ask(limited, "GET", "/events/1");
    expect(first.headers).toMatchObject({
      "ratelimit-limit": "3",
      "ratelimit-remaining": "2",
      "ratelimit-reset": soon,
    });
    expect(first.headers["retry-after"]).toBeUndefined();
    for (let times = 0; times < 2; times += 1) await ask(limited, "GET", "/events/1");
    const refused = await ask(limited, "GET", "/events/1");
    expect([refused.statusCode, refused.json().code]).toEqual([429, "rate-limited"]);
    expect(refused.headers).toMatchObject({ "ratelimit-remaining": "0", "ratelimit-reset": soon, "retry-after": soon });
  });

  it("holds for those who look for addresses that there are not", async () => {
    const statuses: number[] = [];
    for (let times = 0; times < 4; times += 1) statuses.push((await ask(limited, "GET", `/${times}`)).statusCode);
    expect(statuses).toEqual([404, 404, 404, 429]);
  });

  it("lets go of nobody for what others do", async () => {
    for (let times = 0; times < 4; times += 1) await ask(limited, "GET", "/events/1");
    address += 1;
    expect((await ask(limited, "GET", "/events/1")).statusCode).toBe(200);
  });
});

describe("RATE_LIMIT_PER_MINUTE", () => {
  it("600: so many a minute of one kind go through, one more doesn't", async () => {
    const node = await start(600);
    for (const [method, url] of CLASSES.slice(0, 2)) {
      const replies = await Promise.all(Array.from({ length: 600 }, () => ask(node, method, url)));
      expect(replies.filter(({ statusCode }) => statusCode !== 200)).toEqual([]);
      expect((await ask(node, method, url)).statusCode).toBe(429);
    }
    await node.close();
  });

  it("0: nothing is limited, and nothing is said of it; wrong passwords are all the same", async () => {
    const node = await start(0);
    const replies = await Promise.all(Array.from({ length: 700 }, () => ask(node, "GET", "/events/1")));
    expect(replies.filter(({ statusCode }) => statusCode !== 200)).toEqual([]);
    expect(replies[0]?.headers["ratelimit-limit"]).toBeUndefined();
    const wrong = { email: "root@example.org", password: "not this one" };
    const statuses: number[] = [];
    for (let times = 0; times < 11; times += 1) {
      const signIn = await node.api.inject({ method: "POST", url: "/sessions", payload: wrong });
      statuses.push(signIn.statusCode);
    }
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429]);
    await node.close();
  });
});
