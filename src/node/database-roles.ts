import type { ClientBase } from "pg";
import { ANALYTICS_SCHEMA } from "../projections/analytics/views.ts";

/** What processes of Boxoffice, and those who evaluate its data, are for the database, instead of its owner. */
export const DATABASE_ROLES = ["api", "processes", "projector", "analyst"] as const;
export type DatabaseRole = (typeof DATABASE_ROLES)[number];

const READ = "select";
const MAKE = "select, insert";
/** `select ... for update` and `for share` need the right to update. */
const KEEP = "select, insert, update";
const ALL = "select, insert, update, delete";
const DROPS = "select, insert, delete";
const EXPIRE = "select, update, delete";

type Rights = Readonly<Partial<Record<DatabaseRole, string>>>;

/**
 * What each role may do to each table; a table without a row is its owner's alone. The log has no row that changes
 * anything: events come by the append function, which checks revisions, and nothing takes them away.
 */
export const TABLE_RIGHTS: Readonly<Record<string, Rights>> = {
  "eventstore.events": { api: READ, processes: READ, projector: READ },
  "eventstore.streams": { api: READ, processes: READ, projector: READ },
  "eventstore.schema_version": { api: READ, processes: READ, projector: READ },

  "commands.snapshots": { api: ALL, processes: ALL },
  "commands.event_codes": { api: ALL, processes: ALL },
  "commands.used_keys": { api: ALL, processes: ALL },
  "commands.kept_answers": { api: ALL },
  "commands.clock_moves": { api: KEEP, processes: READ, projector: READ },
  "commands.secrets": { api: MAKE, processes: MAKE },

  "accounts.account": { api: KEEP, processes: READ },
  "accounts.session": { api: ALL, processes: EXPIRE },
  "accounts.api_key": { api: ALL },
  "accounts.password_reset": { api: ALL, processes: EXPIRE },

  "processes.waiting_room_arrivals": { api: KEEP, processes: KEEP },
  "processes.waiting_room_progress": { api: KEEP, processes: KEEP },
  "processes.waiting_room_calls": { api: READ, processes: ALL },
  "processes.waiting_room_comers": { api: KEEP, processes: ALL },
  "processes.waiting_room_admissions": { api: ALL, processes: ALL },

  "processes.leases": { api: READ, processes: KEEP, projector: KEEP },
  "processes.notices": { api: ALL, processes: ALL },
  "processes.notice_announcements": { processes: ALL },
  "processes.notices_checkpoint": { processes: KEEP },
  "processes.cancellations": { api: MAKE, processes: KEEP },
  "processes.cancellation_waits": { api: READ, processes: ALL },
  "processes.reconciliations": { processes: ALL },

  "audit.checkpoints": { api: DROPS, processes: DROPS },
  "audit.heads": { api: READ, processes: DROPS },
  "audit.verifications": { api: MAKE, processes: ALL },
  "audit.head_keys": { api: READ, processes: MAKE },

  "readmodels.timers": { processes: ALL },
};

/** Read models come and go by generations, so rights on them are for all that are there or will be. */
const READ_MODEL_RIGHTS: Rights = { api: READ, processes: READ, projector: ALL, analyst: READ };
const READ_MODELS = "readmodels";
/** What is promised to analysts: views, made anew now and then, that read for whoever may read them. */
const ANALYTICS_RIGHTS: Rights = { api: READ, analyst: READ };
/** Schemas whose tables and views come and go, with the rights on all that are there or will be. */
const ALIKE: Readonly<Record<string, Rights>> = {
  [READ_MODELS]: READ_MODEL_RIGHTS,
  [ANALYTICS_SCHEMA]: ANALYTICS_RIGHTS,
};

const APPEND = "eventstore.append_v1(text[], bigint[], integer[], integer[], uuid[], text[], json[], json[])";
const MAY_APPEND = ["api", "processes"] as const satisfies readonly DatabaseRole[];

/** Roles belong to the server, not to a database: installations that share one have prefixes of their own. */
export const ROLE_PREFIX = /^[a-z][a-z0-9_]{0,40}$/;
export const roleName = (prefix: string, role: DatabaseRole): string => `${prefix}_${role}`;

/**
 * Makes the roles `<prefix>_api` and so on, without a password and not for signing in, and gives them their rights in
 * this database, whose tables are there; whoever had other rights loses them. Users are made by the operator, as members
 * of the roles that their process has. In one transaction, and again: the same.
 * @param client the owner's, who may create roles, or finds them there
 */
export async function grantRoles(client: ClientBase, prefix: string): Promise<void> {
  if (!ROLE_PREFIX.test(prefix)) throw new Error("the prefix of roles takes small letters, digits and _");
  await client.query("begin");
  try {
    const { rows } = await client.query<{ database: string; tables: string[]; log: boolean; schemas: string[] }>(
      `
      select quote_ident(current_database()) as database, to_regprocedure('${APPEND}') is not null as log,
             array(select nspname::text from pg_namespace
                    where nspname = any(array['eventstore', 'commands', 'accounts', 'processes', 'audit'] || $1::text[])) as schemas,
             array(select n.nspname || '.' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
                    where c.relkind in ('r', 'v')) as tables`,
      [Object.keys(ALIKE)],
    );
    for (const statement of statementsFor(prefix, rows[0] as (typeof rows)[0])) await client.query(statement);
    await client.query("commit");
  } catch (error) {
    await client.query("rollback").catch(() => {}); // the first error is the one to tell
    throw error;
  }
}

interface Found {
  readonly database: string;
  readonly schemas: readonly string[];
  readonly tables: readonly string[];
  /** Whether the log is in this database. */
  readonly log: boolean;
}

function statementsFor(prefix: string, { database, schemas, tables, log }: Found): string[] {
  const named = (role: DatabaseRole) => roleName(prefix, role);
  const everybody = DATABASE_ROLES.map(named).join(", ");
  const rightsOn = (what: string, rights: Rights) =>
    DATABASE_ROLES.flatMap((role) =>
      rights[role] === undefined ? [] : [`grant ${rights[role]} on ${what} to ${named(role)}`],
    );
  const usersOf = (schema: string) =>
    DATABASE_ROLES.filter((role) =>
      ALIKE[schema] !== undefined
        ? ALIKE[schema][role] !== undefined
        : Object.entries(TABLE_RIGHTS).some(
            ([table, rights]) => table.startsWith(`${schema}.`) && rights[role] !== undefined,
          ),
    ).map(named);
  return [
    ...DATABASE_ROLES.map(
      (role) => `
        do $$ begin
          if not exists (select from pg_roles where rolname = '${named(role)}') then create role ${named(role)} nologin; end if;
        end $$`,
    ),
    `revoke all on database ${database} from public`,
    `grant connect on database ${database} to ${everybody}`,
    "revoke create on schema public from public",
    ...schemas.flatMap((schema) => [
      `revoke all on schema ${schema} from public, ${everybody}`,
      `revoke all on all tables in schema ${schema} from public, ${everybody}`,
      `grant usage on schema ${schema} to ${usersOf(schema).join(", ")}`,
    ]),
    ...schemas.flatMap((schema) => rightsOn(`all tables in schema ${schema}`, ALIKE[schema] ?? {})),
    ...schemas.flatMap((schema) =>
      rightsOn("tables", ALIKE[schema] ?? {}).map((grant) => `alter default privileges in schema ${schema} ${grant}`),
    ),
    ...Object.entries(TABLE_RIGHTS).flatMap(([table, rights]) =>
      tables.includes(table) ? rightsOn(table, rights) : [],
    ),
    ...(log
      ? [
          "revoke all on all functions in schema eventstore from public",
          // It writes with its owner's rights, so that nobody needs rights of their own on the log.
          `alter function ${APPEND} security definer set search_path = pg_catalog, pg_temp`,
          `grant execute on function ${APPEND} to ${MAY_APPEND.map(named).join(", ")}`,
        ]
      : []),
  ];
}
