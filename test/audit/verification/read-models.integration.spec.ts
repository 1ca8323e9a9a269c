import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { verifyReadModels } from "../../../src/audit/verification/read-models.ts";
import type { EventStore } from "../../../src/eventstore/port.ts";
import { openPostgresEventStore } from "../../../src/eventstore/postgres/index.ts";
import { READ_MODELS } from "../../../src/projections/read-models.ts";
import { type NodeUnderTest, startNode } from "../../api/events-node.ts";
import { openShop, type Shop } from "../../api/reservations-shop.ts";

let node: NodeUnderTest;
let shop: Shop;
let pool: pg.Pool;
let store: EventStore;
beforeAll(async () => {
  node = await startNode();
  shop = openShop(node, await node.signUp());
  pool = new pg.Pool({ connectionString: node.databaseUrl, max: 4 });
  store = await openPostgresEventStore({ connectionString: node.databaseUrl });
  const onSale = await shop.onSale();
  for (let n = 0; n < 5; n += 1) {
    const buyer = await node.guest();
    const { id } = await shop.reserved(onSale, buyer);
    const paid = await node.call("POST", "/purchases", { token: buyer.token, body: { reservationIds: [id] } });
    expect(paid.statusCode).toBe(201);
  }
});
afterAll(async () => {
  await store?.close();
  await pool?.end();
  await node?.close();
});

const verify = () => verifyReadModels({ pool, store });

it("read models are what the log gives, while sales go on, and nothing stays behind", async () => {
  const onSale = await shop.onSale({ ticketTypes: [{ name: "Regular", capacity: 100_000 }] });
  const buyer = await node.guest();
  let isOver = false;
  const selling = (async () => {
    while (!isOver) await shop.reserved(onSale, buyer);
  })();
  const result = await verify().finally(() => {
    isOver = true;
  });
  await selling;
  expect(result).toMatchObject({ found: 0, differences: [] });
  expect(result.views).toBe(READ_MODELS.flatMap(({ views }) => views).length - 1);
  expect(result.rows).toBeGreaterThan(20);
  const { rows } = await pool.query("select relname from pg_class where relname like '%\\_g999999%'");
  expect(rows).toEqual([]);
});

it("a row that was changed, removed or added is found, with its view", async () => {
  const { rows } = await pool.query<{ generation: number }>(
    "select generation from readmodels.projections where name = 'reservations'",
  );
  const table = `readmodels.reservations_g${rows[0]?.generation}`;
  const ids = await pool.query<{ id: string }>(`select reservation_id as id from ${table} order by 1 limit 2`);
  const [changed, removed] = ids.rows.map(({ id }) => id);
  await pool.query(`update ${table} set quantity = quantity + 1 where reservation_id = $1`, [changed]);
  const result = await verify();
  expect(result.found).toBe(2);
  expect(result.differences.map(({ view, side }) => [view, side])).toEqual([
    ["reservations", "only in the read model"],
    ["reservations", "only by the log"],
  ]);
  await pool.query(`delete from ${table} where reservation_id = $1`, [removed]);
  const onlyByLog = (await verify()).differences.filter(({ side }) => side === "only by the log");
  expect(onlyByLog.map(({ row }) => [changed, removed].find((id) => row.includes(id ?? "")))).toHaveLength(2);
});

it("the end of the log was cut off: it is compared with what is left, and does not wait for what never comes", async () => {
  const { rows } = await pool.query<{ position: string }>("select max(position) as position from eventstore.events");
  await pool.query("delete from eventstore.events where position = $1", [rows[0]?.position]);
  const trail = (await verify()).differences.filter(({ view }) => view === "trail");
  expect(trail.map(({ side }) => side)).toEqual(["only in the read model"]);
  expect(trail[0]?.row).toContain(`(${rows[0]?.position},`);
});
