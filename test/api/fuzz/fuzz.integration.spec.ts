import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type NodeUnderTest, startNode } from "../events-node.ts";
import { fuzz } from "./fuzzing.ts";
import { isFault } from "./judging.ts";
import { toldOf } from "./telling.ts";

const REQUESTS = 2_500;
/** Half a minute on an idle machine of two cores, more where other specs run beside. */
const WITHIN_MS = 240_000;

let node: NodeUnderTest;
beforeAll(async () => {
  node = await startNode({ roles: new Set(["api", "projector", "processes"]) }, "info");
});
afterAll(() => node.close());

describe("whatever is sent to whatever route", { timeout: WITHIN_MS }, () => {
  it(`gets a reply that is in the document, and never one that is our fault: ${REQUESTS} requests`, async () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const fuzzed = await fuzz(node, { requests: REQUESTS, seed, heap: null });
    const story = toldOf(fuzzed);
    expect(fuzzed.findings.length, story).toBe(0);
    expect(fuzzed.neverSucceeded, story).toEqual([]);
    expect([...fuzzed.endedCallers], story).toEqual([]);
    expect(fuzzed.faults).toEqual([]);
    expect(node.errors.filter(isFault), story).toEqual([]);
  });
});
