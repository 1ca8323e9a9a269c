import pg from "pg";

/** Schemas that are filled from the log, or by processes that find their place in it again. */
export type Derived = "readmodels" | "processes";

/** What an operator does with a database whose nodes are stopped, or run on while it is copied. */
export interface Backup {
  /** Copies all tables of both schemas as they are at one moment, as a dump does. */
  take(): Promise<void>;
  /** Puts them back as they were then. No node may run. */
  restore(): Promise<void>;
  drop(...schemas: readonly Derived[]): Promise<void>;
  /** Rows of a table as it was copied. */
  kept<Row extends pg.QueryResultRow>(table: `${Derived}.${string}`): Promise<readonly Row[]>;
  now<Row extends pg.QueryResultRow>(statement: string): Promise<readonly Row[]>;
  close(): Promise<void>;
}

/** Tables with their columns, but for those that Postgres fills by itself. */
const TABLES = `
  select c.oid::regclass::text as name, string_agg(quote_ident(a.attname), ', ' order by a.attnum) as columns
  from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
  where c.relkind = 'r' and c.relnamespace in ('readmodels'::regnamespace, 'processes'::regnamespace)
  group by c.oid order by 1`;

interface Table {
  readonly name: string;
  readonly columns: string;
}

export async function backupOf(connectionString: string): Promise<Backup> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  const tables = async () => (await client.query<Table>(TABLES)).rows;
  let copied: readonly Table[] = [];

  async function inTransaction(work: () => Promise<void>): Promise<void> {
    await client.query("begin isolation level repeatable read");
    await work();
    await client.query("commit");
  }

  return {
    async take() {
      await inTransaction(async () => {
        await client.query("create schema kept");
        copied = await tables();
        for (const { name, columns } of copied) {
          await client.query(`create table kept."${name}" as select ${columns} from ${name}`);
        }
      });
    },
    async restore() {
      if (JSON.stringify(await tables()) !== JSON.stringify(copied)) throw new Error("other tables than in the backup");
      await inTransaction(async () => {
        for (const { name, columns } of copied) {
          await client.query(`delete from ${name}`);
          await client.query(`insert into ${name} (${columns}) select ${columns} from kept."${name}"`);
        }
      });
    },
    async drop(...schemas) {
      await client.query(`drop schema ${schemas.join(", ")} cascade`);
    },
    kept: async (table) => (await client.query(`select * from kept."${table}"`)).rows,
    now: async (statement) => (await client.query(statement)).rows,
    close: () => client.end(),
  };
}
