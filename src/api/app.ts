/**
 * The HTTP API. `buildApi` makes the server and everything that all routes share; the routes themselves are plugins:
 *
 *     const eventRoutes = (dependencies: EventRoutes): RoutePlugin => (api) => {
 *       api.route({
 *         method: "POST",
 *         url: "/events/:eventId/things",
 *         schema: { tags, summary, params: z.strictObject({ eventId: idParam("event-not-found") }), body, response: { 201: thing } },
 *         config: { idempotent: true, problems: ["event-not-found", "sold-out"] },
 *         handler: async (request, reply) => {
 *           const outcome = await run({ ...request.body, context: commandContext(request, "organizer") });
 *           if (!outcome.accepted) throw refusal(outcome);
 *           recordedAt(reply, outcome);
 *           reply.code(201).header("location", `/things/${id}`);
 *           return thing;
 *         },
 *       });
 *     };
 *
 * - `security/policy.ts`: who may call it, one row for each route
 * - `conventions/route-config.ts`: what `config` can say, {@link RoutePlugin}
 * - `conventions/commands.ts`: `callerOf`, `commandContext`, `recordedAt`; `conventions/positions.ts`: `minPosition`
 * - `conventions/fields.ts`: `idParam`, `id`, `time`, `money`, `text`; `conventions/lists.ts`: `listQuery`,
 *   `listOf`
 * - `problems/problem.ts`: `refusal`, `new Problem(code)`, `invalid`; codes are in `problems/catalogue.ts`
 */
import fastify, { type FastifyBaseLogger, LogController } from "fastify";
import { serializerCompiler, type ZodTypeProvider } from "fastify-type-provider-zod";
import type { RunningAccounts } from "../accounts/start-accounts.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { RequestMetrics } from "../metrics/requests.ts";
import { keyRoutes } from "./accounts/key-routes.ts";
import { passwordResetRoutes } from "./accounts/password-reset-routes.ts";
import { accountRoutes } from "./accounts/routes.ts";
import { sessionRoutes } from "./accounts/session-routes.ts";
import { parseBodies, refuseUnknownInput } from "./conventions/bodies.ts";
import { keepFromCaches } from "./conventions/cache-control.ts";
import { tagResources } from "./conventions/etag.ts";
import type { Api, RoutePlugin } from "./conventions/route-config.ts";
import { documentApi } from "./documentation/document.ts";
import { type HealthProbes, healthRoutes } from "./health/routes.ts";
import { pageRoutes } from "./pages/routes.ts";
import { validateByZod } from "./problems/input-errors.ts";
import { problemPages } from "./problems/pages.ts";
import { sendProblemsBy } from "./problems/send-problem.ts";
import { admit } from "./security/admission.ts";
import { authenticateBy } from "./security/authentication.ts";
import { headersForOrigins, letOriginsCall } from "./security/cors.ts";
import { POLICY, type Policy, ruleOf } from "./security/policy.ts";
import { createOwnCounts, type RateCounts } from "./security/rate-counts.ts";
import { limitRates, RATE_WINDOW_MS } from "./security/rate-limits.ts";
import { asPages, secureReplies } from "./security/secure-headers.ts";
import { answerClientErrors } from "./server/client-errors.ts";
import { httpServerBy } from "./server/http-server.ts";
import { SERVER_LIMITS, type ServerLimits } from "./server/limits.ts";
import { createLoadLog } from "./server/load-log.ts";
import { LOAD_LIMITS, type LoadLimits, LoadMeter } from "./server/load-meter.ts";
import { prefixLocations } from "./server/public-prefix.ts";
import { createRequestIds } from "./server/request-ids.ts";
import { SharedAnswers } from "./server/shared-answers.ts";
import { keepToShare, shedLoad } from "./server/shed-load.ts";
import { answerUnknownRoutes } from "./server/unknown-routes.ts";

export interface ApiSettings {
  /** The address in links, without a slash at its end; null: links are relative. */
  readonly publicUrl: string | null;
  /** Addresses and CIDRs of proxies whose forwarded addresses count. */
  readonly trustProxy: readonly string[];
  /** Origins whose pages may call the API; `*` is for all. */
  readonly corsOrigins: readonly string[];
  /** For each caller and class of routes; 0 is no limit. */
  readonly rateLimitPerMinute: number;
  /** In specs: replies are checked against their schemas, and undocumented errors fail. Slow. */
  readonly strict: boolean;
  /** In specs: others than {@link SERVER_LIMITS} and {@link LOAD_LIMITS}. */
  readonly limits?: Partial<ServerLimits>;
  readonly load?: Partial<LoadLimits>;
}

export interface ApiDependencies {
  readonly accounts: Pick<RunningAccounts, "accounts" | "sessions" | "passwordResets" | "apiKeys" | "authenticate">;
  readonly health: HealthProbes;
  /** The routes of everything else. */
  readonly routes: readonly RoutePlugin[];
  /** Who may call them; specs add rows for routes of theirs. */
  readonly policy?: Policy;
  /** Where requests are counted for their limits; in this process, if it isn't said. */
  readonly rateCounts?: RateCounts;
  readonly logger: FastifyBaseLogger;
  readonly settings: ApiSettings;
  /** Told of every request; nobody, if it isn't given. */
  readonly metrics?: Pick<Metrics, "ofRequests">;
}

/**
 * Makes the server, ready to `listen` or `inject`; end it by `closeGracefully`.
 * @throws Error the policy does not say who may call a route
 */
export async function buildApi({
  accounts,
  health,
  routes,
  policy = POLICY,
  rateCounts = createOwnCounts(RATE_WINDOW_MS, monotonicMs),
  logger,
  settings,
  metrics,
}: ApiDependencies): Promise<Api> {
  const baseUrl = settings.publicUrl ?? "";
  const nextRequestId = createRequestIds();
  const sendProblem = sendProblemsBy({ baseUrl, strict: settings.strict });
  const limits: ServerLimits = { ...SERVER_LIMITS, ...settings.limits };
  const loadLog = createLoadLog(logger);
  const meter = new LoadMeter({ limits: { ...LOAD_LIMITS, ...settings.load }, monotonicMs, atTurnsEnd: setImmediate });
  const measured = metrics?.ofRequests(() => meter.begun) ?? null;
  const answers = new SharedAnswers(monotonicMs);
  const gate = shedLoad({
    meter,
    answers,
    baseUrl,
    nextRequestId,
    alsoSay: headersForOrigins(settings.corsOrigins),
    onRefused() {
      loadLog.refused();
      measured?.refused();
    },
  });
  const onDropped = () => {
    loadLog.dropped();
    measured?.dropped();
  };
  const api: Api = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: "requestId" }),
    genReqId: nextRequestId,
    trustProxy: settings.trustProxy.length === 0 ? false : [...settings.trustProxy],
    bodyLimit: limits.bodyBytes,
    routerOptions: { maxParamLength: limits.pathPartLength },
    serverFactory: httpServerBy({ limits, gate, onDropped }),
    forceCloseConnections: "idle",
    return503OnClosing: false, // a request that arrives while closing is answered, and its connection then ended
    frameworkErrors: (error, request, reply) => void sendProblem(error, request as never, reply as never),
    clientErrorHandler: answerClientErrors(baseUrl, nextRequestId),
  }).withTypeProvider<ZodTypeProvider>();

  api.setValidatorCompiler(validateByZod);
  // Checking a reply by zod costs 3 µs, fast-json-stringify takes 1.3 µs, JSON.stringify 0.5 µs (Node 26).
  api.setSerializerCompiler(settings.strict ? serializerCompiler : () => JSON.stringify);
  api.setErrorHandler(sendProblem);
  parseBodies(api);

  api.decorateRequest("caller", null);
  api.decorateRequest("authenticationFailure", null);
  api.decorateRequest("unknownCaller", null);
  api.decorateRequest("rawBody", "");
  api.addHook("onRequest", (request, reply, done) => {
    reply.header("x-request-id", request.id);
    done();
  });
  api.addHook("onClose", async () => loadLog.close());
  secureReplies(api, settings.publicUrl);
  prefixLocations(api, settings.publicUrl);
  await letOriginsCall(api, settings.corsOrigins);
  api.addHook("onRequest", authenticateBy(accounts.authenticate));
  // It adds its hook to each route: before the one that admits.
  await limitRates(api, { requestsPerMinute: settings.rateLimitPerMinute, counts: rateCounts });
  answerUnknownRoutes(api);
  const allHaveRules = adornRoutes(api, policy, limits, keepToShare(meter, answers));
  if (measured !== null) measureRequests(api, measured);
  if (logger.level === "debug" || logger.level === "trace") logRequests(api);

  await documentApi(api, settings.publicUrl);
  const plugins = [
    healthRoutes(health),
    asPages(settings.publicUrl, problemPages),
    asPages(settings.publicUrl, pageRoutes),
    sessionRoutes(accounts.sessions),
    accountRoutes(accounts.accounts),
    asPages(settings.publicUrl, passwordResetRoutes(accounts.passwordResets)),
    keyRoutes(accounts.apiKeys),
  ];
  for (const plugin of [...plugins, ...routes]) await api.register(async (scope: Api) => plugin(scope));
  await api.ready();
  allHaveRules();
  return api;
}

const monotonicMs = (): number => performance.now();

type KeepToShare = ReturnType<typeof keepToShare>;

/** Gives each route its rule, and what its `config` asks for. @returns a check, for when all routes are there */
function adornRoutes(api: Api, policy: Policy, { emptyBodyBytes }: ServerLimits, keep: KeepToShare): () => void {
  const open: string[] = [];
  api.addHook("onRoute", (route) => {
    for (const method of [route.method].flat()) {
      const rule = ruleOf(policy, method, route.url);
      if (rule === undefined) open.push(`${method} ${route.url}`);
      else route.config = { ...route.config, rule };
    }
    route.onRequest = [keepFromCaches(route), ...[route.onRequest ?? []].flat(), admit];
    // Before what is there for HEAD: that takes the body away.
    if (route.config?.etag === true) route.onSend = [tagResources, ...[route.onSend ?? []].flat()];
    if (route.method === "GET") route.onSend = [...[route.onSend ?? []].flat(), keep];
    if (route.schema?.body === undefined) route.bodyLimit = emptyBodyBytes;
    if (route.schema?.hide !== true) refuseUnknownInput(route);
  });
  return () => {
    if (open.length > 0) throw new Error(`no row in security/policy.ts: who may call ${open.join(", ")}?`);
  };
}

/** By the route that answered: paths that nobody has declared are one. */
function measureRequests(api: Api, measured: RequestMetrics): void {
  api.addHook("onResponse", ({ method, routeOptions }, { statusCode, elapsedTime }, done) => {
    const { url = "none", config } = routeOptions;
    if (config.stream !== true) measured.answered(method, url, statusCode, elapsedTime / 1_000);
    done();
  });
}

/** One line a request, with how long it took. */
function logRequests(api: Api): void {
  api.addHook("onResponse", (request, reply, done) => {
    const { method, caller, routeOptions } = request;
    const { statusCode, elapsedTime: durationMs } = reply;
    // Not the query, where people look for e-mails and ticket codes, nor what is no address here: a token in a wrong link.
    const isSecret = request.is404 || routeOptions.config.secretPath === true;
    const url = isSecret ? (routeOptions.url ?? null) : request.url.split("?", 1)[0];
    request.log.debug({ method, url, statusCode, durationMs, accountId: caller?.accountId }, "request");
    done();
  });
}
