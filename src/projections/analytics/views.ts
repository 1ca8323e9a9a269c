import { hash } from "node:crypto";
import type { ClientBase } from "pg";
import { ANALYST_VIEWS, type AnalystView, BASES } from "./views-of-analysts.ts";

/** Where analysts read. Its names are promised: tables behind it come and go. */
export const ANALYTICS_SCHEMA = "analytics";

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

function definitionOf({ name, about, columns, from }: AnalystView): string {
  const view = `${ANALYTICS_SCHEMA}.${name}`;
  const selected = Object.entries(columns).map(([column, [expression]]) => `${expression} as ${column}`);
  return `
    create view ${view} as select ${selected.join(", ")} ${from};
    comment on view ${view} is ${quoted(about)};
    ${Object.entries(columns)
      .map(([column, [, comment]]) => `comment on column ${view}.${column} is ${quoted(comment)};`)
      .join("\n")}`;
}

const definitions = ANALYST_VIEWS.map(definitionOf).join("\n");
/** Told by the schema's comment: views of other definitions are made anew. */
const MARK = `What analysts read (docs/analytics-guide.md). Definitions ${hash("sha256", definitions, "hex").slice(0, 16)}`;

/**
 * Makes the views of schema `analytics` where they are missing or of other definitions, each with comments. Where read
 * models that they are made of are not there yet, nothing happens. What others have built on the views goes with them.
 * @param client the owner's, in a transaction or not
 */
export async function showAnalytics(client: Pick<ClientBase, "query">): Promise<void> {
  const { rows } = await client.query<{ ready: boolean; shown: boolean }>(
    `select (select bool_and(to_regclass('readmodels.' || name) is not null) from unnest($1::text[]) as name) as ready,
       (select bool_and(to_regclass('${ANALYTICS_SCHEMA}.' || name) is not null) from unnest($2::text[]) as name)
       and obj_description(to_regnamespace('${ANALYTICS_SCHEMA}'), 'pg_namespace') = $3 as shown`,
    [BASES, ANALYST_VIEWS.map(({ name }) => name), MARK],
  );
  const [found] = rows;
  if (found?.ready !== true || found.shown) return;
  const drop = [...ANALYST_VIEWS]
    .reverse()
    .map(({ name }) => `drop view if exists ${ANALYTICS_SCHEMA}.${name} cascade;`);
  await client.query(`
    create schema if not exists ${ANALYTICS_SCHEMA};
    ${drop.join("\n")}
    ${definitions}
    comment on schema ${ANALYTICS_SCHEMA} is ${quoted(MARK)};`);
}
