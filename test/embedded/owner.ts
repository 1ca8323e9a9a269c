// A process that owns an embedded Postgres, to be killed by the specs: `node owner.ts DATA_DIR [exit]`.
// Says {"connectionString"} or {"error"} on a line of its own.
import { startEmbeddedPostgres } from "../../src/embedded/embedded-postgres.ts";
import { StartError } from "../../src/embedded/start-error.ts";

const [dataDir = "", ending] = process.argv.slice(2);
const log = { debug() {}, info: console.error, warn: console.error };
try {
  const postgres = await startEmbeddedPostgres({ dataDir, log });
  console.log(JSON.stringify({ connectionString: postgres.connectionString }));
  if (ending === "exit") process.exit(0);
  process.once("SIGTERM", () => void postgres.stop().then(() => process.exit(0)));
  process.on("message", () => {}); // keeps it running
} catch (error) {
  if (!(error instanceof StartError)) throw error;
  console.log(JSON.stringify({ error: error.message }));
  process.exit(1);
}
