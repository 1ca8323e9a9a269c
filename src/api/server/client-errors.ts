import type { Socket } from "node:net";
import type { ConnectionError } from "fastify";
import { invalid } from "../problems/problem.ts";
import { problemOf } from "../problems/problem-of.ts";
import { PROBLEM_JSON, problemBody } from "../problems/send-problem.ts";

/** Answers what is not HTTP, or came too slowly or with too large headers: there is no request yet, only a socket. */
export const answerClientErrors =
  (baseUrl: string, nextRequestId: () => string) =>
  (error: ConnectionError, socket: Socket): void => {
    if (error.code === "ECONNRESET" || socket.destroyed) return;
    const expected = problemOf(error);
    const problem = expected.code === "internal" ? invalid("header", "/", "is not valid HTTP/1.1") : expected;
    const { status, title } = problem.definition;
    const requestId = nextRequestId();
    const body = JSON.stringify(problemBody(problem, requestId, baseUrl));
    const head = [
      `HTTP/1.1 ${status} ${title}`,
      `Content-Type: ${PROBLEM_JSON}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      `X-Request-Id: ${requestId}`,
      "Connection: close",
    ];
    if (socket.writable) socket.write(`${head.join("\r\n")}\r\n\r\n${body}`);
    socket.destroySoon();
  };
