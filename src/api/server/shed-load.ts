import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { onSendHookHandler } from "fastify";
import { Problem } from "../problems/problem.ts";
import { PROBLEM_JSON, problemBody } from "../problems/send-problem.ts";
import type { LoadMeter } from "./load-meter.ts";
import type { SharedAnswer, SharedAnswers } from "./shared-answers.ts";
import type { Urgency } from "./urgency.ts";

/** Clients come back at different seconds, from 1 on. */
const COME_BACK_WITHIN_SECONDS = 3;

export interface SheddingOptions {
  readonly meter: LoadMeter;
  /** What may be given to others than it was made for. */
  readonly answers: SharedAnswers;
  /** The public address, or empty. */
  readonly baseUrl: string;
  readonly nextRequestId: () => string;
  /** Headers that a refusal carries too, names and values by turns, e.g. those that let browsers read it. */
  readonly alsoSay: (request: IncomingMessage) => readonly string[];
  readonly onRefused: () => void;
}

/**
 * Answers requests that there is no room for with 503 `busy`, before anything is done for them: no route is looked up, no
 * token checked, no body parsed. With 15 µs each, a third of the least that fastify takes, there is time left for the
 * others at several times the load.
 */
export function shedLoad({ meter, answers, baseUrl, nextRequestId, alsoSay, onRefused }: SheddingOptions) {
  const ended: Record<Urgency, () => void> = {
    always: () => meter.ended("always"),
    last: () => meter.ended("last"),
    reads: () => meter.ended("reads"),
    writes: () => meter.ended("writes"),
  };
  const refusalOf = refusals(baseUrl);
  const held: Socket[] = [];
  let refused = 0;

  /** Whoever asks again at once is not heard before the next turn. */
  function holdUntilNextTurn(socket: Socket): void {
    if (held.length === 0) setImmediate(letGo);
    held.push(socket);
    socket.pause();
  }
  function letGo(): void {
    for (const socket of held.splice(0)) socket.resume();
  }

  function refuse(request: IncomingMessage, response: ServerResponse): void {
    refused += 1;
    onRefused();
    if (meter.turnIsFull) holdUntilNextTurn(request.socket);
    const requestId = nextRequestId();
    const body = refusalOf(requestId);
    response.sendDate = false; // RFC 9110 wants one of what succeeds; here it is a tenth of the cost
    response.writeHead(503, [
      "content-type",
      PROBLEM_JSON,
      "content-length",
      String(body.length),
      "retry-after",
      String(1 + (refused % COME_BACK_WITHIN_SECONDS)),
      "x-request-id",
      requestId,
      ...alsoSay(request),
    ]);
    if (request.method === "HEAD") response.end();
    else response.end(body, "latin1"); // all of it is ASCII
  }

  /** Costs hardly more than a refusal, and is what was asked for. */
  function give(answer: SharedAnswer, request: IncomingMessage, response: ServerResponse): void {
    meter.passes();
    if (meter.turnIsFull) holdUntilNextTurn(request.socket);
    const { body, etag, ageSeconds } = answer;
    const headers = [
      ...answer.headers,
      "age",
      String(ageSeconds),
      "x-request-id",
      nextRequestId(),
      ...alsoSay(request),
    ];
    if (etag !== null && request.headers["if-none-match"] === etag) {
      response.writeHead(304, headers).end();
      return;
    }
    headers.push("content-type", answer.contentType, "content-length", String(body.length));
    response.writeHead(200, headers).end(body);
  }

  return (next: RequestListener): RequestListener =>
    (request, response) => {
      const answer = meter.overloaded ? answers.find(request) : null;
      if (answer?.isStale === false) return give(answer, request, response);
      const urgency = meter.begin(request);
      if (urgency === null) return answer === null ? refuse(request, response) : give(answer, request, response);
      // Who listens to a stream takes nothing of what the others need, for hours.
      if (isStream(request.url)) meter.ended(urgency);
      else response.on("close", ended[urgency]);
      next(request, response);
    };
}

const isStream = (url = ""): boolean => url.endsWith("/stream") || url.includes("/stream?");

/** The problem as text, cut where the request's id goes. */
function refusals(baseUrl: string): (requestId: string) => string {
  const mark = "THE-REQUEST";
  const [before = "", after = ""] = JSON.stringify(problemBody(new Problem("busy"), mark, baseUrl)).split(mark);
  return (requestId) => `${before}${requestId}${after}`;
}

/** Keeps answers that others may be given, while there is more to do than can be done; the last thing done with a reply. */
export const keepToShare =
  (meter: LoadMeter, answers: SharedAnswers): onSendHookHandler<unknown> =>
  (request, reply, payload, done) => {
    const mayBe = meter.overloaded && request.method === "GET" && reply.statusCode === 200;
    if (mayBe && typeof payload === "string") answers.keep(request.raw, reply.getHeaders(), payload);
    done(null, payload);
  };
