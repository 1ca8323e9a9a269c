import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { openPostgresEventStore } from "../../../src/eventstore/postgres/index.ts";
import { startProjector } from "../../../src/projections/runner.ts";
import { readModelDatabase, record, silent } from "../../projections/given.ts";
import { created, opened, released, reserved } from "../../projections/recorded.ts";
import { compareRebuilt } from "./rebuilt.ts";

let served: Awaited<ReturnType<typeof readModelDatabase>>;
let store: Awaited<ReturnType<typeof openPostgresEventStore>>;
beforeEach(async () => {
  served = await readModelDatabase();
  store = await openPostgresEventStore({ connectionString: served.url });
  const position = await record(store, opened(), created(), reserved(1), reserved(2), released(2));
  const projector = startProjector({ store, pool: served.pool, clock: { nowMs: Date.now }, holder: "a", log: silent });
  await vi.waitFor(() => expect(projector.status().checkpoint).toBe(position), { timeout: 10_000 });
  await projector.stop();
});
afterEach(async () => {
  await store.close();
  await served[Symbol.asyncDispose]();
});

it("finds no difference where all was projected once", async () => {
  const { differences, rows } = await compareRebuilt(store, served.url);
  expect(differences).toEqual([]);
  expect(rows).toBeGreaterThan(4);
});

it.each([
  ["update readmodels.availability set held = held + 1", "availability"],
  ["delete from readmodels.reservations where status = 'RELEASED'", "reservations"],
])("finds what %s has done", async (statement, view) => {
  await served.pool.query(statement);
  const { differences } = await compareRebuilt(store, served.url);
  expect(differences.join("\n")).toMatch(new RegExp(`^${view}: `));
});
