import { query } from "./postgres-server.ts";

const MIB = 2 ** 20;

/** What there is on disk, in bytes. */
export interface SearchSizes {
  /** Tables of the search with their indexes, the largest first. */
  readonly relations: readonly { readonly name: string; readonly isIndex: boolean; readonly bytes: number }[];
  /** All of them. */
  readonly tables: number;
  readonly indexes: number;
  /** The log and all read models with it. */
  readonly database: number;
}

/** @throws Error there are no tables of the search */
export async function searchSizes(databaseUrl: string): Promise<SearchSizes> {
  const relations = await query<{ name: string; isIndex: boolean; bytes: number }>(
    databaseUrl,
    `select c.relname as name, c.relkind = 'i' as "isIndex", pg_table_size(c.oid)::float8 as bytes
     from pg_class c where c.relnamespace = 'readmodels'::regnamespace and c.relkind in ('r', 'i')
       and (c.relname like 'search%')
     order by bytes desc`,
  );
  if (relations.length === 0) throw new Error("there is no read model to search by");
  const [row] = await query<{ bytes: number }>(
    databaseUrl,
    "select pg_database_size(current_database())::float8 as bytes",
  );
  const sum = (isIndex: boolean) =>
    relations.reduce((bytes, one) => bytes + (one.isIndex === isIndex ? one.bytes : 0), 0);
  return { relations, tables: sum(false), indexes: sum(true), database: row?.bytes ?? 0 };
}

/** Rows for the table of the searches: what is large enough to matter. */
export function shownSizes({ relations, tables, indexes, database }: SearchSizes): readonly (readonly string[])[] {
  const mib = (bytes: number) => `${(bytes / MIB).toLocaleString("en", { maximumFractionDigits: 0 })} MiB`;
  return [
    ...relations.filter(({ bytes }) => bytes >= MIB).map(({ name, bytes }) => [name, mib(bytes)]),
    ["tables of the search", mib(tables)],
    ["indexes of the search", mib(indexes)],
    ["the whole database", mib(database)],
  ];
}
