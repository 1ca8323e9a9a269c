import { join } from "node:path";
import fc from "fast-check";
import type { Api } from "../../../src/api/conventions/route-config.ts";
import { POLICY } from "../../../src/api/security/policy.ts";
import { keptSecret, keysFrom } from "../../../src/payments/sandbox/keys.ts";
import type { AnyReply } from "../contract/replies.ts";
import type { NodeUnderTest } from "../events-node.ts";
import { type OpenApi, operationsOf } from "../openapi-document.ts";
import { startActors } from "./actors.ts";
import { askingOf, type Request } from "./asking.ts";
import { curl } from "./curl.ts";
import type { HeapWatch } from "./heap.ts";
import { type Finding, judgeOf } from "./judging.ts";
import { pageRoutes } from "./pages.ts";
import { type Plan, plansOf } from "./plans.ts";
import { exchange, rawMessages, statusesIn } from "./sockets.ts";
import { createTally, type Tally } from "./tally.ts";
import { createThings } from "./things.ts";
import { isTaken, type Signing, webhooksBy } from "./webhooks.ts";
import { createWorld } from "./world.ts";

export interface FuzzOptions {
  readonly requests: number;
  /** The same seed sends the same requests, but for the ids that the server gives. */
  readonly seed: number;
  readonly onProgress?: (sent: number) => void;
  /** Looked at so often that a run has some 40 samples; null: not at all. */
  readonly heap: HeapWatch | null;
}

export interface Fuzzed {
  /** As they were asked for. */
  readonly seed: number;
  readonly requests: number;
  readonly tally: Tally;
  readonly findings: readonly Finding[];
  /** Operations that have not succeeded once, though nothing says that they can't. */
  readonly neverSucceeded: readonly string[];
  /** Routes after which an actor's own token was no longer good, each with how often. */
  readonly endedCallers: ReadonlyMap<string, number>;
  /** The reply that took longest. */
  readonly slowest: Slowest;
  /**
   * What was sent over a socket and answered by a fault of ours or not at all; what was taken though nobody may have
   * signed it; and that nothing works in the end.
   */
  readonly faults: readonly string[];
}

export interface Slowest {
  readonly route: string;
  readonly ms: number;
}

/** A token that was good is not any more. */
const ENDED = /"code":"(?:token-invalid|token-expired|session-ended|account-suspended)"/;
const AT_ONCE = 8;
/** Then there is one more of everything. */
const WORLD_EVERY = 160;
const FIRST_THINGS = 12;
const PASSWORD_RESETS = 3;
const MOST_ETAGS = 1_000;
const MOST_FAULTS = 10;
const HEAP_SAMPLES = 40;
/** Further requests for an operation that has not succeeded yet. */
const UNTIL_SUCCESS = 400;
/** As many more go over a socket, as no client would send them. */
const RAW_PART = 0.02;
/** The last part of a run is with what moves everything: the clock. */
const BEFORE_LAST = 0.9;

/** Hashing of passwords takes 50 ms; calling an event off takes it from all others. The others have weight 8. */
const WEIGHTS: Readonly<Record<string, number>> = {
  "POST /sessions": 1,
  "POST /accounts": 1,
  "POST /password-resets/{token}": 1,
  "POST /events/{eventId}/cancel": 3,
};
const LAST = new Set(["POST /sandbox/clock/advance"]);

/** What requests that are made by chance bring about too seldom to wait for it, each with the reason. */
export const SELDOM: Readonly<Record<string, string>> = {
  "POST /events/{eventId}/waiting-room/entries": "its event needs a room that stands and is not closed meanwhile",
  "GET /events/{eventId}/waiting-room/place": "what an entry answered has to go into a header",
  "POST /events/{eventId}/ticket-types/{ticketTypeId}/seats/unblock": "it takes seats that are blocked, by their names",
  "POST /bookings/{id}": "it takes free seats of one event by their names",
};

/** Sends requests to every operation of a node's document, right and wrong in every way, and looks at each reply. */
export async function fuzz(node: NodeUnderTest, { requests, seed, onProgress, heap }: FuzzOptions): Promise<Fuzzed> {
  const { api } = node.boxoffice;
  if (api === null) throw new Error("the node has no API");
  const document = JSON.parse(JSON.stringify(api.swagger())) as OpenApi;
  const pages = new Map(pageRoutes(POLICY, document));
  const operations = [...operationsOf(document), ...pages];
  const things = createThings();
  const actors = await startActors(node, things);
  const webhooks = webhooksBy(keysFrom(await keptSecret(join(node.dataDir, "sandbox"))).webhookSecret);
  const heapEvery = requests / HEAP_SAMPLES;
  let heapSamples = 1;
  const world = createWorld(node, actors, things);
  const judge = judgeOf(node, document);
  const tally = createTally(operations.map(([route]) => route));
  const endedCallers = new Map<string, number>();
  const etags = new Map<string, string>();
  let position = "0";
  let sent = 0;
  let round = 0;
  let slowest: Slowest = { route: "", ms: 0 };
  const faults: string[] = [];

  function learn(owner: string, request: Request, { headers, body }: AnyReply): void {
    if (typeof headers["boxoffice-position"] === "string") position = headers["boxoffice-position"];
    if (typeof headers.etag === "string" && etags.size < MOST_ETAGS) etags.set(request.url, headers.etag);
    const isJson = String(headers["content-type"]).startsWith("application/json");
    // Of the document itself nothing is learnt: its ids are examples.
    if (isJson && request.method !== "HEAD" && !pages.has(request.route)) things.learn(owner, JSON.parse(body));
  }

  async function carryOut(plan: Plan): Promise<void> {
    const asking = await askingOf(plan, actors, things, { position, etagOf: (url) => etags.get(url) });
    const { actor } = asking;
    const { signing, picks } = plan;
    const request = signing === null ? asking.request : webhooks.signed(asking.request, signing, picks[1]);
    for (let time = 0; time < (plan.twice ? 2 : 1); time += 1) {
      sent += 1;
      const startMs = performance.now();
      const reply = await judge.ask(request);
      if (reply === null) return;
      const ms = performance.now() - startMs;
      if (ms > slowest.ms) slowest = { route: request.route, ms };
      const { statusCode } = reply;
      tally.count(request.route, request.method, statusCode);
      const believed = statusCode < 300 ? falselyBelieved(request, signing, actors.forged) : null;
      if (believed !== null && faults.length < MOST_FAULTS)
        faults.push(`${statusCode} for ${believed}: ${curl(request)}`);
      if (statusCode >= 200 && statusCode < 300) learn(actor?.name ?? "nobody", request, reply);
      if (actor !== null && actors.all.includes(actor) && statusCode === 401 && ENDED.test(reply.body)) {
        endedCallers.set(plan.route, (endedCallers.get(plan.route) ?? 0) + 1);
        await actors.renew(actor);
      }
    }
  }

  async function run(routes: ReadonlySet<string>, until: () => boolean): Promise<void> {
    const some = operations
      .filter(([route]) => routes.has(route))
      .map(([route, operation]) => ({ weight: WEIGHTS[route] ?? 8, arbitrary: plansOf(route, operation, document) }));
    const plans = fc.oneof(...some);
    while (!until()) {
      round += 1;
      await Promise.all(fc.sample(plans, { seed: mixed(seed) + round, numRuns: AT_ONCE }).map(carryOut));
      if (round % (WORLD_EVERY / AT_ONCE) === 0) await world.more();
      if (heap !== null && sent >= heapSamples * heapEvery) {
        heap.sample(sent);
        heapSamples += 1;
      }
      onProgress?.(sent);
    }
  }

  const toSucceed = (routes: ReadonlySet<string>) =>
    [...routes].filter((route) => SELDOM[route] === undefined && !tally.succeeded(route));
  async function untilSuccess(routes: ReadonlySet<string>): Promise<void> {
    for (const route of toSucceed(routes)) {
      const most = sent + UNTIL_SUCCESS;
      await run(new Set([route]), () => tally.succeeded(route) || sent >= most);
    }
  }

  await world.people();
  for (let i = 0; i < FIRST_THINGS; i += 1) await world.more();
  for (let i = 0; i < PASSWORD_RESETS; i += 1) await world.passwordReset();
  const all = new Set(operations.map(([route]) => route));
  const first = all.difference(LAST);
  await run(first, () => sent >= requests * BEFORE_LAST);
  await untilSuccess(first);
  faults.push(...(await fuzzSockets(api, Math.ceil(requests * RAW_PART), seed)));
  const total = Math.max(requests, sent + requests * (1 - BEFORE_LAST));
  await run(all, () => sent >= total);
  await untilSuccess(LAST);

  await world.stillWorks().catch((error: Error) => faults.push(`afterwards ${error.message}`));

  for (const route of Object.keys(SELDOM)) {
    if (!all.has(route)) faults.push(`${route} is in SELDOM, and is there no more`);
  }

  const findings = [...judge.findings.values()];
  return { seed, requests, tally, findings, neverSucceeded: toSucceed(all), endedCallers, slowest, faults };
}

/** Of what nobody who is who he says he is can have sent, why; null: it may be right. */
function falselyBelieved(
  { route, method, headers }: Request,
  signing: Signing | null,
  forged: ReadonlySet<string>,
): string | null {
  if (!route.startsWith(`${method} `)) return null;
  if (signing !== null) return isTaken(signing) ? null : `a message of the payment provider signed ${signing}`;
  const { who } = POLICY[route.replaceAll(/\{(\w+)\}/g, ":$1") as keyof typeof POLICY] ?? { who: "public" };
  const isForged = forged.has(headers.authorization ?? "") && who !== "public";
  return isForged ? "a forged token" : null;
}

/** Seeds that follow each other are not to give runs that follow each other. */
const mixed = (seed: number): number => Math.imul(seed, 0x9e37_79b1);

/** Sends what no client would, and looks that it is answered by nothing that is our fault. */
async function fuzzSockets(api: Api, messages: number, seed: number): Promise<string[]> {
  const { port } = new URL(await api.listen({ host: "127.0.0.1", port: 0 }));
  const faults: string[] = [];
  for (const message of fc.sample(rawMessages, { seed, numRuns: messages })) {
    const received = await exchange(Number(port), message).catch((error: Error) => error);
    const isOurs = received instanceof Error || statusesIn(received).some((status) => status >= 500);
    if (isOurs) faults.push(`${JSON.stringify(message.slice(0, 500))}: ${String(received).slice(0, 500)}`);
  }
  return faults;
}
