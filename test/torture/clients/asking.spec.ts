import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Chance } from "../../model/chance.ts";
import type { HttpCall, HttpClient, HttpReply } from "../../system/http-client.ts";
import { type Entry, History } from "../history/history.ts";
import { Asking } from "./asking.ts";
import type { Wish } from "./wish.ts";

let folder: string;
let history: History;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "boxoffice-asking-"));
  history = new History(join(folder, "history.ndjson"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const SESSION = { accountId: "ann", token: "secret", isGuest: false, email: null };
const RESERVE: Wish = {
  ...{ method: "POST", route: "/events/:eventId/reservations", of: ["e1"], as: SESSION, isKeyed: true },
  ...{ body: { quantity: 1, password: "secret" }, refusals: [] },
};
const granted: HttpReply = {
  status: 201,
  headers: { "boxoffice-position": "7" },
  body: { reservationId: "r1", token: "secret" },
};
const busy: HttpReply = { status: 503, headers: {}, body: { code: "busy" } };

/** Asks nodes that answer like this, one answer after the other, the last for ever. */
async function ask(
  wish: Wish,
  answers: readonly (HttpReply | Error)[],
  { seed = 1, stoppedAtMs = null as number | null } = {},
) {
  const calls: { readonly node: number; readonly path: string; readonly call: HttpCall }[] = [];
  const nodes = [0, 1, 2].map(
    (node): HttpClient => ({
      async call(_, path, call = {}) {
        const answer = answers[Math.min(calls.length, answers.length - 1)] as HttpReply | Error;
        calls.push({ node, path, call });
        if (answer instanceof Error) throw answer;
        return answer;
      },
      close: () => undefined,
    }),
  );
  let commands = 0;
  const progress = { asked: 0, answered: 0, unknown: 0, byCommand: new Map(), granted: new Map() };
  const asking = new Asking({
    ...{ client: 1, nodes, history, progress, chance: new Chance(seed) },
    stoppedAtMs: () => stoppedAtMs,
    nextCommand: () => ++commands,
  });
  const told = await asking.ask("reserve", wish);
  await history.close();
  return { told, calls, progress, entries: await Array.fromAsync<Entry>(history.entries()) };
}

describe("a command whose outcome nobody knows", () => {
  it("is asked again with its key, of any node, until somebody says what came of it", async () => {
    const answers = [new Error("reset"), busy, new Error("reset"), new Error("reset"), granted];
    const { told, calls, progress, entries } = await ask(RESERVE, answers);
    expect(told).toMatchObject({ status: 201, position: "7" });
    const [first] = calls;
    expect(first?.path).toBe("/events/e1/reservations");
    expect(new Set(calls.map(({ call }) => call.key)).size).toBe(1);
    expect(new Set(calls.map(({ node }) => node)).size).toBeGreaterThan(1);
    expect(progress).toMatchObject({ asked: calls.length, unknown: 4 });
    expect(new Set(entries.map(({ command }) => command)).size).toBe(1);
    expect(entries.map(({ outcome }) => outcome.answered).slice(0, 5)).toEqual([false, false, false, false, true]);
  });

  it("is not sent again when it is a POST without a key", async () => {
    const { told, calls } = await ask({ ...RESERVE, isKeyed: false }, [busy, granted]);
    expect(told).toBeNull();
    expect(calls).toHaveLength(1);
  });

  it("is given up minutes after the end, and the history says so", async () => {
    const { told, entries } = await ask(RESERVE, [busy], { stoppedAtMs: 0 });
    expect(told).toBeNull();
    expect(entries.at(-1)?.outcome).toMatchObject({ answered: false, why: "503 busy" });
  });
});

describe("a history", () => {
  it("has what was asked and told, and nothing that lets anybody in", async () => {
    const { entries } = await ask(RESERVE, [granted]);
    expect(entries[0]).toMatchObject({
      ...{ name: "reserve", client: 1, account: "ann", method: "POST", route: RESERVE.route },
      outcome: { answered: true, status: 201, position: "7", replayed: false, body: { reservationId: "r1" } },
    });
    expect(JSON.stringify(entries)).not.toContain("secret");
  });
});

describe("some clients", () => {
  const many = async (wish: Wish, isIt: (run: Awaited<ReturnType<typeof ask>>) => boolean) => {
    for (let seed = 1; seed <= 200; seed += 1) {
      history = new History(join(folder, `history-${seed}.ndjson`));
      const run = await ask(wish, [granted], { seed });
      if (isIt(run)) return run;
    }
    return null;
  };

  it("ask again after an answer, with the same key", async () => {
    const run = await many(RESERVE, ({ calls }) => calls.length === 2);
    expect(new Set(run?.calls.map(({ call }) => call.key)).size).toBe(1);
    expect(new Set(run?.entries.map(({ command }) => command)).size).toBe(1);
  });

  it("send another body under the same key, which is another command to the history", async () => {
    const wish = { ...RESERVE, otherBody: { quantity: 2 } };
    const run = await many(wish, ({ entries }) => entries.some(({ name }) => name === "reserve: another body"));
    expect(new Set(run?.calls.map(({ call }) => call.key)).size).toBe(1);
    expect(new Set(run?.entries.map(({ command }) => command)).size).toBe(2);
    expect(run?.calls.at(-1)?.call.body).toEqual({ quantity: 2 });
  });
});
