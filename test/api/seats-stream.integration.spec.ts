import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type NodeUnderTest, type Reply, startNode } from "./events-node.ts";
import type { Signed } from "./harness.ts";
import type { OnSale } from "./reservations-shop.ts";
import { hall, money, seatsShop, seatsUrl } from "./seats-shop.ts";
import { type Listening, listenTo, type Told } from "./streaming.ts";

let node: NodeUnderTest;
let port: number;
let shop: ReturnType<typeof seatsShop>;
let organizer: Signed;
let ada: Signed;
beforeAll(async () => {
  node = await startNode();
  const address = await node.boxoffice.api?.listen({ port: 0, host: "127.0.0.1" });
  port = Number(new URL(String(address)).port);
  shop = seatsShop(node);
  [organizer, ada] = [await node.signUp(), await node.signUp()];
});
afterAll(() => node.close());

const listenings: Listening[] = [];
afterEach(() => {
  for (const listening of listenings.splice(0)) listening.close();
});

async function listen(sale: OnSale, headers: Record<string, string> = {}): Promise<Listening> {
  const listening = await listenTo({ port, path: `${seatsUrl(sale)}/stream`, headers });
  listenings.push(listening);
  return listening;
}

const mapAfter = async (reply: Reply, sale: OnSale) => (await shop.seenAfter(reply, seatsUrl(sale), ada)).json();

interface WholeMap {
  readonly revision: number;
  readonly sections: { name: string; rows: { name: string; seats: { seat: string; status: string }[] }[] }[];
}

/** What a page makes of what it is told, beginning with a map that it has or with none. */
function pageOf(map: WholeMap) {
  const statuses = new Map<string, string>();
  const rows = map.sections.flatMap(({ rows: ofSection }) => ofSection.map(({ seats }) => seats));
  for (const { seat, status } of rows.flat()) statuses.set(seat, status);
  let { revision } = map;
  return {
    take({ data }: Told): void {
      if (data.sections !== undefined) {
        const told = (data.sections as { rows: { seats: string }[] }[]).flatMap((section) => section.rows);
        for (const [index, { seats }] of told.entries()) {
          for (const [place, letter] of [...seats].entries()) {
            const status = ["AVAILABLE", "HELD", "SOLD", "BLOCKED"].find((one) => one.startsWith(letter));
            statuses.set(rows[index]?.[place]?.seat ?? "", status ?? "");
          }
        }
      } else {
        expect(data.since).toBe(revision);
        for (const [status, seats] of Object.entries(data.changes as Record<string, string[]>)) {
          for (const seat of seats) statuses.set(seat, status);
        }
      }
      revision = data.revision as number;
    },
    /** As the map would say it. */
    statuses: () => rows.map((seats) => seats.map(({ seat }) => ({ seat, status: statuses.get(seat) }))),
  };
}

/** How its seats stand; of which kind they are does not change. */
const rowsOf = (map: WholeMap) =>
  map.sections.flatMap(({ rows }) => rows.map(({ seats }) => seats.map(({ seat, status }) => ({ seat, status }))));

const at =
  (revision: number) =>
  ({ data }: Told): boolean =>
    Number(data.revision) >= revision;

describe("a stream of seats", () => {
  it("tells all seats at first, a letter each, and then what changes", async () => {
    const sale = await shop.onSale(organizer);
    const map = await mapAfter(sale.reply, sale);
    const listening = await listen(sale);
    expect(listening.headers["content-type"]).toBe("text/event-stream; charset=utf-8");
    const first = await listening.until(() => true);
    expect(first).toEqual({
      event: null,
      id: String(map.revision),
      data: {
        revision: map.revision,
        sections: [
          {
            name: "STALLS",
            rows: [
              { name: "A", seats: "AAAAAA" },
              { name: "B", seats: "AAA" },
            ],
          },
          { name: "BALCONY", rows: [{ name: "A", seats: "AAAB" }] },
        ],
      },
    });
    const held = await shop.reserve(sale, ada, { seats: ["STALLS-A-4", "BALCONY-A-1"] });
    const { revision } = await mapAfter(held, sale);
    const second = await listening.until(at(revision));
    expect(second.data).toEqual({
      revision,
      since: map.revision,
      changes: { HELD: ["STALLS-A-4", "BALCONY-A-1"] },
    });
  });

  it("goes on from the map that somebody has", async () => {
    const sale = await shop.onSale(organizer);
    const map = await mapAfter(sale.reply, sale);
    const listening = await listen(sale, { "last-event-id": String(map.revision) });
    const held = await shop.reserve(sale, ada, { seats: ["STALLS-A-4"] });
    const released = await shop.call("DELETE", `/reservations/${held.json().reservationId}`, ada);
    const blocked = await shop.call("POST", `${seatsUrl(sale)}/block`, organizer, { seats: ["STALLS-A-5"] });
    expect([released.statusCode, blocked.statusCode]).toEqual([204, 200]);
    const now = await mapAfter(blocked, sale);
    await listening.until(at(now.revision));
    const page = pageOf(map);
    for (const told of listening.told) page.take(told);
    expect(listening.told.every(({ data }) => data.sections === undefined)).toBe(true);
    expect(page.statuses()).toEqual(rowsOf(now));
  });

  it("ends at the newest revision however fast it changes, for quick and for slow listeners", async () => {
    const seatMap = { sections: [{ name: "S", price: money(100), rows: [{ name: "A", seats: "1-200" }] }] };
    const sale = await shop.onSale(organizer, { ticketTypes: [hall({ seatMap })] });
    const map = await mapAfter(sale.reply, sale);
    const all = [await listen(sale), await listen(sale, { "last-event-id": String(map.revision) })];
    const made = await Promise.all(
      Array.from({ length: 60 }, (_, n) => shop.reserve(sale, ada, { seats: [`S-A-${n + 1}`, `S-A-${n + 101}`] })),
    );
    const now = await mapAfter(
      made.reduce((a, b) => (positionOf(a) > positionOf(b) ? a : b)),
      sale,
    );
    const late = await listen(sale, { "last-event-id": "1" });
    for (const listening of [...all, late]) {
      await listening.until(at(now.revision));
      const page = pageOf(map);
      for (const told of listening.told) page.take(told);
      expect(page.statuses()).toEqual(rowsOf(now));
      const ids = listening.told.map(({ id }) => Number(id));
      expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
    }
  });

  it("ends when the event is called off, and has nothing for who comes back", async () => {
    const sale = await shop.onSale(organizer);
    const listening = await listen(sale);
    await listening.until(() => true);
    await shop.call("POST", `/events/${sale.eventId}/cancel`, organizer);
    expect(await listening.ended).toBe(true);
    expect(listening.told.at(-1)).toMatchObject({ event: "end", data: { status: "CANCELLED" } });
    const last = listening.told.findLast(({ id }) => id !== null);
    expect((await listen(sale, { "last-event-id": String(last?.id) })).status).toBe(204);
  });

  it("is of ticket types with numbered seats only, and of drafts for their organizer only", async () => {
    const standing = await shop.onSale(organizer, { ticketTypes: [{ name: "Standing", capacity: 5 }] });
    expect((await listen(standing)).status).toBe(404);
    const draft = await shop.onSale(organizer, { draft: true });
    expect((await listen(draft)).status).toBe(404);
    expect((await listen(draft, { authorization: `Bearer ${organizer.token}` })).status).toBe(200);
  });
});

const positionOf = (reply: Reply): bigint => BigInt(String(reply.headers["boxoffice-position"]));
