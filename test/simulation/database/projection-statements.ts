import type { Projection } from "../../../src/projections/projection.ts";
import type { Row } from "./server.ts";
import type { Statements } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

export const STANDINGS = "readmodels.projections";
export const TALLY = "readmodels.tally_g1";

/**
 * A read model that tells how often each event was projected: it adds up, so that an event that is projected twice shows,
 * as does one that is passed by.
 */
export const tally: Projection = {
  name: "tally",
  version: 1,
  views: ["tally"],
  createTables: () => "",
  writes(events, generation) {
    const streams = events.map(({ stored }) => stored.stream);
    if (streams.length === 0) return [];
    const text = `update readmodels.tally_g${generation} set events = events + 1 where stream in $1`;
    return [{ name: "tally", text, values: [streams] }];
  },
};

/** In the order of names. */
const standings = (transaction: Transaction, names: readonly string[] | null): Row[] =>
  transaction.rows(STANDINGS).flatMap(([name, row]) => (names === null || names.includes(name) ? [row] : []));

/** `src/projections/registry.ts` */
export const projectionStatements: Statements = {
  "select name, version, generation, checkpoint::text from readmodels.projections order by name": async (
    transaction,
  ) => {
    const rows = standings(transaction, null);
    return { rows, rowCount: rows.length };
  },
  "select name, version, generation, checkpoint::text from readmodels.projections where name = any($1) order by name for no key update":
    async (transaction, [names]) => {
      for (const name of [...(names as string[])].sort()) await transaction.lock(STANDINGS, name, "no-key-update");
      const rows = standings(transaction, names as string[]);
      return { rows, rowCount: rows.length };
    },
  "with moved as ( update readmodels.projections set checkpoint = $2::numeric where name = any($1) returning name ) select pg_notify('boxoffice_projected', json_object_agg(name, $2::text)::text) from moved":
    async (transaction, values) => {
      const [names, checkpoint] = values as [string[], string];
      for (const name of [...names].sort()) {
        await transaction.lock(STANDINGS, name, "no-key-update");
        transaction.put(STANDINGS, name, { ...transaction.get(STANDINGS, name), checkpoint });
      }
      return { rows: [], rowCount: 1 };
    },
  "update readmodels.tally_g1 set events = events + 1 where stream in $1": async (transaction, [streams]) => {
    for (const stream of streams as string[]) {
      await transaction.lock(TALLY, stream, "no-key-update");
      const events = (transaction.get(TALLY, stream)?.events ?? 0) as number;
      transaction.put(TALLY, stream, { events: events + 1 });
    }
    return { rows: [], rowCount: 0 };
  },
};

/** Read models as a start finds them when nothing has been projected yet. */
export function prepareStandings(table: Map<string, Row>, projections: readonly Projection[]): void {
  for (const { name, version } of projections) table.set(name, { name, version, generation: 1, checkpoint: null });
}
