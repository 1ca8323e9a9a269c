import type { FastifyContextConfig } from "fastify";
import type { ProblemCode } from "../problems/catalogue.ts";

/** What of an operation tells which headers it takes and gives. */
export interface OperationTraits {
  readonly config: FastifyContextConfig;
  /** All of its errors. */
  readonly codes: readonly ProblemCode[];
}

interface DocumentedHeader {
  readonly description: string;
  readonly required?: true;
  readonly schema: object;
}

export type Headers = Readonly<Record<string, DocumentedHeader>>;

const text = { type: "string" } as const;
const count = { type: "integer", minimum: 0 } as const;

/** The headers of requests, each with its schema; null when there are none. */
export function headersTaken({ config, codes }: OperationTraits): object | null {
  const { idempotent, minPosition, etag, stream, headers: needed = {} } = config;
  const properties = {
    ...Object.fromEntries(Object.entries(needed).map(([name, description]) => [name, { ...text, description }])),
    ...(idempotent && {
      "Idempotency-Key": { ...text, maxLength: 255, description: "Repeats with the same key have one effect" },
    }),
    ...(codes.includes("admission-required") && {
      "Admission-Token": { ...text, description: "Where the event has a waiting room: what `GET .../place` gave" },
    }),
    ...(minPosition && {
      "Boxoffice-Min-Position": { ...text, description: "Answer only from what includes this position" },
    }),
    ...(stream && {
      "Last-Event-ID": { ...text, description: "The `id` that came last: what it says is not sent again" },
    }),
    ...(etag && { "If-None-Match": { ...text, description: "An `ETag`: 304 when nothing has changed" } }),
    ...(codes.includes("version-mismatch") && {
      "If-Match": {
        ...text,
        description: "The event's `version` in quotes; without it the last change wins",
        examples: ['"3"'],
      },
    }),
  };
  if (Object.keys(properties).length === 0) return null;
  const required = Object.keys(needed);
  return { type: "object", properties, ...(required.length > 0 && { required }) };
}

const header = (description: string, schema: object): DocumentedHeader => ({ description, schema });
/** One that is always there. */
const always = (description: string, schema: object): DocumentedHeader => ({ description, required: true, schema });

const ON_ALL: Headers = { "X-Request-Id": always("To be named when you ask for help", text) };
const TAG: Headers = { ETag: always("For `If-None-Match`", text) };
const STALE: Headers = {
  "Boxoffice-Stale": header(
    "There when the newest can't be had at present: the seconds since this was the newest for sure",
    { type: "integer", minimum: 1 },
  ),
};
const LIMITS: Headers = {
  "RateLimit-Limit": header("How many requests you have", count),
  "RateLimit-Remaining": header("How many of them are left", count),
  "RateLimit-Reset": header("Seconds until you have all of them again", count),
};

/** Of every reply that is counted; not there where `RATE_LIMIT_PER_MINUTE` is 0. */
const headersOfLimit = ({ codes }: OperationTraits): Headers => (codes.includes("rate-limited") ? LIMITS : {});

/** The headers of what a route itself answers; `readable`: it has made something that is read at its own address. */
export function headersOfAnswer(traits: OperationTraits, readable: boolean): Headers {
  const { config } = traits;
  return {
    ...ON_ALL,
    ...(readable && { Location: always("Where it is read", { ...text, format: "uri-reference" }) }),
    ...headersOfRecord(traits),
    ...(config.etag && TAG),
    ...(config.hot && STALE),
    ...headersOfLimit(traits),
  };
}

/** Where what was done stands in the log, and that it was done before. */
const headersOfRecord = ({ config, codes }: OperationTraits): Headers => ({
  // The error of what goes into the log, and of nothing else.
  ...(codes.includes("outcome-unknown") && {
    "Boxoffice-Position": always("Where in the log this is, for `Boxoffice-Min-Position`", text),
  }),
  ...(config.idempotent && {
    "Idempotency-Replayed": header("There when this is the first answer again", { ...text, const: "true" }),
  }),
});

/** To a request with the `ETag` of what there is. */
export const notModified = (traits: OperationTraits) => ({
  description: "Nothing has changed",
  headers: { ...ON_ALL, ...TAG, ...(traits.config.hot && STALE), ...headersOfLimit(traits) },
});

/** The headers of errors with this status. Of them only 402 tells of something that was recorded. */
export const headersOfProblem = (status: number, traits: OperationTraits): Headers => ({
  ...ON_ALL,
  ...(status === 402 && headersOfDeclined(traits)),
  ...(status === 401 && { "WWW-Authenticate": always("`Bearer`", text) }),
  ...((status === 429 || status === 503) && { "Retry-After": always("Seconds to wait", count) }),
  ...headersOfLimit(traits),
});

/** A payment that was declined is on record; that one is required is not. */
function headersOfDeclined(traits: OperationTraits): Headers {
  if (!traits.codes.includes("payment-declined")) return {};
  const recorded = headersOfRecord(traits);
  if (!traits.codes.includes("payment-required")) return recorded;
  const atTimes = Object.entries(recorded).map(([name, { description, schema }]) => [name, { description, schema }]);
  return Object.fromEntries(atTimes);
}
