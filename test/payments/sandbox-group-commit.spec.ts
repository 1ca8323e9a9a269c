import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { groupCommits, TooManyWrites } from "../../src/payments/sandbox/group-commit.ts";

function rows() {
  const database = new DatabaseSync(":memory:");
  database.exec("create table rows (value integer unique) strict");
  const insert = database.prepare("insert into rows values (?)");
  const all = database.prepare("select value from rows order by value");
  return {
    database,
    commits: groupCommits(database),
    insert: (value: number) => {
      insert.run(value);
      return value;
    },
    kept: () => all.all().map(({ value }) => value),
  };
}

it("writes of one moment share a transaction and get their own answers after it", async () => {
  const { database, commits, insert, kept } = rows();
  const before = database.prepare("select count(*) as n from rows");
  let seenInside = -1;
  const answers = await Promise.all([
    ...[1, 2, 3].map((value) => commits.run(() => insert(value))),
    commits.run(() => {
      expect(database.isTransaction).toBe(true);
      seenInside = (before.get() as { n: number }).n;
      return "last";
    }),
  ]);
  expect(answers).toEqual([1, 2, 3, "last"]);
  expect(seenInside, "in the same transaction as the three before").toBe(3);
  expect(kept()).toEqual([1, 2, 3]);
  expect(database.isTransaction).toBe(false);
});

it("answers nobody before the transaction is committed: that may be what fails", async () => {
  const { database, commits } = rows();
  database.exec(`
    create table parents (id integer primary key) strict;
    create table children (parent integer references parents deferrable initially deferred) strict;
  `);
  const insert = database.prepare("insert into children values (4711)");
  await expect(commits.run(() => insert.run())).rejects.toThrow("FOREIGN KEY");
  expect(database.isTransaction).toBe(false);
  expect(database.prepare("select * from children").all()).toEqual([]);
});

it("what one breaks does not break the others", async () => {
  const { commits, insert, kept } = rows();
  const outcomes = await Promise.allSettled([1, 2, 2, 3].map((value) => commits.run(() => insert(value))));
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"]);
  expect(kept()).toEqual([1, 2, 3]);
});

it("takes no more than so many at once, and goes on after them", async () => {
  const { commits, insert, kept } = rows();
  const taken = Array.from({ length: 10_000 }, (_, value) => commits.run(() => insert(value)));
  await expect(commits.run(() => insert(-1))).rejects.toThrow(TooManyWrites);
  await Promise.all(taken);
  expect(kept()).toHaveLength(10_000);
  expect(await commits.run(() => insert(-1))).toBe(-1);
});
