import { benchAppend } from "../eventstore-append.ts";
import { shown, spreadOf } from "../support/figures.ts";
import type { Part } from "../support/part.ts";

export const append: Part = {
  name: "append",
  about: "the event store on Postgres: 64 streams with one event an append, batches, reads",
  async run({ options, postgres, say }) {
    const server = await postgres();
    const runs: Awaited<ReturnType<typeof benchAppend>>[] = [];
    for (let round = 1; round <= options.repeats; round += 1) {
      const database = await server.freshDatabase();
      runs.push(await benchAppend(database, { seconds: Math.min(options.seconds, 5) }));
      await server.drop(database);
      say(`round ${round}: ${runs.at(-1)?.parallelAppendsPerSecond} appends/s`);
    }
    type Figure = keyof (typeof runs)[number];
    const spread = (figure: Figure) => spreadOf(runs.map((run) => run[figure]));
    const atLeast = (what: string, figure: Figure, floor: number) => {
      const { median } = spread(figure);
      return { what, figure: shown(spread(figure)), floor: `at least ${floor}`, met: median >= floor };
    };
    const names = Object.keys(runs[0] ?? {}) as Figure[];
    return {
      table: [["figure", "a second"], ...names.map((name) => [name, shown(spread(name))])],
      checks: [
        atLeast("64 streams, appends/s of one process", "parallelAppendsPerSecond", 20_000),
        atLeast("the same of four processes together", "fourProcessAppendsPerSecond", 10_000),
      ],
      measurements: runs,
    };
  },
};
