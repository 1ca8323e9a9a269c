import { inventoryOf } from "../../eventstore/streams.ts";
import { arrayLiteral } from "../array-literal.ts";
import { type FeedEvent, unknownEvent } from "../feed-event.ts";
import { type Projection, type Statement, tableName } from "../projection.ts";
import { createTables, type RecordedEntryStatus, VIEW } from "./table.ts";

interface Joined {
  readonly eventId: string;
  readonly ticketTypeId: string;
  readonly accountId: string;
  readonly joinedAt: string;
  readonly quantity: number;
  readonly revision: number;
  status: RecordedEntryStatus;
}

/** By entry. */
interface Batch {
  readonly joined: Map<string, Joined>;
  /** What became of entries of earlier batches. */
  readonly changed: Map<string, RecordedEntryStatus>;
}

/**
 * Everybody who waits or waited: a batch is two statements at most. That an offer was taken or has lapsed is not written
 * here, because only a look-up could tell whose reservation's end it is, on every end of every reservation.
 */
export const waitlist: Projection = {
  name: "waitlist",
  version: 1,
  views: [VIEW],
  createTables,
  writes(events, generation) {
    const batch: Batch = { joined: new Map(), changed: new Map() };
    for (const event of events) apply(event, batch);
    const { joined, changed } = batch;
    const statements: Statement[] = [];
    if (joined.size > 0) statements.push(insert(joined, generation));
    if (changed.size > 0) statements.push(update(changed, generation));
    return statements;
  },
};

function apply(feedEvent: FeedEvent, batch: Batch): void {
  const recorded = feedEvent.inventory();
  if (recorded === null) return;
  const { event, envelope, stored } = recorded;
  const is = (entryId: string, status: RecordedEntryStatus) => {
    const joined = batch.joined.get(entryId);
    if (joined === undefined) batch.changed.set(entryId, status);
    else joined.status = status;
  };
  switch (event.type) {
    case "WaitlistJoined": {
      const { entryId, accountId, quantity } = event.data;
      const { eventId, ticketTypeId } = inventoryOf(stored.stream);
      const { revision } = stored;
      const joinedAt = envelope.at;
      batch.changed.delete(entryId); // an id that is used again begins anew
      batch.joined.set(entryId, { eventId, ticketTypeId, accountId, joinedAt, quantity, revision, status: "WAITING" });
      return;
    }
    case "TicketsOffered":
      for (const { entryId } of event.data.offers) is(entryId, "OFFERED");
      return;
    case "WaitlistLeft":
      is(event.data.entryId, "LEFT");
      return;
    case "WaitlistEnded":
      for (const { entryId } of event.data.entries) is(entryId, "ENDED");
      return;
    case "InventoryOpened":
    case "InventoryPublished":
    case "SeatsBlocked":
    case "SeatsUnblocked":
    case "InventoryClosed":
    case "InventoryRemoved":
    case "EventTermsChanged":
    case "TicketTypeTermsChanged":
    case "SalePaused":
    case "SaleResumed":
    case "CapacityChanged":
    case "TicketsReserved":
    case "ReservationQuantityChanged":
    case "ReservationExtended":
    case "ReservationClaimed":
    case "ClaimReleased":
    case "ReservationConfirmed":
    case "ReservationReleased":
    case "ReservationsExpired":
    case "ReservationsWithdrawn":
    case "TicketsReturned":
      return;
    default:
      unknownEvent(event);
  }
}

function insert(joined: ReadonlyMap<string, Joined>, generation: number): Statement {
  const rows = [...joined.values()];
  return {
    name: `waitlist_insert_g${generation}`,
    text: `insert into ${tableName(VIEW, generation)}
             (entry_id, event_id, ticket_type_id, account_id, joined_at, quantity, revision, status)
           select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::timestamptz[], $6::int[], $7::int[],
             $8::text[])
           on conflict (entry_id) do update set
             event_id = excluded.event_id, ticket_type_id = excluded.ticket_type_id, account_id = excluded.account_id,
             joined_at = excluded.joined_at, quantity = excluded.quantity, revision = excluded.revision,
             status = excluded.status`,
    values: [
      arrayLiteral([...joined.keys()]),
      arrayLiteral(rows.map(({ eventId }) => eventId)),
      arrayLiteral(rows.map(({ ticketTypeId }) => ticketTypeId)),
      arrayLiteral(rows.map(({ accountId }) => accountId)),
      arrayLiteral(rows.map(({ joinedAt }) => joinedAt)),
      arrayLiteral(rows.map(({ quantity }) => quantity)),
      arrayLiteral(rows.map(({ revision }) => revision)),
      arrayLiteral(rows.map(({ status }) => status)),
    ],
  };
}

function update(changed: ReadonlyMap<string, RecordedEntryStatus>, generation: number): Statement {
  return {
    name: `waitlist_update_g${generation}`,
    text: `update ${tableName(VIEW, generation)} w set status = t.status
           from unnest($1::uuid[], $2::text[]) as t (entry_id, status) where w.entry_id = t.entry_id`,
    values: [arrayLiteral([...changed.keys()]), arrayLiteral([...changed.values()])],
  };
}
