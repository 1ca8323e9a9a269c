import { tableName } from "../projection.ts";

export const VIEW = "waiting_rooms";

export const createTables = (generation: number): string => `
  create table ${tableName(VIEW, generation)} (
    event_id uuid primary key,
    revision integer not null,
    status text not null,
    round integer not null,
    commitment text not null,
    later_commitment text not null,
    terms jsonb not null
  );
  create index on ${tableName(VIEW, generation)} (event_id) where status = 'set-up';`;
