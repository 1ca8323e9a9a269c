import type pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type KeptAnswer, type KeptAnswers, postgresKeptAnswers } from "../../src/commands/kept-answers.ts";
import { KEY_WINDOW_MS } from "../../src/commands/key-window.ts";
import { Busy, KeyReused } from "../../src/commands/outcome.ts";
import { preparedDatabase } from "./prepared-database.ts";

let pool: pg.Pool;
let answers: KeptAnswers;
let nowMs = Date.UTC(2027, 0, 1);
const clock = { nowMs: () => nowMs };
let close: () => Promise<void>;
beforeAll(async () => {
  ({ pool, close } = await preparedDatabase(8));
  answers = postgresKeptAnswers(pool, clock);
});
afterAll(() => close?.());

const saying = (body: string): KeptAnswer => ({ status: 201, location: `/${body}`, body });
const keyOf = (keyHash: string, bodyHash = "this") => ({ keyHash, bodyHash });
/** Answers by itself when nothing is kept. */
const ask = (keyHash: string, body: string, bodyHash?: string) =>
  answers.once(keyOf(keyHash, bodyHash), async () => saying(body));
const count = async () => (await pool.query("select count(*)::int as n from commands.kept_answers")).rows[0].n;

it("the first answer is given again for a day, and to nothing else", async () => {
  expect(await ask("a", "first")).toEqual({ answer: saying("first"), replayed: false });
  expect(await ask("a", "second")).toEqual({ answer: saying("first"), replayed: true });
  await expect(ask("a", "second", "that")).rejects.toThrow(KeyReused);
  expect(await ask("b", "second")).toEqual({ answer: saying("second"), replayed: false });
  nowMs += KEY_WINDOW_MS;
  expect(await ask("a", "next day", "that")).toEqual({ answer: saying("next day"), replayed: false });
});

it("a refusal is kept nowhere", async () => {
  const refused = answers.once(keyOf("refused"), () => Promise.reject(new Error("not now")));
  await expect(refused).rejects.toThrow("not now");
  expect(await ask("refused", "then", "that")).toEqual({ answer: saying("then"), replayed: false });
});

it("of many at once one answers, and the others wait for it", async () => {
  const ready = Promise.withResolvers<void>();
  let made = 0;
  const all = Array.from({ length: 5 }, (_, n) =>
    answers.once(keyOf("at once"), async () => {
      made += 1;
      await ready.promise;
      return saying(String(n));
    }),
  );
  ready.resolve();
  const got = await Promise.all(all);
  expect(made).toBe(1);
  expect(new Set(got.map(({ answer }) => answer.body)).size).toBe(1);
  expect(got.filter(({ replayed }) => !replayed)).toHaveLength(1);
});

it("who would wait for too long is sent away, and whoever has died with its process is not waited for", async () => {
  const hurried = postgresKeptAnswers(pool, clock, 0);
  const never = Promise.withResolvers<KeptAnswer>();
  const began = Promise.withResolvers<void>();
  const first = answers.once(keyOf("dead"), () => {
    began.resolve();
    return never.promise;
  });
  await began.promise;
  await expect(hurried.once(keyOf("dead"), async () => saying("other"))).rejects.toThrow(Busy);
  nowMs += 30_000;
  expect(await ask("dead", "other")).toEqual({ answer: saying("other"), replayed: false });
  // It comes back, and changes nothing of what was said since.
  never.resolve(saying("late"));
  await first;
  expect(await ask("dead", "again")).toEqual({ answer: saying("other"), replayed: true });
});

it("no more are kept than those of a day", async () => {
  for (let n = 0; n < 20; n += 1) await ask(`old ${n}`, "");
  const before = await count();
  nowMs += KEY_WINDOW_MS;
  for (let n = 0; n < before; n += 1) await ask(`new ${n}`, "");
  expect(await count()).toBe(before);
});
