import { jwtSecretIn } from "./accounts/jwt-secret.ts";
import { createLogger } from "./api/server/logger.ts";
import { type Boxoffice, startBoxoffice } from "./boxoffice.ts";
import { type Config, ConfigError, readConfig } from "./config.ts";
import { openDemoEvent } from "./demo-event.ts";
import { startEmbeddedPostgres } from "./embedded/embedded-postgres.ts";
import { StartError } from "./embedded/start-error.ts";
import { welcome } from "./welcome.ts";

/** A terminal's Ctrl-C reaches us directly and once more through npm: that is one wish, not two. */
const SAME_SIGNAL_MS = 300;

/** Starts what the settings ask for and keeps it running; ends in order at a signal, at once at a second one. */
async function main(): Promise<void> {
  const config = readConfig(process.env);
  const log = createLogger(config.logLevel);
  const stops: (() => Promise<void>)[] = [];
  const end = endOnSignals(async () => {
    for (const stop of stops.toReversed()) await stop();
  });

  let databaseUrl = config.databaseUrl;
  if (databaseUrl === null) {
    const postgres = await startEmbeddedPostgres({
      dataDir: config.dataDir,
      log: launcherLog(log),
      onDown: (error) => end(error),
    });
    stops.push(() => postgres.stop());
    databaseUrl = postgres.connectionString;
  }
  const boxoffice = await startBoxoffice(
    {
      ...config,
      databaseUrl,
      databaseReadUrl: config.databaseReadUrl ?? databaseUrl,
      jwtSecret: config.jwtSecret ?? (await jwtSecretIn(config.dataDir)),
      strict: false,
    },
    log,
  ).catch((error: unknown) => {
    throw startFailure(error);
  });
  stops.push(() => boxoffice.stop());
  if (boxoffice.api !== null) await listen(boxoffice, config);
}

async function listen(boxoffice: Boxoffice, { host, port, production, publicUrl }: Config): Promise<void> {
  const demo = production ? null : await openDemoEvent(boxoffice, Date.now());
  await boxoffice.api?.listen({ host, port }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "EADDRINUSE") throw new StartError(`PORT ${port} on ${host} is taken by another program.`);
    if (error.code === "EADDRNOTAVAIL") throw new StartError(`HOST ${host} is not an address of this machine.`);
    if (error.code === "EACCES") throw new StartError(`PORT ${port} needs rights that this user does not have.`);
    throw error;
  });
  process.stdout.write(welcome(publicUrl ?? `http://${host.includes(":") ? `[${host}]` : host}:${port}`, demo));
  process.send?.("ready");
}

/** What keeps a node from starting and lies outside of it, in one line. */
function startFailure(error: unknown): unknown {
  const reason = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const away = ["ECONNREFUSED", "ENOTFOUND", "ETIMEDOUT", "EHOSTUNREACH", "28P01", "28000", "3D000", "57P03"];
  if (error instanceof Error && error.name === "StoreUnavailable") {
    return new StartError(`The event store can't be reached: ${reason}`);
  }
  if (away.includes(code) || reason.includes("timeout")) {
    return new StartError(`DATABASE_URL: the database can't be reached: ${reason || code}`);
  }
  return error;
}

/** @returns what ends the process in order, for other reasons than a signal */
function endOnSignals(stop: () => Promise<void>): (reason?: unknown) => void {
  let endingSince: number | null = null;
  const end = (failure?: unknown) => {
    if (endingSince !== null) {
      if (performance.now() - endingSince > SAME_SIGNAL_MS) process.exit(failure === undefined ? 130 : 1);
      return;
    }
    endingSince = performance.now();
    if (failure !== undefined) process.exitCode = report(failure);
    stop().then(
      () => process.exit(),
      (error: unknown) => process.exit(report(error)),
    );
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => end());
  // The wrapper that `npm start` runs us under is gone, however it went: nothing stays behind.
  process.on("disconnect", () => end());
  return end;
}

function launcherLog(log: ReturnType<typeof createLogger>) {
  return {
    debug: (message: string) => log.debug(message),
    info: (message: string) => log.info(message),
    warn: (message: string) => log.warn(message),
  };
}

/** One line where the operator can do something about it, else all there is. @returns the exit code */
function report(error: unknown): number {
  if (error instanceof ConfigError || error instanceof StartError) console.error(error.message);
  else console.error(error);
  return 1;
}

main().catch((error: unknown) => process.exit(report(error)));
