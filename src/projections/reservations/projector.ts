import type { TicketsReserved } from "../../domain/inventory-events.ts";
import type { RecordedEvent } from "../../eventstore/envelope.ts";
import { inventoryOf } from "../../eventstore/streams.ts";
import { arrayLiteral } from "../array-literal.ts";
import { type FeedEvent, unknownEvent } from "../feed-event.ts";
import { type Projection, type Statement, tableName } from "../projection.ts";
import { createTables, keyFingerprint, type RecordedStatus, VIEW } from "./table.ts";

/** What a batch says about one reservation after it was made; null leaves a column as it is. */
interface Later {
  status: RecordedStatus | null;
  /** Set when it was extended. */
  expiresAt: string | null;
}

/** A reservation made in the batch, with what the batch says about it afterwards. */
interface Made extends Later {
  readonly recorded: RecordedEvent<TicketsReserved>;
}

/** Every reservation with where it stands: a batch is one INSERT and one UPDATE, however many it has. */
export const reservations: Projection = {
  name: "reservations",
  version: 1,
  views: [VIEW],
  createTables,
  statements(events, generation) {
    const made = new Map<string, Made>();
    const changed = new Map<string, Later>();
    for (const event of events) apply(event, made, changed);
    const statements: Statement[] = [];
    if (made.size > 0) statements.push(insert([...made.values()], generation));
    if (changed.size > 0) statements.push(update(changed, generation));
    return statements;
  },
};

function apply(feedEvent: FeedEvent, made: Map<string, Made>, changed: Map<string, Later>): void {
  const recorded = feedEvent.inventory();
  if (recorded === null) return;
  const { event } = recorded;
  const later = (reservationId: string): Later => {
    const known = made.get(reservationId) ?? changed.get(reservationId);
    if (known !== undefined) return known;
    const change: Later = { status: null, expiresAt: null };
    changed.set(reservationId, change);
    return change;
  };
  switch (event.type) {
    case "TicketsReserved":
      // An id that is used again, for what was given back before, begins anew.
      changed.delete(event.data.reservationId);
      made.set(event.data.reservationId, { recorded: { ...recorded, event }, status: null, expiresAt: null });
      return;
    case "ReservationExtended":
      later(event.data.reservationId).expiresAt = event.data.expiresAt;
      return;
    case "ReservationReleased":
      later(event.data.reservationId).status = "RELEASED";
      return;
    case "ReservationsExpired":
      for (const { reservationId } of event.data.reservations) later(reservationId).status = "EXPIRED";
      return;
    case "InventoryOpened":
    case "InventoryPublished":
    case "EventTermsChanged":
    case "CapacityChanged":
      return;
    default:
      unknownEvent(event);
  }
}

function insert(made: readonly Made[], generation: number): Statement {
  const column = (value: (reservation: Made) => string | number | bigint | boolean | null) =>
    arrayLiteral(made.map(value));
  const data = ({ recorded }: Made) => recorded.event.data;
  return {
    name: `reservations_insert_g${generation}`,
    text: `insert into ${tableName(VIEW, generation)} as r
             (reservation_id, event_id, ticket_type_id, account_id, created_at, expires_at, unit_price,
              key_fingerprint, quantity, revision, extended, status, currency)
           select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::timestamptz[], $6::timestamptz[],
             $7::bigint[], $8::bigint[], $9::int[], $10::int[], $11::boolean[], $12::text[], $13::text[])
           on conflict (reservation_id) do update set
             event_id = excluded.event_id, ticket_type_id = excluded.ticket_type_id,
             account_id = excluded.account_id, created_at = excluded.created_at, expires_at = excluded.expires_at,
             unit_price = excluded.unit_price, key_fingerprint = excluded.key_fingerprint,
             quantity = excluded.quantity, revision = excluded.revision, extended = excluded.extended,
             status = excluded.status, currency = excluded.currency`,
    values: [
      column((reservation) => data(reservation).reservationId),
      column(({ recorded }) => inventoryOf(recorded.stored.stream).eventId),
      column(({ recorded }) => inventoryOf(recorded.stored.stream).ticketTypeId),
      column((reservation) => data(reservation).accountId),
      column(({ recorded }) => recorded.envelope.at),
      column((reservation) => reservation.expiresAt ?? data(reservation).expiresAt),
      column((reservation) => data(reservation).unitPrice.amount),
      column(({ recorded: { envelope } }) => (envelope.keyHash === null ? null : keyFingerprint(envelope.keyHash))),
      column((reservation) => data(reservation).quantity),
      column(({ recorded }) => recorded.stored.revision),
      column(({ expiresAt }) => expiresAt !== null),
      column(({ status }) => status ?? "HELD"),
      column((reservation) => data(reservation).unitPrice.currency),
    ],
  };
}

function update(changed: ReadonlyMap<string, Later>, generation: number): Statement {
  const changes = [...changed.values()];
  return {
    name: `reservations_update_g${generation}`,
    text: `update ${tableName(VIEW, generation)} r set
             status = coalesce(c.status, r.status),
             expires_at = coalesce(c.expires_at, r.expires_at),
             extended = r.extended or c.expires_at is not null
           from unnest($1::uuid[], $2::text[], $3::timestamptz[]) as c (reservation_id, status, expires_at)
           where r.reservation_id = c.reservation_id`,
    values: [
      arrayLiteral([...changed.keys()]),
      arrayLiteral(changes.map(({ status }) => status)),
      arrayLiteral(changes.map(({ expiresAt }) => expiresAt)),
    ],
  };
}
