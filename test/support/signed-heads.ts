import { generateKeyPairSync, randomUUID } from "node:crypto";
import pg from "pg";
import { startSigningHeads } from "../../src/audit/heads/signing.ts";
import { signingKeyIn } from "../../src/audit/heads/signing-key.ts";
import { headQueries } from "../../src/audit/heads/table.ts";
import type { EventStore } from "../../src/eventstore/port.ts";
import { openPostgresEventStore } from "../../src/eventstore/postgres/index.ts";
import { BOXOFFICE_PREFIXES } from "../../src/eventstore/streams.ts";
import type { SignedHead } from "../../src/verifier/signed-head.ts";

export const freshKey = () =>
  signingKeyIn(generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString());

const quiet = { info() {}, warn() {}, error() {} };

/** Signs the head of all that a log has, as a process with that role would, and stops. */
export async function signHeads(databaseUrl: string, key = freshKey(), opened?: EventStore): Promise<SignedHead> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 3 });
  const store = opened ?? (await openPostgresEventStore({ connectionString: databaseUrl }));
  const clock = { nowMs: () => Date.now() };
  const signing = startSigningHeads({ pool, store, clock, key, holder: randomUUID(), log: quiet, everyMs: 10 });
  try {
    const last = await store.head(BOXOFFICE_PREFIXES);
    return await until(async () => {
      const head = await headQueries(pool).latest();
      return head !== null && head.position === last ? head : null;
    });
  } finally {
    await signing.stop();
    if (opened === undefined) await store.close();
    await pool.end();
  }
}

async function until<Value>(look: () => Promise<Value | null>): Promise<Value> {
  for (const end = performance.now() + 20_000; performance.now() < end; ) {
    const value = await look();
    if (value !== null) return value;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("no head was signed within 20 s");
}
