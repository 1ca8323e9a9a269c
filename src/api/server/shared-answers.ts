import type { IncomingHttpHeaders } from "node:http";
import { LRUCache } from "lru-cache";

/** An answer that was given before, and may be given to others. */
export interface SharedAnswer {
  /** Names and values by turns, without those that are of one request only, or of the body. */
  readonly headers: readonly string[];
  readonly contentType: string;
  readonly body: Buffer;
  readonly etag: string | null;
  readonly ageSeconds: number;
  /** It is time to ask anew; somebody should, while others are still given this one. */
  readonly isStale: boolean;
}

/** A request as far as its answer may be another's. */
export interface Asked {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/** Some MiB at most: what a crowd asks for are the same few things. */
const MOST_ANSWERS = 1_000;
const MOST_BYTES = 16 * 1024 * 1024;
/** Who sends one of these may be told something else. */
const OF_ONE_CALLER = ["authorization", "boxoffice-min-position", "range"] as const;
/** What `Vary` may name: the former, and the origin, for which headers are made anew. */
const SHAREABLE = new Set<string>([...OF_ONE_CALLER, "origin"]);
const OF_ONE_REQUEST = /^(?:x-request-id|vary|content-(?:type|length)|date|connection|ratelimit-.*|access-control-.*)$/;

interface Kept extends Omit<SharedAnswer, "ageSeconds" | "isStale"> {
  readonly sinceMs: number;
  readonly freshMs: number;
  readonly goneMs: number;
}

/**
 * A shared cache (RFC 9111) of our own, in front of all routes, for times when there is more to do than can be done: what
 * a reply allows any cache by `Cache-Control: public, max-age, stale-while-revalidate`, and no more, is done here too.
 */
export class SharedAnswers {
  readonly #monotonicMs: () => number;
  readonly #kept = new LRUCache<string, Kept>({
    max: MOST_ANSWERS,
    maxSize: MOST_BYTES,
    sizeCalculation: ({ body }) => body.length + 1_024,
  });

  constructor(monotonicMs: () => number) {
    this.#monotonicMs = monotonicMs;
  }

  /** Keeps the 200 of a GET, if its headers allow that. */
  keep({ url = "", headers: asked }: Asked, headers: Readonly<Record<string, unknown>>, body: string): void {
    const control = String(headers["cache-control"] ?? "");
    const maxAgeMs = millisecondsIn(control, "max-age");
    if (!/\bpublic\b/.test(control) || maxAgeMs === 0 || isOfOneCaller(asked) || !variesLittle(headers.vary)) return;
    this.#kept.set(url, {
      headers: Object.entries(headers).flatMap(([name, value]) =>
        value === undefined || OF_ONE_REQUEST.test(name) ? [] : [name, String(value)],
      ),
      contentType: String(headers["content-type"] ?? "application/octet-stream"),
      body: Buffer.from(body),
      etag: headers.etag === undefined ? null : String(headers.etag),
      sinceMs: this.#monotonicMs(),
      freshMs: maxAgeMs,
      goneMs: maxAgeMs + millisecondsIn(control, "stale-while-revalidate"),
    });
  }

  find({ method, url = "", headers }: Asked): SharedAnswer | null {
    if (method !== "GET" || isOfOneCaller(headers)) return null;
    const kept = this.#kept.get(url);
    if (kept === undefined) return null;
    const ageMs = this.#monotonicMs() - kept.sinceMs;
    if (ageMs >= kept.goneMs) return null;
    return { ...kept, ageSeconds: Math.floor(ageMs / 1_000), isStale: ageMs >= kept.freshMs };
  }
}

const isOfOneCaller = (headers: IncomingHttpHeaders): boolean =>
  OF_ONE_CALLER.some((name) => headers[name] !== undefined);

const variesLittle = (vary: unknown): boolean =>
  String(vary ?? "")
    .split(",")
    .every((name) => name.trim() === "" || SHAREABLE.has(name.trim().toLowerCase()));

const millisecondsIn = (control: string, directive: string): number =>
  1_000 * Number(new RegExp(`\\b${directive}=(\\d+)`).exec(control)?.[1] ?? 0);
