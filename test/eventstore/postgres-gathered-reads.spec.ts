import { expect, it } from "vitest";
import { gatheredReads } from "../../src/eventstore/postgres/gathered-reads.ts";

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Queries that are answered when the spec says so. */
function scripted(atOnce: number, mostPerQuery: number) {
  const queries: { asked: string[]; answer: () => void; fail: (error: Error) => void }[] = [];
  const reads = gatheredReads<string>(
    (streams, firsts) =>
      new Promise((resolve, reject) => {
        const asked = streams.map((stream, index) => `${stream}@${firsts[index]}`);
        queries.push({ asked, answer: () => resolve(asked.map((text) => [text])), fail: reject });
      }),
    { atOnce, mostPerQuery },
  );
  return { queries, reads };
}

it("reads of one turn of the event loop share a query, and each gets its own answer", async () => {
  const { queries, reads } = scripted(2, 10);
  const answers = Promise.all([reads.read("a", 0), reads.read("b", 5)]);
  await turn();
  expect(queries.map(({ asked }) => asked)).toEqual([["a@0", "b@5"]]);
  queries[0]?.answer();
  expect(await answers).toEqual([["a@0"], ["b@5"]]);
});

it("what comes while as many queries as may are under way gathers for the next, within its bound", async () => {
  const { queries, reads } = scripted(1, 2);
  const first = reads.read("a", 0);
  await turn();
  const others = ["b", "c", "d"].map((stream) => reads.read(stream, 0));
  await turn();
  expect(queries).toHaveLength(1);
  queries[0]?.answer();
  await first;
  await turn();
  expect(queries[1]?.asked).toEqual(["b@0", "c@0"]);
  queries[1]?.answer();
  await turn();
  queries[2]?.answer();
  expect(await Promise.all(others)).toEqual([["b@0"], ["c@0"], ["d@0"]]);
});

it("a query that fails fails those who shared it, and no others", async () => {
  const { queries, reads } = scripted(1, 1);
  const failed = reads.read("a", 0);
  const answered = reads.read("b", 0);
  await turn();
  queries[0]?.fail(new Error("away"));
  await expect(failed).rejects.toThrow("away");
  await turn();
  queries[1]?.answer();
  expect(await answered).toEqual(["b@0"]);
});
