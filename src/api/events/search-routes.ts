import { z } from "zod";
import type { Clock } from "../../ports.ts";
import { type SearchQueries, SearchTooLong } from "../../projections/search/queries.ts";
import { SHARED_SEARCH, shareWithCaches } from "../conventions/cache-control.ts";
import { money, text, time } from "../conventions/fields.ts";
import { minPosition } from "../conventions/positions.ts";
import type { RoutePlugin } from "../conventions/route-config.ts";
import { Problem } from "../problems/problem.ts";
import { event } from "./responses.ts";

export interface SearchRoutes {
  readonly search: SearchQueries;
  readonly clock: Clock;
}

const MAX_PAGE_SIZE = 100;
/** Whoever pages further looks for something else: narrowing costs less than going through everything. */
const LAST_ITEM = 10_000;
const MAX_AMOUNT = 1_000_000_000_000;

const amount = z
  .string()
  .regex(/^\d{1,13}$/, "takes a whole number, in minor units")
  .transform(Number)
  .refine((value) => value <= MAX_AMOUNT, `takes at most ${MAX_AMOUNT}`)
  .meta({ type: "integer", minimum: 0, maximum: MAX_AMOUNT, description: "In minor units, whatever the currency" });

const question = z
  .strictObject({
    keyword: text(0, 200)
      .optional()
      .meta({ description: "Words; the last may be begun only, all may have typing errors", examples: ["aurora liv"] }),
    city: text(0, 200)
      .optional()
      .meta({ description: "Its whole name, accents or not", examples: ["Berlin"] }),
    start: time.optional().meta({ description: "`startsAt` from this on" }),
    end: time.optional().meta({ description: "`startsAt` until this, included" }),
    status: z
      .enum(["DRAFT", "ACTIVE", "CANCELLED", "ENDED"])
      .default("ACTIVE")
      .meta({ description: "Drafts are found by their organizer" }),
    minPrice: amount.optional(),
    maxPrice: amount.optional(),
    sort: z
      .enum(["relevance", "date", "price"])
      .default("relevance")
      .meta({ description: "Dates and prices ascend; without a keyword relevance is date" }),
    page: z.coerce.number().int().min(1).max(LAST_ITEM).default(1),
    pageSize: z.coerce.number().int().min(1).max(MAX_PAGE_SIZE).default(20),
  })
  .superRefine(({ start, end, minPrice, maxPrice, page, pageSize }, context) => {
    const refuse = (field: string, message: string) => context.addIssue({ code: "custom", path: [field], message });
    // Compared as texts: `time` has made them UTC of one length.
    if (start !== undefined && end !== undefined && end < start) refuse("end", "must not be before start");
    if (minPrice !== undefined && maxPrice !== undefined && maxPrice < minPrice) {
      refuse("maxPrice", "must not be below minPrice");
    }
    if (page * pageSize > LAST_ITEM) refuse("page", `goes no further than item ${LAST_ITEM}: narrow the search`);
  });

const { eventId, name, status, venue, startsAt, endsAt, timeZone, currency, total, available } = event.shape;

const facet = z.array(z.strictObject({ value: z.string(), count: z.int() }));

const searchResult = z
  .strictObject({
    items: z.array(
      z
        .strictObject({
          eventId,
          name,
          status,
          venue,
          startsAt,
          endsAt,
          timeZone,
          currency,
          minPrice: money
            .nullable()
            .meta({ description: "Of the cheapest ticket; seats of a map cost what their section does" }),
          maxPrice: money.nullable().meta({ description: "Of the dearest ticket" }),
          total,
          available,
        })
        .meta({ id: "FoundEvent" }),
    ),
    total: z.int().meta({ description: "How many events fit" }),
    exact: z.boolean().meta({
      description: "false: more than 1,000 fit, and `total` and `facets` are estimates (items never are)",
    }),
    page: z.int(),
    pageSize: z.int(),
    facets: z.strictObject({
      cities: facet.meta({ description: "Up to 50, the most frequent first" }),
      months: facet.meta({ description: "Of `startsAt` in UTC, e.g. 2027-06; the 50 most frequent, in order" }),
    }),
  })
  .meta({ id: "SearchResult" });

/** Finding events by words, place, dates, status and price. */
export const searchRoutes =
  ({ search, clock }: SearchRoutes): RoutePlugin =>
  (api) => {
    api.route({
      method: "GET",
      url: "/events/search",
      schema: {
        tags: ["Events"],
        summary: "Find events by words (as they are typed, errors and all), place, dates, status and price",
        querystring: question,
        response: { 200: searchResult },
      },
      config: { minPosition: true, problems: ["busy"] },
      handler: async (request, reply) => {
        const { keyword, city, start = null, end = null, minPrice = null, maxPrice = null, ...rest } = request.query;
        const callerId = request.caller?.accountId ?? null;
        const at = { minPosition: minPosition(request), nowMs: clock.nowMs() };
        const asked = {
          ...rest,
          keyword: keyword || null,
          city: city || null,
          start,
          end,
          minPrice,
          maxPrice,
          callerId,
        };
        const { items, facets, ...counts } = await search.find(asked, at).catch(tooLong);
        const { page, pageSize } = rest;
        shareWithCaches(request, reply, SHARED_SEARCH);
        return {
          items: [...items],
          ...counts,
          page,
          pageSize,
          facets: { cities: [...facets.cities], months: [...facets.months] },
        };
      },
    });
  };

function tooLong(error: unknown): never {
  if (!(error instanceof SearchTooLong)) throw error;
  throw new Problem("busy", { retryAfterSeconds: error.retryAfterSeconds });
}
