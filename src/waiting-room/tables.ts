/**
 * What nodes tell each other of waiting rooms: how many came in each second, how far people are called, how many of them came,
 * and which admissions were used. None of it has a row for somebody who waits; `admissions` has one for each account that came in.
 */
export const CREATE_WAITING_ROOMS = `
  create schema if not exists processes;
  create table if not exists processes.waiting_room_arrivals (
    event_id uuid not null,
    round integer not null,
    class smallint not null,
    second integer not null,
    people float8 not null,
    primary key (event_id, round, class, second)
  ) with (fillfactor = 70);
  create table if not exists processes.waiting_room_progress (
    event_id uuid not null,
    round integer not null,
    settled integer not null,
    tickets text not null,
    credit float8 not null,
    advanced_at_ms float8 not null,
    primary key (event_id, round)
  ) with (fillfactor = 50);
  create table if not exists processes.waiting_room_calls (
    event_id uuid not null,
    round integer not null,
    class smallint not null,
    at_ms float8 not null,
    serving float8 not null,
    called float8 not null,
    primary key (event_id, round, class, at_ms)
  );
  create table if not exists processes.waiting_room_comers (
    event_id uuid not null,
    round integer not null,
    called_at_ms float8 not null,
    people float8 not null,
    primary key (event_id, round, called_at_ms)
  ) with (fillfactor = 50);
  create table if not exists processes.waiting_room_admissions (
    event_id uuid not null,
    account_id uuid not null,
    admission_id text not null,
    ticket_type_id uuid not null,
    claimed_at_ms float8 not null,
    expires_at_ms float8 not null,
    used boolean not null,
    primary key (event_id, account_id)
  ) with (fillfactor = 70);
  create index if not exists waiting_room_admissions_open on processes.waiting_room_admissions (event_id, expires_at_ms) where used;
  create index if not exists waiting_room_admissions_by_age on processes.waiting_room_admissions using brin (claimed_at_ms);`;
