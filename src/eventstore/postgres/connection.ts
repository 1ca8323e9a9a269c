import pg from "pg";
import { unavailable } from "./failures.ts";

/** How connections of the store are made. */
export interface ConnectionSettings {
  readonly connectionString: string;
  readonly connectTimeoutMs: number;
  readonly applicationName: string;
}

export const clientConfig = (settings: ConnectionSettings): pg.ClientConfig => ({
  connectionString: settings.connectionString,
  connectionTimeoutMillis: settings.connectTimeoutMs,
  application_name: settings.applicationName,
  keepAlive: true,
});

/**
 * A connected client. `ended` is called once when the connection ends, for whatever reason.
 * @throws StoreUnavailable
 */
export async function connect(settings: ConnectionSettings, ended: (client: pg.Client) => void): Promise<pg.Client> {
  const client = new pg.Client(clientConfig(settings));
  client.on("error", () => {}); // the query under way fails with it, and `ended` follows
  try {
    await client.connect();
  } catch (error) {
    client.end().catch(() => {}); // lets go of the socket; there is nothing more to learn from it
    throw unavailable("Postgres can't be reached", error);
  }
  client.once("end", () => ended(client));
  return client;
}
