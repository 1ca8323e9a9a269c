import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { groupCommits } from "../../src/payments/sandbox/group-commit.ts";
import { type WebhookOutbox, webhookOutbox } from "../../src/payments/sandbox/webhook-outbox.ts";
import { sendWebhooks, type WebhookSender } from "../../src/payments/sandbox/webhook-sender.ts";
import { silent } from "./sandbox.ts";

const HOUR_MS = 3_600_000;
const START_MS = Date.parse("2027-03-01T12:00:00.000Z");

let outbox: WebhookOutbox;
let sender: WebhookSender;
let posts: { readonly url: string; readonly body: string; readonly id: string; readonly atMs: number }[];
let takes: (url: string, body: string) => boolean;

beforeEach(() => {
  vi.useFakeTimers({ now: START_MS, toFake: ["setTimeout", "clearTimeout", "Date"] });
  const database = new DatabaseSync(":memory:");
  outbox = webhookOutbox(database);
  posts = [];
  takes = () => true;
  sender = sendWebhooks({
    outbox,
    commits: groupCommits(database),
    post: async (url, { body, webhookId: id }) => {
      posts.push({ url, body, id, atMs: Date.now() - START_MS });
      return takes(url, body);
    },
    nowMs: () => Date.now(),
    log: silent,
  });
});
afterEach(async () => {
  const stopped = sender.stop();
  await vi.advanceTimersByTimeAsync(2_000);
  await stopped;
  vi.useRealTimers();
});

/** Lets time pass in steps, so that what waits for the disk comes in between. */
async function pass(ms: number, stepMs = 250): Promise<void> {
  for (let passed = 0; passed < ms; passed += stepMs) {
    await vi.advanceTimersByTimeAsync(stepMs);
    await new Promise((turn) => setImmediate(turn));
    await new Promise((turn) => setImmediate(turn));
  }
}

const say = (body: string) => {
  outbox.add(`msg_${body}`, body, Date.now());
  sender.wake();
};

it("delivers a message once, as soon as it is there", async () => {
  outbox.tellEndpoint("http://node", Date.now());
  say("one");
  await pass(1_000);
  expect(posts).toEqual([{ url: "http://node", body: "one", id: "msg_one", atMs: 0 }]);
  expect(outbox.earliestMs()).toBeNull();
});

it("tries again after growing pauses, with the same id, until it is taken", async () => {
  outbox.tellEndpoint("http://node", Date.now());
  takes = () => posts.length >= 5;
  say("one");
  await pass(30_000);
  const at = posts.map(({ atMs }) => Math.round(atMs / 1_000));
  expect(at).toEqual([0, 1, 3, 7, 15]);
  expect(new Set(posts.map(({ id }) => id))).toEqual(new Set(["msg_one"]));
  expect(outbox.earliestMs()).toBeNull();
});

it("gives up after a day, not before", async () => {
  outbox.tellEndpoint("http://node", Date.now());
  takes = () => false;
  say("one");
  await pass(23.5 * HOUR_MS, 60_000);
  expect(outbox.earliestMs()).not.toBeNull();
  await pass(1 * HOUR_MS, 60_000);
  expect(outbox.earliestMs()).toBeNull();
  expect(posts.length).toBeGreaterThan(100);
  expect(posts.length).toBeLessThan(200);
});

it("any node will do, and the one that took the last is asked first", async () => {
  for (const url of ["http://a", "http://b", "http://c"]) outbox.tellEndpoint(url, Date.now());
  takes = (url) => url === "http://a";
  say("one");
  await pass(250);
  expect(posts.map(({ url }) => url)).toEqual(["http://c", "http://b", "http://a"]);
  say("two");
  await pass(250);
  expect(posts.slice(3).map(({ url }) => url)).toEqual(["http://a"]);
});

it("keeps what nobody was there for, and sends it to the first that comes", async () => {
  say("one");
  await pass(HOUR_MS, 60_000);
  expect(posts).toEqual([]);
  outbox.tellEndpoint("http://late", Date.now());
  sender.wake();
  await pass(250);
  expect(posts.map(({ body }) => body)).toEqual(["one"]);
});

it("one that is refused does not hold the others up", async () => {
  outbox.tellEndpoint("http://node", Date.now());
  takes = (_url, body) => body !== "0";
  for (let n = 0; n < 250; n++) outbox.add(`msg_${n}`, String(n), Date.now());
  sender.wake();
  await pass(750);
  expect(new Set(posts.map(({ body }) => body)).size).toBe(250);
  expect(outbox.due(Date.now() + HOUR_MS, 500).map(({ body }) => body)).toEqual(["0"]);
});

it("keeps the last eight addresses", () => {
  for (let n = 0; n < 20; n++) outbox.tellEndpoint(`http://node-${n}`, Date.now());
  outbox.tellEndpoint("http://node-14", Date.now());
  expect(outbox.endpoints()).toEqual([14, 19, 18, 17, 16, 15, 13, 12].map((n) => `http://node-${n}`));
});
