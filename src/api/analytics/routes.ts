import type { FastifyReply, FastifyRequest } from "fastify";
import type { Clock } from "../../ports.ts";
import type { AnalyticsQueries, Scope } from "../../projections/analytics/queries.ts";
import type { Page } from "../../projections/cursor.ts";
import { type EventOwners, eventAccess } from "../audit/access.ts";
import { type Cell, csvReply, jsonOrCsv, prefersCsv, varyByAccept } from "../conventions/csv.ts";
import { minPosition } from "../conventions/positions.ts";
import type { RoutePlugin } from "../conventions/route-config.ts";
import { invalid } from "../problems/problem.ts";
import { funnel, nowQuery, occupancy, revenue, sales, salesQuery, spanQuery } from "./schemas.ts";
import {
  type Columns,
  FUNNEL_COLUMNS,
  funnelItem,
  OCCUPANCY_COLUMNS,
  occupancyItem,
  REVENUE_COLUMNS,
  revenueItem,
  SALES_COLUMNS,
  salesItem,
} from "./views.ts";

export interface AnalyticsRoutes extends EventOwners {
  readonly analytics: AnalyticsQueries;
  readonly clock: Clock;
}

const tags = ["Analytics"];
const description =
  "For analysts and administrators; organizers see their own events. What is recorded is in it within seconds, in a rush " +
  "within minutes: `Boxoffice-Min-Position` waits for it.";
const config = {
  minPosition: true,
  problems: ["event-not-found", "forbidden", "busy"],
} as const;

const HOUR_MS = 3_600_000;
const BUCKET_MS = { hour: HOUR_MS, day: 24 * HOUR_MS, week: 7 * 24 * HOUR_MS };
/** A chart of more is none. */
const MAX_BUCKETS = 10_000;

/** Figures of sales, made from the log. */
export const analyticsRoutes = ({ analytics, clock, ...owners }: AnalyticsRoutes): RoutePlugin => {
  const access = eventAccess(owners);

  /** @throws Problem `event-not-found`, `forbidden` */
  async function scopeOf(request: FastifyRequest, eventId: string | undefined): Promise<Scope> {
    if (eventId === undefined) return { eventId: null, organizerId: await access.onlyOf(request) };
    await access.toEvent(request, eventId);
    return { eventId, organizerId: null };
  }

  /** A page as JSON, or all pages as CSV. */
  async function paged<Found, Item>(
    request: FastifyRequest,
    reply: FastifyReply,
    { name, columns, limit, cursor = null }: PagedFigures<Item>,
    find: (page: { readonly cursor: string | null; readonly limit: number }) => Promise<Page<Found>>,
    itemOf: (found: Found) => Item,
  ) {
    const pageAfter = async (after: string | null, most: number) =>
      viewed(await find({ cursor: after, limit: most }), itemOf);
    varyByAccept(reply);
    if (!prefersCsv(request)) return pageAfter(cursor, limit);
    return csvReply(request, reply, tableOf(name, columns, all(pageAfter)));
  }

  return (api) => {
    api.route({
      method: "GET",
      url: "/analytics/sales",
      schema: {
        tags,
        summary: "Tickets sold, money taken and given back, by hour, day or week",
        description:
          `${description} Buckets in which nothing was sold or given back are left out; at most ${MAX_BUCKETS} are looked at, ` +
          "the last ones unless `from` says otherwise. Those that `from` and `to` are in are whole.",
        querystring: salesQuery,
        response: { 200: jsonOrCsv(sales, { example: exampleOf(SALES_COLUMNS) }) },
      },
      config,
      handler: async (request, reply) => {
        const { eventId, bucket, timeZone, ...span } = request.query;
        const scope = await scopeOf(request, eventId);
        const to = span.to ?? new Date(clock.nowMs() + 1).toISOString();
        const longestMs = MAX_BUCKETS * BUCKET_MS[bucket];
        const from = span.from ?? new Date(Math.max(0, Date.parse(to) - longestMs)).toISOString();
        if (Date.parse(to) - Date.parse(from) > longestMs) {
          throw invalid("query", "/from", `is more than ${MAX_BUCKETS} buckets before \`to\``);
        }
        const found = await analytics.sales(scope, { bucket, timeZone }, { from, to }, asOf(request));
        const items = found.map(salesItem);
        varyByAccept(reply);
        return prefersCsv(request) ? csvReply(request, reply, tableOf("sales", SALES_COLUMNS, [items])) : { items };
      },
    });

    api.route({
      method: "GET",
      url: "/analytics/funnel",
      schema: {
        tags,
        summary: "From reserved to bought: what was made and what became of it, by event or ticket type",
        description: `${description} The quarters of an hour that \`from\` and \`to\` are in are whole. As CSV: of all pages.`,
        querystring: spanQuery,
        response: { 200: jsonOrCsv(funnel, { example: exampleOf(FUNNEL_COLUMNS) }) },
      },
      config,
      handler: async (request, reply) => {
        const { eventId, from = null, to = null, limit, cursor } = request.query;
        const scope = await scopeOf(request, eventId);
        const figures = { name: "funnel", columns: FUNNEL_COLUMNS, limit, cursor };
        return paged(
          request,
          reply,
          figures,
          (page) => analytics.funnel(scope, { from, to }, page, asOf(request)),
          funnelItem,
        );
      },
    });

    api.route({
      method: "GET",
      url: "/analytics/revenue",
      schema: {
        tags,
        summary: "Money by currency: gross, refunds and net apart, by event or ticket type",
        description: `${description} The quarters of an hour that \`from\` and \`to\` are in are whole. As CSV: of all pages.`,
        querystring: spanQuery,
        response: { 200: jsonOrCsv(revenue, { example: exampleOf(REVENUE_COLUMNS) }) },
      },
      config,
      handler: async (request, reply) => {
        const { eventId, from = null, to = null, limit, cursor } = request.query;
        const scope = await scopeOf(request, eventId);
        const figures = { name: "revenue", columns: REVENUE_COLUMNS, limit, cursor };
        return paged(
          request,
          reply,
          figures,
          (page) => analytics.revenue(scope, { from, to }, page, asOf(request)),
          revenueItem,
        );
      },
    });

    api.route({
      method: "GET",
      url: "/analytics/occupancy",
      schema: {
        tags,
        summary: "How full events or ticket types are, and how long they took to sell out",
        description: `${description} As CSV: of all pages.`,
        querystring: nowQuery,
        response: { 200: jsonOrCsv(occupancy, { example: exampleOf(OCCUPANCY_COLUMNS) }) },
      },
      config,
      handler: async (request, reply) => {
        const { eventId, limit, cursor } = request.query;
        const scope = await scopeOf(request, eventId);
        const figures = { name: "occupancy", columns: OCCUPANCY_COLUMNS, limit, cursor };
        return paged(request, reply, figures, (page) => analytics.occupancy(scope, page, asOf(request)), occupancyItem);
      },
    });
  };
};

const asOf = (request: FastifyRequest) => ({ minPosition: minPosition(request) });

const viewed = <Found, Item>({ items, next }: Page<Found>, itemOf: (found: Found) => Item) => ({
  items: items.map(itemOf),
  next,
});

interface PagedFigures<Item> {
  readonly name: string;
  readonly columns: Columns<Item>;
  readonly limit: number;
  readonly cursor?: string | null | undefined;
}

const EVENTS_AT_ONCE = 200;

async function* all<Item>(
  pageAfter: (cursor: string | null, limit: number) => Promise<Page<Item>>,
): AsyncGenerator<readonly Item[], void, undefined> {
  let cursor: string | null = null;
  do {
    const page: Page<Item> = await pageAfter(cursor, EVENTS_AT_ONCE);
    yield page.items;
    cursor = page.next;
  } while (cursor !== null);
}

const exampleOf = <Item>({ heading }: Columns<Item>): string => `${heading.join(",")}\r\n`;

function tableOf<Item>(
  name: string,
  { heading, cellsOf }: Columns<Item>,
  pages: AsyncIterable<readonly Item[]> | Iterable<readonly Item[]>,
) {
  async function* rows(): AsyncGenerator<readonly Cell[], void, undefined> {
    for await (const items of pages) for (const item of items) yield cellsOf(item);
  }
  return { fileName: `${name}.csv`, columns: heading, rows: rows() };
}
