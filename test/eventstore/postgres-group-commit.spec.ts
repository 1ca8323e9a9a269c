import { describe, expect, it } from "vitest";
import type { AppendOutcome, CommitLane } from "../../src/eventstore/postgres/commit-lane.ts";
import { createGroupCommit, type GroupCommitLimits } from "../../src/eventstore/postgres/group-commit.ts";
import { type PreparedAppend, prepareAppend } from "../../src/eventstore/postgres/prepared-append.ts";
import { newEvent } from "./contract-support.ts";

const LIMITS: GroupCommitLimits = {
  maxAppendsPerCommit: 100,
  maxBytesPerCommit: 1_000_000,
  maxWaiting: 1000,
  maxWaitingBytes: 10_000_000,
};

/** A lane whose commits end when the spec says so. */
function laneByHand() {
  const commits: { readonly streams: readonly string[]; finish(): void }[] = [];
  const lane: CommitLane = {
    commit: (appends) =>
      new Promise((resolve) => {
        const outcomes = appends.map((): AppendOutcome => ({ revision: 0, position: 1n }));
        commits.push({ streams: appends.map((append) => append.stream), finish: () => resolve(outcomes) });
      }),
    close: async () => {},
  };
  const started = async (count: number): Promise<readonly string[] | undefined> => {
    while (commits.length < count) await turn();
    return commits[count - 1]?.streams;
  };
  return { lane, commits, started };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const append = (stream: string, data = "{}"): PreparedAppend => prepareAppend(stream, [newEvent({ data })], "any");

describe("group commit", () => {
  it("puts all the appends of a turn into one commit, and what comes meanwhile into the next", async () => {
    const { lane, commits, started } = laneByHand();
    const group = createGroupCommit([lane], LIMITS);
    const first = ["a", "b", "c"].map((stream) => group.append(append(stream)));
    expect(await started(1)).toEqual(["a", "b", "c"]);
    for (const stream of ["d", "e"]) void group.append(append(stream));
    commits[0]?.finish();
    await Promise.all(first);
    expect(await started(2)).toEqual(["d", "e"]);
  });

  it("has at most one append of a stream in a commit, in the order of the calls", async () => {
    const { lane, commits, started } = laneByHand();
    const group = createGroupCommit([lane], LIMITS);
    for (const stream of ["a", "a", "b", "a"]) void group.append(append(stream));
    expect(await started(1)).toEqual(["a", "b"]);
    commits[0]?.finish();
    expect(await started(2)).toEqual(["a"]);
    commits[1]?.finish();
    expect(await started(3)).toEqual(["a"]);
  });

  it("keeps a stream out of the second lane while it is in the first", async () => {
    const [one, two] = [laneByHand(), laneByHand()];
    const group = createGroupCommit([one.lane, two.lane], LIMITS);
    void group.append(append("a"));
    expect(await two.started(1)).toEqual(["a"]);
    void group.append(append("a"));
    void group.append(append("b"));
    expect(await one.started(1)).toEqual(["b"]);
    two.commits[0]?.finish();
    expect(await two.started(2)).toEqual(["a"]);
  });

  it("bounds a commit in appends and in bytes", async () => {
    const { lane, commits, started } = laneByHand();
    const group = createGroupCommit([lane], { ...LIMITS, maxAppendsPerCommit: 3, maxBytesPerCommit: 2000 });
    const large = JSON.stringify("x".repeat(1500));
    for (const stream of ["a", "b", "c", "d"]) void group.append(append(stream));
    for (const stream of ["e", "f", "g"]) void group.append(append(stream, large));
    expect(await started(1)).toEqual(["a", "b", "c"]);
    commits[0]?.finish();
    expect(await started(2)).toEqual(["d", "e", "f"]);
    commits[1]?.finish();
    expect(await started(3)).toEqual(["g"]);
  });

  it("refuses what is beyond its bounds, and takes appends again when there is room", async () => {
    const { lane, commits, started } = laneByHand();
    const group = createGroupCommit([lane], { ...LIMITS, maxWaiting: 2, maxWaitingBytes: 1000 });
    void group.append(append("a"));
    await expect(group.append(append("b", JSON.stringify("x".repeat(1000))))).rejects.toThrow("wait already");
    void group.append(append("b"));
    await expect(group.append(append("c"))).rejects.toThrow("2 appends wait already");
    await started(1);
    void group.append(append("c"));
    commits[0]?.finish();
    expect(await started(2)).toEqual(["c"]);
  });

  it("gives each append its own outcome", async () => {
    const lane: CommitLane = {
      commit: async (appends) =>
        appends.map(({ stream }) => (stream === "b" ? new Error("no") : { revision: 7, position: 8n })),
      close: async () => {},
    };
    const group = createGroupCommit([lane], LIMITS);
    const [a, b] = await Promise.allSettled(["a", "b"].map((stream) => group.append(append(stream))));
    expect(a).toMatchObject({ status: "fulfilled", value: { revision: 7, position: 8n } });
    expect(b).toMatchObject({ status: "rejected", reason: { message: "no" } });
  });
});
