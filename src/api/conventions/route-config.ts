import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import type { ProblemCode } from "../problems/catalogue.ts";
import type { Rule } from "../security/policy.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Its row in `security/policy.ts`, which is put here when the route is added; no route says it itself. */
    readonly rule?: Rule;
    /**
     * The errors of this route's own: they go into the OpenAPI document, and in specs another one fails the request.
     * Those that follow from the rest (400, 401, 403, 422, 429, 500, 503 by rule, schema and flags) are added.
     */
    readonly problems?: readonly ProblemCode[];
    /** A command that counts once per `Idempotency-Key`; `commandContext` then carries the key's hashes. */
    readonly idempotent?: boolean;
    /** What it does is kept somewhere else than in the log: it has no position there. */
    readonly outsideTheLog?: boolean;
    /** A read that takes `Boxoffice-Min-Position`; ask for it by `minPosition(request)`. */
    readonly minPosition?: boolean;
    /** Its path is a secret: logs have the route in its place. */
    readonly secretPath?: boolean;
    /** Errors that have another status here than anywhere else, where earlier systems had it so. */
    readonly statuses?: Readonly<Partial<Record<ProblemCode, 400>>>;
    /** Headers of its own that a request needs, by their names, each with what it is for. */
    readonly headers?: Readonly<Record<string, string>>;
    /** A GET of a single resource: 200s carry an `ETag`, and a matching `If-None-Match` gives 304. */
    readonly etag?: boolean;
    /** A POST that says by `Location` where to go on, though no GET answers the same. */
    readonly located?: boolean;
    /** Answered from memory where that can be: a 200 says by `Boxoffice-Stale` when the newest can't be had. */
    readonly hot?: boolean;
    /** Server-sent events: `Last-Event-ID` tells what a listener has. */
    readonly stream?: boolean;
  }
}

/** The server as route plugins see it: schemas are zod's, and requests and replies are typed by them. */
export type Api = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** Some routes, e.g. `const eventRoutes = (dependencies): RoutePlugin => async (api) => { api.route({...}) }`. */
export type RoutePlugin = (api: Api) => Promise<void> | void;
