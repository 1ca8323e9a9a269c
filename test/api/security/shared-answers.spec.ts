import { describe, expect, it } from "vitest";
import { type Asked, SharedAnswers } from "../../../src/api/server/shared-answers.ts";

const ASKED: Asked = { method: "GET", url: "/events/1", headers: {} };
const HEADERS = {
  "cache-control": "public, max-age=1, stale-while-revalidate=2, stale-if-error=3600",
  vary: "Origin, Authorization, Boxoffice-Min-Position",
  etag: '"a"',
  "content-type": "application/json; charset=utf-8",
  "content-length": 2,
  "content-security-policy": "default-src 'none'",
  "x-request-id": "of-one-request",
  "ratelimit-remaining": 7,
  "access-control-allow-origin": "https://shop.example.org",
};

function cache() {
  let nowMs = 0;
  const answers = new SharedAnswers(() => nowMs);
  return {
    answers,
    pass: (ms: number) => {
      nowMs += ms;
    },
    /** Whether an answer with these headers, to such a request, is given to others. */
    gives(headers: Record<string, unknown>, asked: Asked = ASKED): boolean {
      answers.keep(asked, headers, "{}");
      return answers.find({ ...ASKED, url: asked.url }) !== null;
    },
  };
}

describe("an answer that caches may share", () => {
  it("is given to others, without what is of one request", () => {
    const { answers } = cache();
    answers.keep(ASKED, HEADERS, "{}");
    const answer = answers.find(ASKED);
    expect([answer?.body.toString(), answer?.etag, answer?.contentType, answer?.ageSeconds, answer?.isStale]).toEqual([
      "{}",
      '"a"',
      "application/json; charset=utf-8",
      0,
      false,
    ]);
    expect(answer?.headers).toEqual([
      "cache-control",
      HEADERS["cache-control"],
      "etag",
      '"a"',
      "content-security-policy",
      "default-src 'none'",
    ]);
  });

  it("is fresh, then stale, then gone, as its headers say", () => {
    const { answers, pass } = cache();
    answers.keep(ASKED, HEADERS, "{}");
    pass(999);
    expect(answers.find(ASKED)).toMatchObject({ isStale: false, ageSeconds: 0 });
    pass(1);
    expect(answers.find(ASKED)).toMatchObject({ isStale: true, ageSeconds: 1 });
    pass(1_999);
    expect(answers.find(ASKED)).toMatchObject({ isStale: true, ageSeconds: 2 });
    pass(1);
    expect(answers.find(ASKED)).toBeNull();
  });

  it.each<[string, Partial<Asked>]>([
    ["with a token", { headers: { authorization: "Bearer x" } }],
    ["for a position", { headers: { "boxoffice-min-position": "7" } }],
    ["for a part", { headers: { range: "bytes=0-1" } }],
    ["for another address", { url: "/events/1?x=1" }],
    ["for its headers only", { method: "HEAD" }],
    ["by another method", { method: "POST" }],
  ])("is not given to who asks %s", (_, asked) => {
    const { answers } = cache();
    answers.keep(ASKED, HEADERS, "{}");
    expect(answers.find({ ...ASKED, ...asked })).toBeNull();
  });

  it("is not kept of who asked with a token or for a position: it may be about them", () => {
    const { gives } = cache();
    expect(gives(HEADERS, { ...ASKED, url: "/a", headers: { authorization: "Bearer x" } })).toBe(false);
    expect(gives(HEADERS, { ...ASKED, url: "/b", headers: { "boxoffice-min-position": "7" } })).toBe(false);
    expect(gives(HEADERS, { ...ASKED, url: "/c" })).toBe(true);
  });

  it.each([
    [undefined],
    ["no-store"],
    ["private, no-cache"],
    ["private, max-age=60"],
    ["max-age=60"],
    ["public"],
    ["public, max-age=0"],
  ])("is none with Cache-Control: %s", (control) => {
    expect(cache().gives({ ...HEADERS, "cache-control": control })).toBe(false);
  });

  it.each(["Accept", "Origin, Accept-Language", "*"])("is none that depends on %s", (vary) => {
    expect(cache().gives({ ...HEADERS, vary })).toBe(false);
  });

  it("is one of a thousand at most: those that nobody asks for go", () => {
    const { answers } = cache();
    for (let event = 0; event <= 1_000; event += 1) answers.keep({ ...ASKED, url: `/events/${event}` }, HEADERS, "{}");
    expect(answers.find({ ...ASKED, url: "/events/0" })).toBeNull();
    expect(answers.find({ ...ASKED, url: "/events/1000" })).not.toBeNull();
  });
});
