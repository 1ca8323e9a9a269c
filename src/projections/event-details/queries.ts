import type { TicketTypeTerms } from "../../domain/inventory-events.ts";
import type { ListingDetails } from "../../domain/listing-events.ts";
import type { Money } from "../../domain/money.ts";
import type { SectionPrices } from "../../domain/seating/section-prices.ts";
import type { TicketCounts } from "../availability/table.ts";
import { type Answer, checkpointOf, positionOf, type ReadAt } from "../consistent-read.ts";
import { decodeCursor, isOlder, type Page, pageOf } from "../cursor.ts";
import type { ReadSide } from "../database.ts";
import { isUuid } from "../uuid.ts";
import { type SeatPrices, seatPrices } from "./seat-prices.ts";
import { type EventStatus, eventStatusAt, nextStatusChange, type SaleStatus, saleStatusAt } from "./status.ts";
import type { EventRow } from "./table.ts";

/** An event with all that its page shows. Times are RFC 3339 UTC. */
export interface EventDetails extends ListingDetails, TicketCounts {
  readonly eventId: string;
  readonly organizerId: string;
  readonly code: string | null;
  readonly currency: string;
  /** Organizer's changes, from 1. */
  readonly version: number;
  readonly status: EventStatus;
  /** Whether the sale of all ticket types together is paused. */
  readonly paused: boolean;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** In the organizer's order. */
  readonly ticketTypes: readonly TicketTypeDetails[];
}

export interface TicketTypeDetails extends TicketCounts, SeatPrices {
  readonly ticketTypeId: string;
  readonly name: string;
  readonly description: string | null;
  /** Of numbered seats: of those whose section has none of its own. */
  readonly price: Money;
  /** Whether its tickets are numbered seats. */
  readonly reservedSeating: boolean;
  /** Its own, else the event's. */
  readonly saleStartsAt: string;
  /** Its own, else the event's; null: until the event ends. */
  readonly saleEndsAt: string | null;
  readonly saleStatus: SaleStatus;
  /** Whether it is paused by itself. */
  readonly paused: boolean;
  readonly maxPerUser: number | null;
  readonly maxPerOrder: number;
}

/** An event as it stands in the tables. What it shows depends on the time besides. */
export interface RecordedEvent {
  readonly eventId: string;
  /** Of its availability: grows with every event of its inventories. */
  readonly revision: number;
  /** As it is shown at an instant, in epoch milliseconds, and before which instant that stays so by itself. */
  at(nowMs: number): { readonly event: EventDetails; readonly untilMs: number };
}

export interface EventDetailsQueries {
  /** One event as it stands in the tables now, whatever may be on its way there. @param eventId a UUID */
  recorded(eventId: string): Promise<Answer<RecordedEvent | null>>;
  /**
   * One event; null when there is none. Drafts are the caller's to keep to their organizer.
   * @throws ReadModelBehind
   */
  get(eventId: string, at: ReadAt): Promise<EventDetails | null>;
  /**
   * An organizer's events, newest first.
   * @param page `limit` from 1 to 200
   * @throws ReadModelBehind
   * @throws InvalidCursor
   */
  listByOrganizer(
    organizerId: string,
    page: { readonly cursor: string | null; readonly limit: number },
    at: ReadAt,
  ): Promise<Page<EventDetails>>;
  /**
   * Whether an account organizes any event, drafts and cancelled ones included.
   * @throws ReadModelBehind
   * @throws StoreUnavailable
   */
  organizesAny(accountId: string): Promise<boolean>;
}

const MODELS = ["event-details", "availability"];

interface TicketTypeJson extends TicketCounts {
  readonly ticketTypeId: string;
  readonly terms: TicketTypeTerms;
  readonly reservedSeating: boolean;
  readonly sectionPrices: SectionPrices | null;
  readonly paused: boolean;
  readonly eventPaused: boolean;
}

interface FoundRow extends EventRow {
  readonly ticket_types: readonly TicketTypeJson[];
  readonly revision: string;
}
type Row = { readonly checkpoint: string | null } & (FoundRow | { readonly event_id: null });

/** By its name in the row: tables that an older version made, which have no such column, answer until they are built anew. */
const SECTION_PRICES = "to_jsonb(tt) -> 'section_prices'";

/** One statement, so that details, counts and checkpoints are of one snapshot; a row comes back even without events. */
const select = (events: string): string => `
  select ${checkpointOf(MODELS)} as checkpoint, e.*, t.ticket_types, t.revision
  from (select) as always
  left join (${events}) e on true
  left join lateral (
    select coalesce(json_agg(json_build_object(
      'ticketTypeId', tt.ticket_type_id, 'terms', tt.terms, 'reservedSeating', tt.reserved_seating,
      'sectionPrices', ${SECTION_PRICES}, 'paused', tt.paused, 'eventPaused', tt.event_paused,
      'total', a.total, 'available', a.total - a.held - a.booked, 'held', a.held, 'booked', a.booked
    ) order by tt.ordinal) filter (where not tt.is_removed), '[]') as ticket_types, coalesce(sum(a.changes), 0) as revision
    from readmodels.ticket_types tt
    join readmodels.availability a on a.event_id = tt.event_id and a.ticket_type_id = tt.ticket_type_id
    where tt.event_id = e.event_id
  ) t on true
  order by e.created_at desc, e.event_id desc`;

const GET = { name: "event_details_get", text: select("select * from readmodels.events where event_id = $1") };

const LIST = {
  name: "event_details_list",
  text: select(`
    select * from readmodels.events
    where organizer_id = $1 and ${isOlder("created_at", "event_id")}
    order by created_at desc, event_id desc limit $4`),
};

const ORGANIZES = {
  name: "event_details_organizes",
  text: `select ${checkpointOf(["event-details"])} as checkpoint,
           exists (select from readmodels.events where organizer_id = $1) as organizes`,
};

export function eventDetailsQueries({ pool, reads }: Pick<ReadSide, "pool" | "reads">): EventDetailsQueries {
  const found = async (
    statement: { readonly name: string; readonly text: string },
    values: readonly unknown[],
    nowMs: number,
  ): Promise<Answer<readonly EventDetails[]>> => {
    const { rows } = await pool.query<Row>({ ...statement, values: [...values] });
    return {
      checkpoint: positionOf(rows[0]?.checkpoint ?? null),
      value: rows.flatMap((row) => (row.event_id === null ? [] : [eventDetailsOf(row, nowMs)])),
    };
  };
  return {
    async recorded(eventId) {
      const { rows } = await pool.query<Row>({ ...GET, values: [eventId] });
      const [row] = rows;
      const value = row === undefined || row.event_id === null ? null : recordedEvent(row);
      return { checkpoint: positionOf(row?.checkpoint ?? null), value };
    },
    get: async (eventId, { minPosition, nowMs }) => {
      if (!isUuid(eventId)) return null;
      return reads.find(MODELS, minPosition, async () => {
        const { checkpoint, value } = await found(GET, [eventId], nowMs);
        return { checkpoint, value: value[0] ?? null };
      });
    },
    async listByOrganizer(organizerId, { cursor, limit }, { minPosition, nowMs }) {
      const after = cursor === null ? null : decodeCursor(cursor);
      const values = [organizerId, after === null ? null : new Date(after.createdAtMs), after?.id ?? null, limit + 1];
      const events = await reads.read(MODELS, minPosition, () => found(LIST, values, nowMs));
      return pageOf(events, limit, (event) => ({ createdAtMs: Date.parse(event.createdAt), id: event.eventId }));
    },
    async organizesAny(accountId) {
      const found = await reads.find(["event-details"], null, async () => {
        const { rows } = await pool.query<{ checkpoint: string | null; organizes: boolean }>({
          ...ORGANIZES,
          values: [accountId],
        });
        return {
          checkpoint: positionOf(rows[0]?.checkpoint ?? null),
          value: rows[0]?.organizes === true ? true : null,
        };
      });
      return found !== null;
    },
  };
}

const recordedEvent = (row: FoundRow): RecordedEvent => ({
  eventId: row.event_id,
  revision: Number(row.revision),
  at: (nowMs) => ({
    event: eventDetailsOf(row, nowMs),
    untilMs: nextStatusChange(
      row.details,
      row.ticket_types.map(({ terms }) => terms),
      nowMs,
    ),
  }),
});

function eventDetailsOf(row: FoundRow, nowMs: number): EventDetails {
  const status = eventStatusAt(row, nowMs);
  const ticketTypes = row.ticket_types.map((ticketType) => ticketTypeOf(ticketType, row.details, status, nowMs));
  const sum = (count: keyof TicketCounts) => ticketTypes.reduce((all, ticketType) => all + ticketType[count], 0);
  return {
    ...row.details,
    eventId: row.event_id,
    organizerId: row.organizer_id,
    code: row.code,
    currency: row.currency,
    version: row.version,
    status,
    paused: row.paused,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    total: sum("total"),
    available: sum("available"),
    held: sum("held"),
    booked: sum("booked"),
    ticketTypes,
  };
}

function ticketTypeOf(
  { terms, eventPaused, sectionPrices, ...json }: TicketTypeJson,
  details: ListingDetails,
  status: EventStatus,
  nowMs: number,
): TicketTypeDetails {
  const { name, description, price, maxPerUser, maxPerOrder, saleStartsAt, saleEndsAt } = terms;
  const isPaused = eventPaused || json.paused;
  const { available } = json;
  return {
    ...json,
    name,
    description,
    price: { amount: price.amount, currency: price.currency },
    ...seatPrices(price, sectionPrices),
    saleStartsAt: saleStartsAt ?? details.saleStartsAt,
    saleEndsAt: saleEndsAt ?? details.saleEndsAt,
    saleStatus: saleStatusAt(status, details, { saleStartsAt, saleEndsAt, isPaused, available }, nowMs),
    maxPerUser,
    maxPerOrder,
  };
}
