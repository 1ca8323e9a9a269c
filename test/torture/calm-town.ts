import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ProviderRecord } from "../system/buying/provider-record.ts";
import { type Product, startProduct } from "../system/product.ts";
import { recordOfCopy } from "./town/provider-copy.ts";
import type { Town } from "./town.ts";

export interface CalmTown {
  readonly town: Town;
  close(): Promise<void>;
}

const ADMIN = { email: "root@example.org", password: "correct horse battery" };

/**
 * An installation of a few nodes to which nothing happens: what the checker finds there is its own fault, or the product's.
 * @param databaseUrl an empty database
 */
export async function startCalmTown(databaseUrl: string, nodes: number): Promise<CalmTown> {
  const dataDir = await mkdtemp(join(tmpdir(), "boxoffice-torture-"));
  const env = { ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password, PAYMENT_WINDOW_SECONDS: "8" };
  const products: Product[] = [];
  const close = async () => {
    for (const product of products) await product.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    for (let node = 0; node < nodes; node += 1) products.push(await startProduct({ databaseUrl, dataDir, env }));
  } catch (error) {
    await close();
    throw error;
  }
  const town: Town = {
    apiUrls: products.map(({ port }) => `http://127.0.0.1:${port}`),
    databaseUrl,
    eventStoreUrl: null,
    dataDir,
    admin: ADMIN,
    providerRecord: () => copiedRecord(dataDir),
  };
  return { town, close };
}

/** A running provider lets nobody at its database: of one that is at rest a copy says the same. */
const copiedRecord = (dataDir: string): Promise<ProviderRecord> =>
  recordOfCopy((copy) => cp(join(dataDir, "sandbox"), join(copy, "sandbox"), { recursive: true }));
