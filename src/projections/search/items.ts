import type { ClientBase } from "pg";
import type { ListingDetails } from "../../domain/listing-events.ts";
import type { Money } from "../../domain/money.ts";
import { checkpointOf } from "../consistent-read.ts";
import { type EventStatus, eventStatusAt } from "../event-details/status.ts";
import type { RecordedEventStatus } from "../event-details/table.ts";

/** What a list of events shows of one. Times are RFC 3339 UTC. */
export interface SearchItem extends Pick<ListingDetails, "name" | "venue" | "startsAt" | "endsAt" | "timeZone"> {
  readonly eventId: string;
  readonly status: EventStatus;
  readonly currency: string;
  /** Of the cheapest and the dearest ticket, seats of a map by their section; null: there is none. */
  readonly minPrice: Money | null;
  readonly maxPrice: Money | null;
  readonly total: number;
  readonly available: number;
}

/** The read models that an answer is put together from. */
export const MODELS = ["search", "event-details", "availability"];

interface ItemRow {
  readonly event_id: string;
  readonly status: RecordedEventStatus;
  readonly currency: string;
  readonly details: Pick<ListingDetails, "name" | "venue" | "startsAt" | "endsAt" | "timeZone">;
  readonly min_price: number | null;
  readonly max_price: number | null;
  readonly total: number;
  readonly available: number;
}

type Row = { readonly checkpoint: string | null } & (ItemRow | { readonly event_id: null });

const ITEMS = {
  name: "search_items",
  text: `
    select ${checkpointOf(MODELS)} as checkpoint, i.*
    from (select) as always
    left join (
      select asked.place, e.event_id, e.status, e.currency, json_build_object(
          'name', e.details -> 'name', 'venue', e.details -> 'venue', 'startsAt', e.details -> 'startsAt',
          'endsAt', e.details -> 'endsAt', 'timeZone', e.details -> 'timeZone') as details,
        s.min_price::float8, s.max_price::float8, a.total, a.available
      from unnest($1::uuid[]) with ordinality as asked (event_id, place)
      join readmodels.events e on e.event_id = asked.event_id
      join readmodels.search s on s.event_id = asked.event_id
      cross join lateral (
        select coalesce(sum(total), 0)::int as total, coalesce(sum(total - held - booked), 0)::int as available
        from readmodels.availability where event_id = asked.event_id) a
    ) i on true
    order by i.place`,
};

/** Shows these events, in their order, with how far the read models had come. */
export async function itemsOf(
  client: ClientBase,
  ids: readonly string[],
  nowMs: number,
): Promise<{ readonly checkpoint: string | null; readonly items: readonly SearchItem[] }> {
  const { rows } = await client.query<Row>({ ...ITEMS, values: [ids] });
  const items = rows.flatMap((row) => (row.event_id === null ? [] : [itemOf(row, nowMs)]));
  return { checkpoint: rows[0]?.checkpoint ?? null, items };
}

function itemOf(row: ItemRow, nowMs: number): SearchItem {
  const { currency } = row;
  const money = (amount: number | null): Money | null => (amount === null ? null : { amount, currency });
  return {
    eventId: row.event_id,
    status: eventStatusAt(row, nowMs),
    ...row.details,
    currency,
    minPrice: money(row.min_price),
    maxPrice: money(row.max_price),
    total: row.total,
    available: row.available,
  };
}
