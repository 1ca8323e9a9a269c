import { setImmediate as turnsEnd } from "node:timers/promises";
import { expect, it } from "vitest";
import { inBatches } from "../../src/accounts/in-batches.ts";

function asking() {
  const questions: { readonly keys: readonly number[]; answer(): void; fail(): void }[] = [];
  const ask = (keys: readonly number[]) =>
    new Promise<readonly string[]>((resolve, reject) =>
      questions.push({ keys, answer: () => resolve(keys.map(String)), fail: () => reject(new Error("away")) }),
    );
  return { questions, find: inBatches(ask, { underWay: 2, most: 3 }) };
}

it("asks for what one turn of the event loop wants together, so many at a time, by a few questions", async () => {
  const { questions, find } = asking();
  const found = [1, 2].map(find);
  expect(questions).toHaveLength(0);
  await Promise.resolve();
  found.push(find(3), find(4), find(5), find(6), find(7));
  await turnsEnd();
  expect(questions.map(({ keys }) => keys)).toEqual([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  found.push(find(8));
  await turnsEnd();
  expect(questions).toHaveLength(2);
  questions[0]?.answer();
  expect(await found[0]).toBe("1");
  await turnsEnd();
  expect(questions.at(-1)?.keys).toEqual([7, 8]);
  for (const { answer } of questions) answer();
  expect(await Promise.all(found)).toEqual(["1", "2", "3", "4", "5", "6", "7", "8"]);
});

it("asks at the turn's end for a single one too, and for the next one while that is under way", async () => {
  const { questions, find } = asking();
  void find(1);
  await turnsEnd();
  void find(2);
  await turnsEnd();
  expect(questions.map(({ keys }) => keys)).toEqual([[1], [2]]);
});

it("who comes while a question is under way is not answered by it", async () => {
  const { questions, find } = asking();
  const first = find(1);
  await turnsEnd();
  const same = find(1);
  questions[0]?.answer();
  await first;
  let isAnswered = false;
  void same.then(() => {
    isAnswered = true;
  });
  await turnsEnd();
  expect(isAnswered).toBe(false);
  expect(questions).toHaveLength(2);
  questions[1]?.answer();
  expect(await same).toBe("1");
});

it("those of a question that fails are told so, and no others", async () => {
  const { questions, find } = asking();
  const [first, second] = [find(1), find(2)];
  await turnsEnd();
  const third = find(3);
  await turnsEnd();
  questions[0]?.fail();
  await expect(first).rejects.toThrow("away");
  await expect(second).rejects.toThrow("away");
  questions[1]?.answer();
  expect(await third).toBe("3");
  const fourth = find(4);
  await turnsEnd();
  questions[2]?.answer();
  expect(await fourth).toBe("4");
});
