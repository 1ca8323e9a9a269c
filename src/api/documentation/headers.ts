import type { FastifyContextConfig } from "fastify";
import type { ProblemCode } from "../problems/catalogue.ts";

/** What of an operation tells which headers it takes and gives. */
export interface OperationTraits {
  readonly config: FastifyContextConfig;
  /** All of its errors. */
  readonly codes: readonly ProblemCode[];
}

export type Headers = Readonly<Record<string, { readonly description: string; readonly schema: object }>>;

const text = { type: "string" } as const;

/** The headers of requests, each with its schema; null when there are none. */
export function headersTaken({ config, codes }: OperationTraits): object | null {
  const { idempotent, minPosition, etag, stream, headers: needed = {} } = config;
  const properties = {
    ...Object.fromEntries(Object.entries(needed).map(([name, description]) => [name, { ...text, description }])),
    ...(idempotent && {
      "Idempotency-Key": { ...text, maxLength: 255, description: "Repeats with the same key have one effect" },
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

const ON_ALL: Headers = { "X-Request-Id": { description: "To be named when you ask for help", schema: text } };
const TAG: Headers = { ETag: { description: "For `If-None-Match`", schema: text } };
const STALE: Headers = {
  "Boxoffice-Stale": {
    description: "There when the newest can't be had at present: the seconds since this was the newest for sure",
    schema: { type: "integer", minimum: 1 },
  },
};

/** The headers of what a route itself answers; `readable`: it has made something that is read at its own address. */
export function headersOfAnswer({ config, codes }: OperationTraits, readable: boolean): Headers {
  return {
    ...ON_ALL,
    ...(readable && { Location: { description: "Where it is read", schema: { ...text, format: "uri-reference" } } }),
    ...headersOfRecord({ config, codes }),
    ...(config.etag && TAG),
    ...(config.hot && STALE),
  };
}

/** Where what was done stands in the log, and that it was done before. */
const headersOfRecord = ({ config, codes }: OperationTraits): Headers => ({
  // The error of what goes into the log, and of nothing else.
  ...(codes.includes("outcome-unknown") && {
    "Boxoffice-Position": { description: "Where in the log this is, for `Boxoffice-Min-Position`", schema: text },
  }),
  ...(config.idempotent && {
    "Idempotency-Replayed": {
      description: "There when this is the first answer again",
      schema: { ...text, const: "true" },
    },
  }),
});

/** To a request with the `ETag` of what there is. */
export const notModified = { description: "Nothing has changed", headers: { ...ON_ALL, ...TAG } };

/** The headers of errors with this status. Of them only 402 tells of something that was recorded. */
export const headersOfProblem = (status: number, traits: OperationTraits): Headers => ({
  ...ON_ALL,
  ...(status === 402 && traits.codes.includes("payment-declined") && headersOfRecord(traits)),
  ...(status === 401 && { "WWW-Authenticate": { description: "`Bearer`", schema: text } }),
  ...((status === 429 || status === 503) && {
    "Retry-After": { description: "Seconds to wait", schema: { type: "integer", minimum: 0 } },
  }),
});
