import { expect } from "vitest";
import type { NodeUnderTest, Reply } from "./events-node.ts";

/** Milliseconds from now as RFC 3339 UTC. */
export const inMs = (ms: number): string => new Date(Date.now() + ms).toISOString();

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** The answer is this problem. @returns its body */
export function expectProblem(reply: Reply, status: number, code: string): Record<string, unknown> {
  expect([reply.statusCode, reply.json().code], reply.body).toEqual([status, code]);
  expect(reply.headers["content-type"]).toBe("application/problem+json");
  expect(reply.headers["boxoffice-position"]).toBeUndefined();
  return reply.json();
}

/** The places that a 400 names, sorted. */
export const placesOf = (reply: Reply): string[] =>
  reply
    .json()
    .errors.map((error: { in: string; path: string }) => `${error.in} ${error.path}`)
    .sort();

/** Runs something that must be refused, and checks that the log is as it was. @returns what it answered */
export async function recordsNothing<Answer>(node: NodeUnderTest, run: () => Promise<Answer>): Promise<Answer> {
  const before = await node.head();
  const answer = await run();
  expect((await node.recorded(before)).map(({ type }) => type)).toEqual([]);
  return answer;
}

/** Header that makes a read wait for what a write's reply stands for. */
export const asOf = (write: Reply): Record<string, string> => ({
  "boxoffice-min-position": String(write.headers["boxoffice-position"]),
});

/**
 * Waits until something is so, and says what it last was if it never gets so.
 *
 * @param everyMs between two looks; more, where many wait at once for what takes seconds
 */
export async function until<Value>(
  look: () => Promise<Value>,
  isSo: (value: Value) => boolean,
  everyMs = 20,
): Promise<Value> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const value = await look();
    if (isSo(value)) return value;
    if (Date.now() > deadline) throw new Error(`still ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
