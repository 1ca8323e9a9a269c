import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "../../../src/embedded/free-port.ts";
import { keptSecret } from "../../../src/payments/sandbox/keys.ts";
import { OutsideProvider } from "../../system/buying/provider.ts";
import type { Town } from "../town.ts";
import { type Link, Links } from "./links.ts";
import { LogFiles } from "./log-files.ts";
import { recordOf } from "./provider-copy.ts";
import { Resident } from "./resident.ts";
import { nodeChild, type Population, providerChild, ROLES, type Role } from "./residents.ts";
import { smallDiskAt } from "./small-disk.ts";
import { type StandIn, startStandInProcess } from "./stand-in.ts";
import { startTownPostgres, type TownPostgres } from "./town-postgres.ts";
import { openWebhookProxy, type WebhookProxy } from "./webhook-proxy.ts";

export interface TownOptions {
  /** Everything is kept in it; made if missing. */
  readonly directory: string;
  readonly population: Population;
  /** `esdb://...`: a server that somebody else keeps running; else the events are in Postgres or in the stand-in. */
  readonly store: "postgres" | "stand-in" | `esdb${string}`;
  /** Whether Postgres gets a disk that can be filled, where the system lets us mount one. */
  readonly smallDisk: boolean;
  /** For the processes of the product. */
  readonly env?: Readonly<Record<string, string>>;
  /** A file that the processes of a role load first. */
  readonly preload?: { readonly role: Role; readonly file: string };
}

/** A process of the product. */
export interface TownNode {
  readonly role: Role;
  readonly resident: Resident;
}

/** A town with all that can be broken in it. */
export interface RunningTown extends Town {
  readonly nodes: readonly TownNode[];
  readonly providerProcess: Resident;
  /** What the provider does wrong. */
  readonly provider: OutsideProvider;
  readonly postgres: TownPostgres;
  readonly links: readonly Link[];
  readonly webhooks: readonly WebhookProxy[];
  /** null: the events are elsewhere. */
  readonly standIn: StandIn | null;
  readonly logs: LogFiles;
  close(): Promise<void>;
}

/** Short enough that reservations, payments and offers also end by time while a run goes on. */
const TERMS = { PAYMENT_WINDOW_SECONDS: "20", HOLD_TTL_SECONDS: "120", OFFER_TTL_SECONDS: "60" };
const ADMIN = { email: "root@example.org", password: "correct horse battery" };

/** Starts a town and resolves when all its processes are ready. */
export async function startTown(options: TownOptions): Promise<RunningTown> {
  const closers: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const closeOne of closers.splice(0).toReversed()) await closeOne();
  };
  try {
    return { ...(await settle(options, (closeOne) => closers.push(closeOne))), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function settle(
  { directory, population, store, smallDisk, env = {}, preload }: TownOptions,
  onClose: (close: () => Promise<unknown>) => void,
): Promise<Omit<RunningTown, "close">> {
  const dataDir = join(directory, "data");
  await mkdir(dataDir, { recursive: true });
  const logs = await LogFiles.in(join(directory, "logs"));
  onClose(() => logs.close());
  const links = new Links();
  onClose(() => links.close());

  const postgresDir = join(directory, "postgres");
  const disk = smallDisk ? await smallDiskAt(postgresDir) : null;
  if (disk !== null) onClose(() => disk.remove());
  const saidByPostgres = logs.of("postgres");
  const say = (line: string) => saidByPostgres(`${new Date().toISOString()} ${line}\n`);
  const postgres = await startTownPostgres({ dataDir: postgresDir, disk, say });
  onClose(() => postgres.stop());

  const standIn = store === "stand-in" ? await startStandInProcess(logs.of("stand-in")) : null;
  if (standIn !== null) onClose(() => standIn.stop());
  const eventStoreUrl = standIn?.url ?? (store === "postgres" || store === "stand-in" ? null : store);

  const providerPort = await freePort(undefined);
  const providerProcess = new Resident({
    name: "provider",
    child: providerChild(dataDir, providerPort),
    onOutput: logs.of("provider"),
  });
  providerProcess.start();
  onClose(() => providerProcess.stop());
  await providerProcess.up();
  const secret = await keptSecret(join(dataDir, "sandbox"));
  const provider = new OutsideProvider(dataDir);
  onClose(() => provider.stop());

  const nodes: TownNode[] = [];
  const apiUrls: string[] = [];
  const webhooks: WebhookProxy[] = [];
  for (const role of ROLES) {
    for (let number = 1; number <= population[role]; number += 1) {
      const name = `${role}-${number}`;
      const port = await freePort(undefined);
      let webhooksAt: string | null = null;
      if (role === "api") {
        apiUrls.push(`http://127.0.0.1:${await links.open("clients", name, { host: "127.0.0.1", port })}`);
        const webhook = await openWebhookProxy({ port });
        onClose(() => webhook.close());
        webhooks.push(webhook);
        webhooksAt = webhook.url;
      }
      const sandboxPort = await links.open(name, "provider", { host: "127.0.0.1", port: providerPort });
      const child = nodeChild({
        name,
        role,
        port,
        dataDir,
        databaseUrl: await links.through(name, "postgres", postgres.url),
        eventStoreUrl: await wayToStore(links, name, eventStoreUrl),
        sandbox: { url: `http://127.0.0.1:${sandboxPort}`, secret },
        webhooksAt,
        env: { ...TERMS, ADMIN_EMAIL: ADMIN.email, ADMIN_PASSWORD: ADMIN.password, ...env },
        preload: preload?.role === role ? preload.file : null,
      });
      nodes.push({ role, resident: new Resident({ name, child, onOutput: logs.of(name) }) });
    }
  }
  onClose(() => Promise.all(nodes.map(({ resident }) => resident.stop())));
  // Whoever is frozen, or in the middle of its start, does not notice that we are gone.
  const endAll = () => {
    for (const { resident } of nodes) resident.kill();
  };
  process.once("exit", endAll);
  onClose(async () => void process.off("exit", endAll));
  for (const { resident } of nodes) resident.start();
  await Promise.all(nodes.map(({ resident }) => resident.up()));

  return {
    apiUrls,
    databaseUrl: postgres.url,
    eventStoreUrl,
    dataDir,
    admin: ADMIN,
    providerRecord: () => recordOf(dataDir, providerProcess),
    nodes,
    providerProcess,
    provider,
    postgres,
    links: links.all,
    webhooks,
    standIn,
    logs,
  };
}

/** A cluster names its nodes itself: only one server alone is reached by way of a proxy. */
async function wayToStore(links: Links, name: string, url: string | null): Promise<string | null> {
  const isOneServer = url?.startsWith("esdb://") && !url.includes(",");
  return url !== null && isOneServer ? links.through(name, "event store", url) : url;
}
