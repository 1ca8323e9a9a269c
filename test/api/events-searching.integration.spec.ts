import { afterAll, beforeAll, expect, it } from "vitest";
import { asOf } from "./events-asking.ts";
import { type NodeUnderTest, type Reply, startNode } from "./events-node.ts";

interface Listed {
  readonly name: string;
  readonly city: string;
  readonly startsAt: string;
  /** Minor units, of each ticket type. */
  readonly prices: readonly number[];
  readonly performers?: readonly string[];
  readonly description?: string;
}

const PROGRAMME: readonly Listed[] = [
  { name: "Aurora Live", city: "Köln", startsAt: "2030-06-01T18:00:00.000Z", prices: [4_500, 9_900] },
  { name: "Aurora at Dawn", city: "Berlin", startsAt: "2030-05-01T04:00:00.000Z", prices: [0] },
  {
    name: "Harbour Jazz",
    city: "Berlin",
    startsAt: "2030-06-30T18:00:00.000Z",
    prices: [3_000],
    performers: ["Aurora Quartet"],
  },
  {
    name: "Polar Nights",
    city: "Köln",
    startsAt: "2030-07-01T18:00:00.000Z",
    prices: [7_000],
    description: "with the aurora",
  },
  { name: "Jazz in the Park", city: "Köln", startsAt: "2030-06-15T12:00:00.000Z", prices: [1_000] },
];

let node: NodeUnderTest;
let last: Reply;
beforeAll(async () => {
  node = await startNode();
  const { token } = await node.signUp();
  const put = async (body: object) => {
    last = await node.call("POST", "/events", { token, body });
    expect(last.statusCode, last.body).toBe(201);
    return last.json().eventId as string;
  };
  for (const { name, city, startsAt, prices, performers = [], description } of PROGRAMME) {
    const ticketTypes = prices.map((amount, n) => ({
      name: `Type ${n}`,
      capacity: 5,
      price: { amount, currency: "EUR" },
    }));
    const venue = { name: "The Hall", city };
    await put({
      name,
      venue,
      startsAt,
      ticketTypes,
      description,
      performers: performers.map((one) => ({ name: one })),
    });
  }
  await put({ name: "Aurora Unpublished", draft: true, totalSeats: 1 });
  const calledOff = await put({ name: "Aurora Called Off", venue: { name: "The Hall", city: "Bonn" }, totalSeats: 1 });
  last = await node.call("POST", `/events/${calledOff}/cancel`, { token });
});
afterAll(() => node.close());

const searched = async (query: Record<string, string>) => {
  const reply = await node.call("GET", `/events/search?${new URLSearchParams(query)}`, { headers: asOf(last) });
  expect(reply.statusCode, reply.body).toBe(200);
  return reply.json();
};
const names = async (query: Record<string, string>): Promise<string[]> =>
  (await searched(query)).items.map(({ name }: { name: string }) => name);

const [LIVE, DAWN, HARBOUR, POLAR, PARK] = PROGRAMME.map(({ name }) => name) as [
  string,
  string,
  string,
  string,
  string,
];
const JUNE = { start: "2030-06-01T18:00:00Z", end: "2030-06-30T18:00:00Z" };

it.each<[string, Record<string, string>, readonly string[]]>([
  [
    "by relevance: in the name, then who performs, then what is said",
    { keyword: "aurora" },
    [DAWN, LIVE, HARBOUR, POLAR],
  ],
  ["with words in any order", { keyword: "live aurora" }, [LIVE]],
  ["with a word that is begun", { keyword: "auro" }, [DAWN, LIVE, HARBOUR, POLAR]],
  ["with a typing error", { keyword: "auroar liv" }, [LIVE]],
  ["with letters left out", { keyword: "habour" }, [HARBOUR]],
  ["by place", { city: "koln", sort: "date" }, [LIVE, PARK, POLAR]],
  ["by words and place", { keyword: "jazz", city: "Köln" }, [PARK]],
  ["by dates, both included", { ...JUNE, sort: "date" }, [LIVE, PARK, HARBOUR]],
  ["by dates, in another offset", { start: "2030-07-01T20:00:00+02:00", end: "2030-07-01T20:00:00+02:00" }, [POLAR]],
  ["by price, from and to", { minPrice: "3001", maxPrice: "7000", sort: "price" }, [LIVE, POLAR]],
  ["that is free", { maxPrice: "0" }, [DAWN]],
  ["in the order of dates", { sort: "date" }, [DAWN, LIVE, PARK, HARBOUR, POLAR]],
  ["in the order of prices", { sort: "price" }, [DAWN, PARK, HARBOUR, LIVE, POLAR]],
  ["in the order of prices, by words", { keyword: "aurora", sort: "price" }, [DAWN, HARBOUR, LIVE, POLAR]],
  ["by everything at once", { keyword: "auora", city: "KOELN", ...JUNE, minPrice: "4500", sort: "date" }, [LIVE]],
  ["that was called off", { status: "CANCELLED" }, ["Aurora Called Off"]],
  ["that is over: nothing yet", { status: "ENDED" }, []],
  ["of others' drafts: nothing", { keyword: "unpublished", status: "DRAFT" }, []],
  ["a page of two", { sort: "date", pageSize: "2" }, [DAWN, LIVE]],
  ["the page after it", { sort: "date", pageSize: "2", page: "2" }, [PARK, HARBOUR]],
  ["the last page", { sort: "date", pageSize: "2", page: "3" }, [POLAR]],
  ["beyond the last page", { sort: "date", pageSize: "2", page: "4" }, []],
])("finds %s", async (_, query, expected) => {
  expect(await names(query)).toEqual(expected);
});

it("counts all that fits by city and by month, whatever the page", async () => {
  const { total, exact, page, pageSize, facets } = await searched({ keyword: "aurora", page: "2", pageSize: "3" });
  expect({ total, exact, page, pageSize, facets }).toEqual({
    total: 4,
    exact: true,
    page: 2,
    pageSize: 3,
    facets: {
      cities: [
        { value: "Berlin", count: 2 },
        { value: "Köln", count: 2 },
      ],
      months: [
        { value: "2030-05", count: 1 },
        { value: "2030-06", count: 2 },
        { value: "2030-07", count: 1 },
      ],
    },
  });
});
