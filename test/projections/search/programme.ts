import { derivedId } from "../../../src/commands/derived-id.ts";
import type { ListingDetails } from "../../../src/domain/listing-events.ts";
import { consistentReads } from "../../../src/projections/consistent-read.ts";
import { readSide } from "../../../src/projections/database.ts";
import { type SearchQuestion, searchQueries } from "../../../src/projections/search/queries.ts";
import { project, readModelDatabase } from "../given.ts";
import { created, type Fact, ORGANIZER, opened, recordedBy } from "../recorded.ts";
import { eventCancelled } from "../recorded-purchases.ts";

export const NOW = "2027-01-01T00:00:00.000Z";

/** An event that is there to be found; what is not said is of no matter. */
export interface Listed {
  readonly name: string;
  readonly city?: string | null;
  readonly description?: string;
  readonly performers?: readonly string[];
  readonly startsAt?: string | null;
  readonly endsAt?: string | null;
  /** Of its ticket types, minor units. */
  readonly prices?: readonly number[];
  readonly draft?: boolean;
  readonly cancelled?: boolean;
}

/** Ids derive from names, so that specs can name what they expect. */
export const idOf = ({ name }: Pick<Listed, "name">): string => derivedId(`listed ${name}`);

export function detailsOf(listed: Listed): Partial<ListingDetails> {
  const { name, city = null, description = null, performers = [], endsAt = null } = listed;
  const { startsAt = "2027-06-01T18:00:00.000Z" } = listed;
  return {
    name,
    description,
    venue: city === null ? null : { name: "The Hall", address: null, city, country: null },
    performers: performers.map((one) => ({ name: one, bio: null })),
    startsAt,
    endsAt,
  };
}

/** What the log has of an event: its ticket types, then the listing, then that it was called off. */
export function factsOf(listed: Listed): readonly Fact[] {
  const eventId = idOf(listed);
  const { prices = [1_000], draft = false, cancelled = false } = listed;
  return [
    ...prices.map((amount, ordinal) =>
      opened({
        eventId,
        ticketTypeId: derivedId(`${eventId} ${ordinal}`),
        ordinal,
        draft,
        terms: { price: { amount, currency: "EUR" } },
      }),
    ),
    created({ eventId, draft, organizerId: ORGANIZER, details: detailsOf(listed) }),
    ...(cancelled ? [eventCancelled({ eventId })] : []),
  ];
}

const ANYTHING: SearchQuestion = {
  keyword: null,
  city: null,
  start: null,
  end: null,
  status: "ACTIVE",
  minPrice: null,
  maxPrice: null,
  sort: "relevance",
  page: 1,
  pageSize: 100,
  callerId: null,
};

const progress = { projected: () => undefined, reached: async () => true, close: async () => undefined };

/** A database in which these events are listed, and searches in it. */
export async function programmeOf(listed: readonly Listed[]) {
  const database = await readModelDatabase();
  await project(database.pool, ...batchesOf(recordedBy()(...listed.flatMap(factsOf))));
  await database.pool.query("analyze");
  const queries = searchQueries(readSide(database.pool, consistentReads({ progress, head: async () => null })));
  const at = (now: string) => ({ minPosition: null, nowMs: Date.parse(now) });
  return {
    pool: database.pool,
    find: (question: Partial<SearchQuestion>, now = NOW) => queries.find({ ...ANYTHING, ...question }, at(now)),
    /** Names of what is found, in order. */
    async names(question: Partial<SearchQuestion>, now = NOW): Promise<readonly string[]> {
      return (await queries.find({ ...ANYTHING, ...question }, at(now))).items.map(({ name }) => name);
    },
    close: () => database[Symbol.asyncDispose](),
  };
}

function batchesOf<Item>(all: readonly Item[]): readonly (readonly Item[])[] {
  const BATCH = 2_000;
  return Array.from({ length: Math.ceil(all.length / BATCH) }, (_, n) => all.slice(n * BATCH, (n + 1) * BATCH));
}
