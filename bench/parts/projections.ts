import { benchProjections } from "../projections.ts";
import { rounded, shown, spreadOf } from "../support/figures.ts";
import type { Part } from "../support/part.ts";

const QUICK_EVENTS = 20_000;
const FLOOR_PER_SECOND = 20_000;

export const projections: Part = {
  name: "projections",
  about: "read models that catch up with the log of a hot ticket type",
  async run({ options, postgres, say }) {
    const server = await postgres();
    const runs: Awaited<ReturnType<typeof benchProjections>>[] = [];
    for (let round = 1; round <= options.repeats; round += 1) {
      const database = await server.freshDatabase();
      runs.push(await benchProjections(database, options.quick ? QUICK_EVENTS : undefined));
      await server.drop(database);
      say(
        `round ${round}: ${runs
          .at(-1)
          ?.map((one) => rounded(one.eventsPerSecond))
          .join(", ")} events/s`,
      );
    }
    const first = runs[0] ?? [];
    const rate = (index: number) => spreadOf(runs.map((run) => run[index]?.eventsPerSecond ?? 0));
    const heaviest = first.findIndex(({ projections: names }) => names === "reservations");
    return {
      table: [
        ["read models", "events a batch", "events/s"],
        ...first.map((one, index) => [one.projections, String(one.batch), shown(rate(index))]),
      ],
      checks: [
        {
          what: "the heaviest read model (reservations) catches up, events/s",
          figure: shown(rate(heaviest)),
          floor: `at least ${FLOOR_PER_SECOND}`,
          met: rate(heaviest).median >= FLOOR_PER_SECOND,
        },
      ],
      measurements: runs,
    };
  },
};
