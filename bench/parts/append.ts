import { type AppendFigures, benchAppend } from "../eventstore-append.ts";
import { shown, spreadOf } from "../support/figures.ts";
import type { Part } from "../support/part.ts";

const ON_EVENTSTOREDB = "EventStoreDB";

export const append: Part = {
  name: "append",
  about: "the event store on Postgres, and on EVENTSTORE_URL: 64 streams with one event an append, batches, reads",
  async run({ options, postgres, say }) {
    const { eventStoreUrl, repeats } = options;
    const server = await postgres();
    const seconds = Math.min(options.seconds, 5);
    const runs: AppendFigures[] = [];
    const others: AppendFigures[] = [];
    const told = (round: number, where: string, figures: AppendFigures) =>
      say(`round ${round}: ${where}: ${figures.parallelAppendsPerSecond} appends/s`);
    for (let round = 1; round <= repeats; round += 1) {
      const database = await server.freshDatabase();
      const figures = await benchAppend(database, { seconds });
      runs.push(figures);
      await server.drop(database);
      told(round, "Postgres", figures);
      if (eventStoreUrl === null) continue;
      const other = await benchAppend(eventStoreUrl, { seconds });
      others.push(other);
      told(round, ON_EVENTSTOREDB, other);
    }
    type Figure = keyof AppendFigures;
    const spread = (figure: Figure, of = runs) => spreadOf(of.map((run) => run[figure]));
    const atLeast = (what: string, figure: Figure, floor: number) => {
      const { median } = spread(figure);
      return { what, figure: shown(spread(figure)), floor: `at least ${floor}`, met: median >= floor };
    };
    const names = Object.keys(runs[0] ?? {}) as Figure[];
    const columns = others.length === 0 ? [] : [others];
    return {
      table: [
        ["figure", "a second", ...columns.map(() => `on ${ON_EVENTSTOREDB}`)],
        ...names.map((name) => [name, shown(spread(name)), ...columns.map((of) => shown(spread(name, of)))]),
      ],
      checks: [
        atLeast("64 streams, appends/s of one process", "parallelAppendsPerSecond", 20_000),
        atLeast("the same of four processes together", "fourProcessAppendsPerSecond", 10_000),
      ],
      measurements: { postgres: runs, eventStoreDB: others },
    };
  },
};
