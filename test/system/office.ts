import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import type { Charge } from "../../src/payments/port.ts";
import { freshDatabase } from "../support/postgres.ts";
import { keepingContract } from "./contract-client.ts";
import { createHttpClient, type HttpClient } from "./http-client.ts";
import { type ProductSettings, startProduct } from "./product.ts";
import { ADMIN, type Buyer, bookingIn } from "./purchasing.ts";
import { eventsOf } from "./recorded.ts";
import { type SandboxFromOutside, sandboxOf } from "./sandbox.ts";

/** How long a started purchase may be paid. */
export const WINDOW_SECONDS = 900;
const CONNECTIONS = 32;

/** A node of the product with a database and a payment provider of its own. */
export interface Office {
  readonly port: number;
  readonly client: HttpClient;
  readonly sandbox: SandboxFromOutside;
  /** What the provider has of a purchase, of which there must be one charge. */
  chargeOf(buyer: Buyer): Promise<Charge>;
  /** The types of the events of a purchase's booking. */
  logOf(buyer: Buyer): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** @param roles without `processes` nothing is looked at again by itself */
export async function startOffice(roles: NonNullable<ProductSettings["roles"]>): Promise<Office> {
  const database = await freshDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), "boxoffice-system-"));
  const env = { ...ADMIN, PAYMENT_WINDOW_SECONDS: String(WINDOW_SECONDS) };
  const product = await startProduct({ databaseUrl: database.url, dataDir, roles, env });
  const client = await keepingContract(createHttpClient(product.port, CONNECTIONS));
  const sandbox = sandboxOf(dataDir);
  return {
    port: product.port,
    client,
    sandbox,
    async chargeOf({ reply }) {
      const { bookingId } = bookingIn(reply);
      const charges = (await sandbox.charges()).filter((charge) => charge.bookingId === bookingId);
      expect(charges, `charges of ${bookingId}`).toHaveLength(1);
      return charges[0] as Charge;
    },
    logOf: ({ reply }) => eventsOf(database.url, `booking-${bookingIn(reply).bookingId}`),
    async close() {
      client.close();
      await product.stop();
      await rm(dataDir, { recursive: true, force: true });
      await database.drop();
    },
  };
}
