import type { Logger } from "pino";
import { jwtSecretIn } from "./accounts/jwt-secret.ts";
import { createLogger } from "./api/server/logger.ts";
import { type Boxoffice, startBoxoffice } from "./boxoffice.ts";
import { type Config, ConfigError, readConfig } from "./config.ts";
import { openDemoEvent } from "./demo-event.ts";
import { startEmbeddedPostgres } from "./embedded/embedded-postgres.ts";
import { StartError } from "./embedded/start-error.ts";
import { providerBy } from "./node/payments.ts";
import { startFailure } from "./node/start-failure.ts";
import { welcome } from "./welcome.ts";

/** A terminal's Ctrl-C reaches us directly and once more through npm: that is one wish, not two. */
const SAME_SIGNAL_MS = 300;

/** The whole end may take this long; what has not let go by then is left to the operating system. */
const END_WITHIN_MS = 30_000;

/** Starts what the settings ask for, and tells how each part of it is stopped as soon as it runs. */
async function start(config: Config, onStop: (stop: () => Promise<void>) => void, onDown: (error: Error) => void) {
  const log = createLogger(config.logLevel);
  const databaseUrl = config.databaseUrl ?? (await startDatabase(config, log, onStop, onDown));
  const jwtSecret = config.jwtSecret ?? (await jwtSecretIn(config.dataDir).catch(dataDirFailure(config.dataDir)));
  const databaseReadUrl = config.databaseReadUrl ?? databaseUrl;
  const boxoffice = await startBoxoffice(
    { ...config, databaseUrl, databaseReadUrl, jwtSecret, openProvider: providerBy(config), strict: false },
    log,
  ).catch((error: unknown) => {
    throw startFailure(error);
  });
  onStop(() => boxoffice.stop());
  if (boxoffice.api !== null) await listen(boxoffice, config);
  process.send?.("ready"); // to whoever supervises us
}

async function startDatabase(
  { dataDir }: Config,
  log: Logger,
  onStop: (stop: () => Promise<void>) => void,
  onDown: (error: Error) => void,
): Promise<string> {
  const postgres = await startEmbeddedPostgres({ dataDir, log: launcherLog(log), onDown });
  onStop(() => postgres.stop());
  return postgres.connectionString;
}

async function listen(boxoffice: Boxoffice, { host, port, production, publicUrl, payments }: Config): Promise<void> {
  const hasDemo = !production && payments.provider === "sandbox";
  const demo = hasDemo ? await openDemoEvent(boxoffice, boxoffice.nowMs()) : null;
  await boxoffice.api?.listen({ host, port }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "EADDRINUSE") throw new StartError(`PORT ${port} on ${host} is taken by another program.`);
    if (error.code === "EACCES") throw new StartError(`PORT ${port} needs rights that this user does not have.`);
    if (["EADDRNOTAVAIL", "ENOTFOUND", "EAI_AGAIN"].includes(error.code ?? "")) {
      throw new StartError(`HOST ${host} is not an address of this machine.`);
    }
    throw error;
  });
  const address = addressOf(boxoffice, host, port);
  boxoffice.receiveWebhooksAt(`${reachableFrom(payments, address, publicUrl)}/payments/webhook`);
  process.stdout.write(welcome(publicUrl ?? address, demo));
}

/** Where the payment provider finds this node: a provider on another machine by the public address, else by loopback. */
function reachableFrom(payments: Config["payments"], address: string, publicUrl: string | null): string {
  const isElsewhere = payments.provider === "sandbox" && payments.remote !== null;
  if (isElsewhere && publicUrl !== null) return publicUrl;
  return address.replace(/^http:\/\/(0\.0\.0\.0|\[::\])/, "http://127.0.0.1");
}

/** The port that was really taken: PORT=0 leaves the choice to the system. */
function addressOf({ api }: Boxoffice, host: string, port: number): string {
  const bound = api?.server.address();
  const taken = typeof bound === "object" && bound !== null ? bound.port : port;
  return `http://${host.includes(":") ? `[${host}]` : host}:${taken}`;
}

const dataDirFailure = (dataDir: string) => (error: NodeJS.ErrnoException) => {
  throw new StartError(`DATA_DIR ${dataDir} can't be used: ${error.message}`);
};

/** One line where the operator can do something about it, else all there is. */
function report(error: unknown): void {
  if (error instanceof ConfigError || error instanceof StartError) console.error(error.message);
  else console.error(error);
}

/** Keeps it running; ends in order at a signal, at once at a second one. */
function main(): void {
  const stops: (() => Promise<void>)[] = [];
  let endingSince: number | null = null;

  const end = async (exitCode: number) => {
    endingSince = performance.now();
    const late = setTimeout(() => {
      console.error(`Not everything has let go within ${END_WITHIN_MS / 1000} s.`);
      process.exit(1);
    }, END_WITHIN_MS);
    late.unref();
    for (const stop of stops.toReversed()) await stop().catch(report);
    process.exit(exitCode);
  };
  const onSignal = () => {
    if (endingSince === null) void end(0);
    else if (performance.now() - endingSince > SAME_SIGNAL_MS) process.exit(130);
  };
  const onFailure = (error: unknown) => {
    if (endingSince !== null) return; // what fails because it is being ended
    report(error);
    void end(1);
  };

  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal);
  // The wrapper that `npm start` runs us under is gone, however it went: nothing stays behind.
  process.on("disconnect", onSignal);
  try {
    const config = readConfig(process.env);
    start(config, (stop) => stops.push(stop), onFailure).catch(onFailure);
  } catch (error) {
    onFailure(error);
  }
}

function launcherLog(log: Logger) {
  return {
    debug: (message: string) => log.debug(message),
    info: (message: string) => log.info(message),
    warn: (message: string) => log.warn(message),
  };
}

main();
