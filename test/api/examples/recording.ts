import { finderOf } from "../contract/finding.ts";
import type { Method, NodeUnderTest, Reply } from "../events-node.ts";
import type { CallOptions } from "../harness.ts";
import type { OpenApi } from "../openapi-document.ts";

/** Bodies of successes by operation and status, e.g. `POST /events` and `201`. */
export type RecordedReplies = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export interface Recorder {
  /** Calls, and keeps the reply unless there is one of this operation and status already. @throws Error no success */
  call(method: Method, url: string, options?: CallOptions): Promise<Reply>;
  /** What was kept, with ids, times and secrets that are the same for each recording. */
  recorded(): RecordedReplies;
}

export function recorderOf(node: NodeUnderTest, document: OpenApi): Recorder {
  const find = finderOf(document);
  const kept = new Map<string, Record<string, unknown>>();
  return {
    async call(method, url, options) {
      const reply = await node.call(method, url, options);
      if (reply.statusCode >= 300) throw new Error(`${method} ${url}: ${reply.statusCode} ${reply.body}`);
      const found = find(method, url);
      const isJson = String(reply.headers["content-type"]).startsWith("application/json");
      if (found !== null && isJson) {
        const route = `${method} ${found.path}`;
        kept.set(route, { [reply.statusCode]: shortened(reply.json()), ...kept.get(route) });
      }
      return reply;
    },
    recorded() {
      const sorted = [...kept].sort(([a], [b]) => (a < b ? -1 : 1));
      return JSON.parse(steady(JSON.stringify(Object.fromEntries(sorted))));
    },
  };
}

/** Of a list so much as shows what it is a list of. */
const ITEMS = 2;
const shortened = <Body extends { readonly items?: readonly unknown[] }>(body: Body): Body =>
  body.items === undefined ? body : { ...body, items: body.items.slice(0, ITEMS) };

const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g;
const TOKEN = /eyJ[\w-]+\.[\w-]+\.[\w-]+/g;
/** Members whose values are drawn anew each time. */
const DRAWN = /"(key|hint|payment_token|next)":"[^"]+"/g;
const TICKET = /("ticketId":"[^"]+","code":)"[^"]+"/g;

/** When all of it happens, in the documentation. */
const BEGIN_MS = Date.parse("2026-11-02T09:00:00.000Z");
/** What lies further from the recording than this was said by the caller, and stays as it is. */
const OWN_TIMES_MS = 20 * 24 * 3_600_000;
const SECOND_MS = 1_000;

/** The same text for each recording: ids are counted, times moved to a day of their own, and secrets are none. */
function steady(text: string): string {
  const ids = new Map<string, string>();
  const idOf = (id: string): string => {
    const known = ids.get(id) ?? `01a1ff00-0000-7000-8000-${String(ids.size + 1).padStart(12, "0")}`;
    ids.set(id, known);
    return known;
  };
  const nowMs = Date.now();
  const recorded = [...text.matchAll(TIME)]
    .map(([time]) => Date.parse(time))
    .filter((ms) => Math.abs(ms - nowMs) < OWN_TIMES_MS);
  const firstMs = Math.min(...recorded);
  const timeOf = (time: string): string => {
    const ms = Date.parse(time);
    if (Math.abs(ms - nowMs) >= OWN_TIMES_MS) return time;
    // The recording took seconds; to the minute they are the same each time.
    return new Date(BEGIN_MS + Math.round((ms - firstMs) / (60 * SECOND_MS)) * 60 * SECOND_MS).toISOString();
  };
  return text
    .replace(ID, idOf)
    .replace(TIME, timeOf)
    .replace(TOKEN, "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzaWQiOiI0MiJ9.c2lnbmF0dXJlIG9mIGFuIGV4YW1wbGU")
    .replace(DRAWN, (_, name: string) => `"${name}":"${DRAWN_EXAMPLES[name] ?? ""}"`)
    .replace(TICKET, '$1"5Q0ZJ6T3W8KPM2H9XV4C"');
}

const DRAWN_EXAMPLES: Readonly<Record<string, string>> = {
  key: "bk_an_example_of_a_key_which_opens_nothing",
  hint: "hing",
  payment_token: "bWFkZSBmb3IgdGhpcyBob2xkLCBhbmQgbm8gb3RoZXI",
  next: "eyJpZCI6IjQyIn0",
};
