import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PAGES } from "../../../src/api/pages/table.ts";
import { type ApiUnderTest, startApi } from "../harness.ts";

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

const urls = PAGES.map(({ url }) => url.replace(/:\w+/g, "some-id"));
const BASE = "http://pages.test";

/** What a page or one of its files makes a browser fetch from here: links, scripts, imports. */
function referredTo(url: string, text: string): string[] {
  const found = text.matchAll(
    /(?:<link[^>]*\bhref|<script[^>]*\bsrc|<img[^>]*\bsrc)="([^"]+)"|^import[^"]*"([^"]+)";/gm,
  );
  return [...found].map(([, ofHtml, ofScript]) => new URL(ofHtml ?? ofScript ?? "", BASE + url).href);
}

describe.each(urls)("the page %s", (url) => {
  it("is HTML that may do no more than it needs", async () => {
    const reply = await api.call("GET", url);
    expect([reply.statusCode, reply.headers["content-type"]]).toEqual([200, "text/html; charset=utf-8"]);
    const policy = String(reply.headers["content-security-policy"]);
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|http|data:|\*/);
    expect(reply.headers).toMatchObject({ "x-content-type-options": "nosniff", "referrer-policy": "no-referrer" });
    expect(reply.body).not.toMatch(/<style|<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=/); // what the policy would stop
    expect(reply.body).toMatch(/<html lang="en">[\s\S]*<title>[^<]+<\/title>[\s\S]*<h1[\s\S]*<main/);
  });

  it("is kept by browsers, which ask whether it has changed", async () => {
    const { headers } = await api.call("GET", url);
    expect(headers["cache-control"]).toBe("no-cache");
    const again = await api.call("GET", url, { headers: { "if-none-match": String(headers.etag) } });
    expect([again.statusCode, again.body]).toEqual([304, ""]);
  });

  it("refers to nothing that is not there, and to nothing elsewhere", async () => {
    const waiting = [BASE + url];
    const seen = new Set(waiting);
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { origin, pathname } = new URL(next);
      expect(origin).toBe(BASE);
      const reply = await api.call("GET", pathname);
      expect([pathname, reply.statusCode]).toEqual([pathname, 200]);
      const further = referredTo(pathname, reply.body).filter((one) => !seen.has(one));
      for (const one of further) seen.add(one);
      waiting.push(...further);
    }
    expect([...seen].some((one) => one.endsWith(".js"))).toBe(true);
  });
});

it("gives nothing of the folder but what pages are made of", async () => {
  const others = ["tsconfig.json", "tickets/tickets.html", "../config.ts", "%2e%2e/config.ts", "shared", ""];
  for (const path of others) expect((await api.call("GET", `/pages/${path}`)).statusCode, path).toBe(404);
  expect((await api.unchecked("POST", "/pages/events")).statusCode).toBe(405);
});
