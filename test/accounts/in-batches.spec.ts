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

it("asks at once while few questions are under way, then for all that wait together, so many at a time", async () => {
  const { questions, find } = asking();
  const found = [1, 2, 3, 4, 5, 6].map(find);
  expect(questions.map(({ keys }) => keys)).toEqual([[1], [2]]);
  questions[0]?.answer();
  expect(await found[0]).toBe("1");
  expect(questions.map(({ keys }) => keys)).toEqual([[1], [2], [3, 4, 5]]);
  questions[1]?.answer();
  questions[2]?.answer();
  expect(await found[4]).toBe("5");
  expect(questions.at(-1)?.keys).toEqual([6]);
  questions.at(-1)?.answer();
  expect(await Promise.all(found)).toEqual(["1", "2", "3", "4", "5", "6"]);
});

it("who comes while a question is under way is not answered by it", async () => {
  const { questions, find } = asking();
  const [first, second, same] = [find(1), find(1), find(1)];
  questions[0]?.answer();
  questions[1]?.answer();
  await Promise.all([first, second]);
  let isAnswered = false;
  void same.then(() => {
    isAnswered = true;
  });
  await Promise.resolve();
  expect(isAnswered).toBe(false);
  expect(questions).toHaveLength(3);
  questions[2]?.answer();
  expect(await same).toBe("1");
});

it("those of a question that fails are told so, and no others", async () => {
  const { questions, find } = asking();
  const [first, second, third] = [find(1), find(2), find(3)];
  questions[0]?.fail();
  await expect(first).rejects.toThrow("away");
  questions[1]?.answer();
  expect(await second).toBe("2");
  questions[2]?.answer();
  expect(await third).toBe("3");
});
