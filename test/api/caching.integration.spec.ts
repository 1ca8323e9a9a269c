import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type NodeUnderTest, type Reply, startNode } from "./events-node.ts";
import type { Signed } from "./harness.ts";

let node: NodeUnderTest;
let organizer: Signed;
let page: string;
let position: string;
beforeAll(async () => {
  node = await startNode();
  organizer = await node.signUp();
  const made = await create({});
  page = String(made.headers.location);
  position = String(made.headers["boxoffice-position"]);
});
afterAll(() => node.close());

const create = (more: object) =>
  node.call("POST", "/events", { token: organizer.token, body: { name: "Aurora", totalSeats: 5, ...more } });
const caching = ({ headers }: Reply) => headers["cache-control"];

const EVENT = "public, max-age=1, stale-while-revalidate=1, stale-if-error=3600";
const SEARCH = "public, max-age=3, stale-while-revalidate=10, stale-if-error=3600";

describe("caches between us and the reader", () => {
  it("may share what is public, for as long as it says", async () => {
    for (const [url, said] of [
      [page, EVENT],
      [`${page}/availability`, EVENT],
      ["/events/search?keyword=aurora", SEARCH],
    ] as const) {
      const reply = await node.call("GET", url);
      expect([reply.statusCode, caching(reply)], url).toEqual([200, said]);
      expect(reply.headers.vary).toBe("Authorization, Boxoffice-Min-Position");
    }
  });

  it("may not share what somebody asked for by name, or with a position", async () => {
    for (const url of [page, `${page}/availability`]) {
      const named = await node.call("GET", url, { token: organizer.token });
      expect([named.statusCode, caching(named)]).toEqual([200, "private, no-cache"]);
      const placed = await node.call("GET", url, { headers: { "boxoffice-min-position": position } });
      expect([placed.statusCode, caching(placed)]).toEqual([200, "private, no-cache"]);
      expect(placed.headers.vary).toBe("Authorization, Boxoffice-Min-Position");
    }
    const searched = await node.call("GET", "/events/search", { token: organizer.token });
    expect([searched.statusCode, caching(searched)]).toEqual([200, "private, no-store"]);
  });

  it("keep no error: what is missing now may be there in a moment", async () => {
    const missing = await node.call("GET", "/events/7d9f5f0e-0000-4000-8000-000000000001");
    expect([missing.statusCode, caching(missing)]).toEqual([404, "private, no-cache"]);
    const draft = await create({ draft: true });
    const hidden = await node.call("GET", String(draft.headers.location));
    expect([hidden.statusCode, caching(hidden)]).toEqual([404, "private, no-cache"]);
    const wrong = await node.call("GET", "/events/search?page=0");
    expect([wrong.statusCode, caching(wrong)]).toEqual([400, "private, no-store"]);
  });

  it("keep nothing that is about persons, nor tokens, nor what was done", async () => {
    const { token } = organizer;
    for (const url of ["/accounts/me", "/reservations", "/cart", "/bookings", "/events?organizer=me", "/waitlist"]) {
      const reply = await node.call("GET", url, { token });
      expect([reply.statusCode, url]).toEqual([200, url]);
      expect(caching(reply), url).toMatch(/^private, no-(store|cache)$/);
    }
    expect(caching(await node.call("POST", "/sessions/guest"))).toBe("no-store");
    expect(caching(await create({}))).toBe("private, no-store");
    expect(caching(await node.call("GET", "/health/ready"))).toBe("no-store");
  });
});

describe("what was answered before", () => {
  it("is not sent again to who has it, and is sent when it has changed", async () => {
    const made = await create({});
    const url = String(made.headers.location);
    const first = await node.call("GET", url);
    const tag = String(first.headers.etag);
    const again = await node.call("GET", url, { headers: { "if-none-match": `"other", W/${tag}` } });
    expect([again.statusCode, again.body, again.headers.etag, caching(again)]).toEqual([304, "", tag, EVENT]);
    const { ticketTypeId } = made.json().ticketTypes[0];
    const reserved = await node.call("POST", `${url}/reservations`, {
      token: organizer.token,
      body: { ticketTypeId, quantity: 1 },
    });
    const headers = {
      "if-none-match": tag,
      "boxoffice-min-position": String(reserved.headers["boxoffice-position"]),
    };
    const changed = await node.call("GET", url, { headers });
    expect([changed.statusCode, changed.json().held]).toEqual([200, 1]);
    expect(changed.headers.etag).not.toBe(tag);
    const head = await node.call("HEAD", url);
    expect([head.statusCode, head.body, head.headers.etag]).toEqual([200, "", changed.headers.etag]);
  });

  it("has the same tag on every node, for the same content", async () => {
    const [one, two] = [await node.call("GET", page), await node.call("GET", page)];
    expect(two.headers.etag).toBe(one.headers.etag);
    await node.restart();
    expect((await node.call("GET", page)).headers.etag).toBe(one.headers.etag);
  });
});
