import type { InventoryOpened } from "../../domain/inventory-events.ts";
import { sectionPricesOf } from "../../domain/seating/section-prices.ts";
import { type Statement, tableName } from "../projection.ts";
import { storableJson } from "../storable.ts";
import type { Batch, EventChange } from "./batch.ts";
import { EVENTS, TICKET_TYPES } from "./table.ts";

/** New rows first, so that what the same batch changes in them finds them. */
export function statementsFor(batch: Batch, generation: number): readonly Statement[] {
  const { created, changed, ticketTypes, changedTypes } = batch;
  const statements: Statement[] = [];
  if (ticketTypes.length > 0) statements.push(insertTicketTypes(ticketTypes, generation));
  if (changedTypes.size > 0) statements.push(updateTicketTypes(changedTypes, generation));
  if (created.size > 0) statements.push(insertEvents(batch, generation));
  if ([...changed.keys()].some((eventId) => !created.has(eventId))) statements.push(updateEvents(batch, generation));
  return statements;
}

function insertEvents({ created, changed }: Batch, generation: number): Statement {
  const rows = [...created].map(([eventId, { organizerId, createdAt }]) => ({
    event_id: eventId,
    organizer_id: organizerId,
    created_at: createdAt,
    ...rowOf(changed.get(eventId)),
  }));
  return {
    name: `events_insert_g${generation}`,
    text: `insert into ${tableName(EVENTS, generation)}
             (event_id, organizer_id, code, currency, status, version, paused, created_at, updated_at, details)
           select * from json_to_recordset($1) as t (event_id uuid, organizer_id uuid, code text, currency text,
             status text, version int, paused boolean, created_at timestamptz, updated_at timestamptz, details jsonb)`,
    values: [storableJson(rows)],
  };
}

function updateEvents({ created, changed }: Batch, generation: number): Statement {
  const rows = [...changed].flatMap(([eventId, change]) =>
    created.has(eventId) ? [] : [{ event_id: eventId, is_coded: change.code !== undefined, ...rowOf(change) }],
  );
  return {
    name: `events_update_g${generation}`,
    text: `update ${tableName(EVENTS, generation)} e set
             status = coalesce(c.status, e.status),
             version = c.version,
             paused = coalesce(c.paused, e.paused),
             code = case when c.is_coded then c.code else e.code end,
             currency = coalesce(c.currency, e.currency),
             updated_at = c.updated_at,
             details = e.details || c.details
           from json_to_recordset($1) as c (event_id uuid, status text, version int, paused boolean, is_coded boolean,
             code text, currency text, updated_at timestamptz, details jsonb)
           where e.event_id = c.event_id`,
    values: [storableJson(rows)],
  };
}

function rowOf(change: EventChange | undefined) {
  if (change === undefined) throw new Error("an event is made that the batch says nothing of");
  const { updatedAt, ...row } = change;
  return { ...row, updated_at: updatedAt };
}

function insertTicketTypes(opened: readonly InventoryOpened["data"][], generation: number): Statement {
  const rows = opened.map(({ eventId, ticketTypeId, ordinal, terms, seatMap }) => ({
    event_id: eventId,
    ticket_type_id: ticketTypeId,
    ordinal,
    terms,
    reserved_seating: seatMap !== undefined,
    section_prices: seatMap === undefined ? null : sectionPricesOf(seatMap),
  }));
  return {
    name: `ticket_types_insert_g${generation}`,
    text: `insert into ${tableName(TICKET_TYPES, generation)}
             (event_id, ticket_type_id, ordinal, terms, reserved_seating, section_prices)
           select * from json_to_recordset($1) as t (event_id uuid, ticket_type_id uuid, ordinal int, terms jsonb,
             reserved_seating boolean, section_prices jsonb)`,
    values: [storableJson(rows)],
  };
}

function updateTicketTypes(changed: Batch["changedTypes"], generation: number): Statement {
  const rows = [...changed].map(([ticketTypeId, { eventId, terms, paused, isRemoved }]) => ({
    event_id: eventId,
    ticket_type_id: ticketTypeId,
    terms,
    event_paused: paused.event,
    paused: paused["ticket-type"],
    is_removed: isRemoved,
  }));
  return {
    name: `ticket_types_update_g${generation}`,
    text: `update ${tableName(TICKET_TYPES, generation)} t set
             terms = t.terms || c.terms,
             event_paused = coalesce(c.event_paused, t.event_paused),
             paused = coalesce(c.paused, t.paused),
             is_removed = t.is_removed or c.is_removed
           from json_to_recordset($1) as c (event_id uuid, ticket_type_id uuid, terms jsonb, event_paused boolean,
             paused boolean, is_removed boolean)
           where t.event_id = c.event_id and t.ticket_type_id = c.ticket_type_id`,
    values: [storableJson(rows)],
  };
}
