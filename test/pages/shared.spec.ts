import { describe, expect, it } from "vitest";
import { type Api, createApi, Refused } from "../../src/pages/shared/api.js";
import { saidCountdown, saidMoney, saidPrices, saidWait } from "../../src/pages/shared/said.js";
import { eventParser, followEvents, type ServerEvent } from "../../src/pages/shared/server-events.js";
import { createSessions } from "../../src/pages/shared/session.js";

function memory() {
  const kept = new Map<string, string>();
  return {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
    removeItem: (name: string) => void kept.delete(name),
  };
}

const session = { token: "t", accountId: "a", expiresAt: "2031-01-01T00:00:00.000Z", name: "Ada" };
const before = Date.parse("2030-12-31T23:59:59Z");

describe("a session", () => {
  it("is kept until it expires or is given up", () => {
    const storage = memory();
    const sessions = createSessions(storage, () => before);
    expect(sessions.current()).toBeNull();
    sessions.keep(session);
    expect(sessions.current()).toEqual(session);
    expect(createSessions(storage, () => before + 2_000).current()).toBeNull();
    sessions.forget();
    expect(sessions.current()).toBeNull();
  });

  it("is nobody's when something else stands in its place", () => {
    const storage = memory();
    for (const text of ["{", "null", '"x"', "{}"]) {
      storage.setItem("boxoffice.session", text);
      expect(createSessions(storage, () => before).current()).toBeNull();
    }
  });
});

describe("the API as pages call it", () => {
  /** Answers in order, and what was asked. */
  function scripted(...answers: (Response | Error)[]) {
    const sent: Request[] = [];
    const sessions = createSessions(memory(), () => before);
    sessions.keep(session);
    let signedOut = 0;
    const send = async (url: string | URL | Request, init?: RequestInit) => {
      sent.push(new Request(url, init));
      const answer = answers.shift();
      if (answer === undefined) throw new Error("asked once too often");
      if (answer instanceof Error) throw answer;
      return answer;
    };
    const onSignedOut = () => {
      signedOut += 1;
    };
    const api = createApi({ sessions, root: new URL("http://a.test/shop/"), send, onSignedOut });
    return { api, sent, sessions, signedOut: () => signedOut };
  }
  const problem = (status: number, code: string, headers: Record<string, string> = {}) =>
    Response.json({ code, detail: `It is ${code}.`, seats: ["A"] }, { status, headers });
  const at = (position: string) => Response.json({}, { headers: { "boxoffice-position": position } });

  it("is found beside the pages, whatever a proxy puts before it, and told who asks", async () => {
    const { api, sent } = scripted(Response.json({ a: 1 }));
    expect(await api.get("/events")).toEqual({ a: 1 });
    expect([sent[0]?.url, sent[0]?.headers.get("authorization")]).toEqual(["http://a.test/shop/events", "Bearer t"]);
  });

  it("reads what was just written", async () => {
    const { api, sent } = scripted(at("17"), Response.json({}));
    await api.ask("POST", "/events", { body: {} });
    await api.get("/events");
    expect(sent.map(({ headers }) => headers.get("boxoffice-min-position"))).toEqual([null, "17"]);
  });

  it("sends a command with a key again, with that key, and one without it never", async () => {
    const lost = new TypeError("connection lost");
    const first = scripted(lost, problem(503, "busy", { "retry-after": "0" }), Response.json({ done: true }));
    expect(await first.api.ask("POST", "/reservations", { body: {}, key: "k" })).toEqual({ done: true });
    expect(first.sent.map(({ headers }) => headers.get("idempotency-key"))).toEqual(["k", "k", "k"]);
    const second = scripted(lost);
    await expect(second.api.ask("POST", "/accounts", { body: {} })).rejects.toMatchObject({ code: "unreachable" });
  });

  it("does not ask again for what was refused, and tells why", async () => {
    const { api } = scripted(problem(409, "seat-taken"));
    const refused = await api.ask("POST", "/reservations", { key: "k" }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Refused);
    expect(refused).toMatchObject({ code: "seat-taken", message: "It is seat-taken.", members: { seats: ["A"] } });
  });

  it("forgets a token that is of no use any more, but not for a wrong password", async () => {
    const ended = scripted(problem(401, "session-ended"));
    await expect(ended.api.get("/cart")).rejects.toMatchObject({ code: "session-ended" });
    expect([ended.sessions.current(), ended.signedOut()]).toEqual([null, 1]);
    const wrong = scripted(problem(401, "bad-credentials"));
    await expect(wrong.api.ask("POST", "/sessions", {})).rejects.toMatchObject({ code: "bad-credentials" });
    expect([wrong.sessions.current(), wrong.signedOut()]).toEqual([session, 0]);
  });
});

describe("server-sent events", () => {
  const text = ': hello\nretry: 1500\n\nid: 4\ndata: {"a":1}\n\nevent: end\ndata: one\ndata: two\n\nid: 5\ndata: cut';
  const events = [
    { name: "message", id: "4", data: '{"a":1}' },
    { name: "end", id: "", data: "one\ntwo" },
  ];

  it("are the same in whatever pieces they come", () => {
    for (let length = 1; length <= text.length; length += 1) {
      const heard: ServerEvent[] = [];
      const retries: number[] = [];
      const parse = eventParser(
        (event) => void heard.push(event),
        (ms) => void retries.push(ms),
      );
      for (let start = 0; start < text.length; start += length) parse(text.slice(start, start + length));
      expect([heard, retries]).toEqual([events, [1_500]]);
    }
  });
});

describe("following a stream", () => {
  /** Answers in order, and from where each was asked to go on. */
  function opening(...answers: (Response | Error)[]) {
    const askedFrom: (string | undefined)[] = [];
    const open = async (_path: string, options: { headers?: Record<string, string> } = {}) => {
      askedFrom.push(options.headers?.["last-event-id"]);
      const answer = answers.shift();
      if (answer === undefined) throw new Error("asked once too often");
      if (answer instanceof Error) throw answer;
      return answer;
    };
    return { api: { open } as unknown as Api, askedFrom };
  }
  const stream = (text: string) => new Response(`retry: 1\n\n${text}`);
  const ended = "event: end\ndata: {}\n\n";

  it("goes on from the last event after the connection was lost, and ends when it is told", async () => {
    const { api, askedFrom } = opening(
      stream("id: 7\ndata: a\n\nid: 8\ndata: b\n\n"),
      new Refused("unreachable", "?"),
      stream(`id: 9\ndata: c\n\n${ended}`),
    );
    const heard: string[] = [];
    const connected: boolean[] = [];
    await followEvents(api, "/stream", {
      lastId: "6",
      signal: new AbortController().signal,
      onEvent: ({ data }) => void heard.push(data),
      onConnection: (isOn) => void connected.push(isOn),
    });
    expect(heard).toEqual(["a", "b", "c", "{}"]);
    expect(askedFrom).toEqual(["6", "8", "8"]);
    expect(connected).toEqual([true, false, false, true]);
  });

  it("ends where there is nothing more, and gives up what is refused for good", async () => {
    const options = { lastId: null, signal: new AbortController().signal, onEvent: () => {} };
    await followEvents(opening(new Response(null, { status: 204 })).api, "/stream", options);
    const refused = followEvents(opening(new Refused("admission-expired", "?")).api, "/stream", options);
    await expect(refused).rejects.toMatchObject({ code: "admission-expired" });
  });
});

it("amounts, countdowns and waits are said as people say them", () => {
  expect(saidMoney({ amount: 4_550, currency: "EUR" }, "en")).toBe("€45.50");
  expect(saidMoney({ amount: 500, currency: "JPY" }, "en")).toBe("¥500");
  expect(saidMoney({ amount: 0, currency: "EUR" }, "en")).toBe("free");
  const seven = { amount: 700, currency: "EUR" };
  const nine = { amount: 900, currency: "EUR" };
  expect(saidPrices({ price: seven }, "en")).toBe("€7.00");
  expect(saidPrices({ price: nine, minPrice: seven, maxPrice: seven }, "en")).toBe("€7.00");
  expect(saidPrices({ price: seven, minPrice: seven, maxPrice: nine }, "en")).toBe("€7.00 to €9.00");
  expect([-1, 0, 59.2, 600, 3_661].map(saidCountdown)).toEqual(["0:00", "0:00", "1:00", "10:00", "1:01:01"]);
  expect([5, 70, 600, 8_000].map(saidWait)).toEqual([
    "less than a minute",
    "about a minute",
    "about 10 minutes",
    "about 2 hours",
  ]);
});
