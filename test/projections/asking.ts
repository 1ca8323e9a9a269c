import type pg from "pg";
import { afterAll, beforeAll } from "vitest";
import { consistentReads } from "../../src/projections/consistent-read.ts";
import type { Page } from "../../src/projections/cursor.ts";
import { type ReadSide, readSide } from "../../src/projections/database.ts";
import { project, readModelDatabase } from "./given.ts";
import { type Fact, recordedBy } from "./recorded.ts";

const progress = { projected: () => undefined, reached: async () => true, close: async () => undefined };

/** A read side for the specs of one file, on a database in which all of these facts are projected. */
export function readSideOf(facts: readonly Fact[]): { side(): ReadSide; pool(): pg.Pool } {
  let database: Awaited<ReturnType<typeof readModelDatabase>>;
  beforeAll(async () => {
    database = await readModelDatabase();
    await project(database.pool, recordedBy()(...facts));
  });
  afterAll(() => database?.[Symbol.asyncDispose]());
  return {
    side: () => readSide(database.pool, consistentReads({ progress, head: async () => null })),
    pool: () => database.pool,
  };
}

/** What a read asks at a time. */
export const at = (time: string) => ({ minPosition: null, nowMs: Date.parse(time) });

/** All items of a list, page by page. */
export async function allPages<Item>(page: (cursor: string | null) => Promise<Page<Item>>): Promise<readonly Item[]> {
  const items: Item[] = [];
  let cursor: string | null = null;
  do {
    const found: Page<Item> = await page(cursor);
    items.push(...found.items);
    cursor = found.next;
  } while (cursor !== null);
  return items;
}
