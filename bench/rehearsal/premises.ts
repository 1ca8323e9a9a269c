import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHttpClient, type HttpClient } from "../../test/system/http-client.ts";
import { startProduct } from "../../test/system/product.ts";
import { expectStatus } from "../../test/system/shop.ts";
import { createLeanClient } from "../support/lean-client.ts";
import { newcomers } from "../support/newcomers.ts";
import { processorMicros, residentMemory } from "../support/process-figures.ts";
import type { SignedIn } from "./crowd/crowd.ts";
import type { Doors } from "./crowd/door.ts";

/** The running system that a rehearsal is held on. */
export interface Premises {
  /** The organizer's. */
  readonly client: HttpClient;
  /** The crowd's. */
  readonly doors: Doors;
  /** What it is, for the report. */
  readonly name: string;
  /** Guests who have signed in. */
  people(count: number): Promise<readonly SignedIn[]>;
  /** Processor time and peak memory of the node so far; null: it is not ours to look at. */
  weigh(): Promise<{ readonly processorMicros: number; readonly peakMiB: number } | null>;
  close(): Promise<void>;
}

/**
 * Every buyer has a browser of his own, but a hundred thousand connections would be another rehearsal. Those who wait in the
 * line don't stand in the way of those who buy.
 */
const CONNECTIONS = 128;
const OF_THE_ORGANIZER = 4;
const SIGN_INS_AT_ONCE = 32;

const doorsAt = (port: number, host: string): Doors => ({
  line: createLeanClient(port, CONNECTIONS, host),
  shop: createLeanClient(port, CONNECTIONS, host),
});

/** Starts all of it: a node with every role, which brings its own Postgres and the sandbox provider, on an empty folder. */
export async function ownPremises(): Promise<Premises> {
  const dataDir = await mkdtemp(join(tmpdir(), "boxoffice-rehearsal-"));
  const remove = () => rm(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  const product = await startProduct({ databaseUrl: null, dataDir }).catch(async (error: unknown) => {
    await remove();
    throw error;
  });
  const databaseUrl = (await readFile(join(dataDir, "database-url"), "utf8")).trim();
  const client = createHttpClient(product.port, OF_THE_ORGANIZER);
  const doors = doorsAt(product.port, "127.0.0.1");
  return {
    client,
    doors,
    name: "a node with every role, its embedded Postgres and the sandbox provider, on this machine",
    people: (count) => newcomers(databaseUrl, count),
    async weigh() {
      const [micros, resident] = await Promise.all([processorMicros(product.pid), residentMemory(product.pid)]);
      return micros === null || resident === null ? null : { processorMicros: micros, peakMiB: resident.peakMiB };
    },
    async close() {
      client.close();
      doors.line.close();
      doors.shop.close();
      await product.stop();
      await remove();
    },
  };
}

/**
 * A system that runs already, with `RATE_LIMIT_PER_MINUTE=0`: the whole crowd comes from one address. Everybody signs in
 * over HTTP.
 */
export function premisesAt(url: URL): Premises {
  const port = Number(url.port === "" ? 80 : url.port);
  const client = createHttpClient(port, SIGN_INS_AT_ONCE, url.hostname);
  const doors = doorsAt(port, url.hostname);
  return {
    client,
    doors,
    name: url.origin,
    async people(count) {
      const people: SignedIn[] = [];
      while (people.length < count) {
        const some = Math.min(SIGN_INS_AT_ONCE, count - people.length);
        const sessions = await Promise.all(
          Array.from({ length: some }, () => expectStatus(201, client.call("POST", "/sessions/guest"))),
        );
        people.push(...sessions.map(({ body }) => body as SignedIn));
      }
      return people;
    },
    weigh: async () => null,
    async close() {
      client.close();
      doors.line.close();
      doors.shop.close();
    },
  };
}
