import { setTimeout } from "node:timers/promises";
import type { Launch, ServerProcess } from "./launch.ts";
import { ENDINGS } from "./leftover.ts";
import type { LauncherLog } from "./log.ts";
import { listen } from "./server-output.ts";
import { serverSettings } from "./settings.ts";

/** Recovery after a crash reads the log since the last checkpoint: seconds, by `max_wal_size`. Then it is a fault. */
const READY_WITHIN_MS = 10 * 60_000;

/** A running server of the cluster. */
export interface Postmaster {
  readonly pid: number;
  /** Resolves when it has ended, with how: "exit code 0", "signal SIGKILL". */
  readonly ended: Promise<string>;
  /** Disconnects everybody, checkpoints and ends; harder when that takes too long. Resolves when it has ended. */
  stop(): Promise<void>;
}

/** Why a server did not come up. `kind` tells what may help: another port, waiting for an earlier one's last processes. */
export class LaunchFailed extends Error {
  override readonly name = "LaunchFailed";
  readonly kind: "port-taken" | "occupied" | "broken";

  constructor(kind: LaunchFailed["kind"], message: string) {
    super(message);
    this.kind = kind;
  }
}

export interface PostmasterParts {
  readonly launch: Launch;
  readonly postgres: string;
  readonly clusterDir: string;
  readonly port: number;
  readonly log: LauncherLog;
  /** Settings that differ from `serverSettings`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Starts the server and resolves when it takes connections. Throws LaunchFailed. */
export async function launchPostmaster(parts: PostmasterParts): Promise<Postmaster> {
  const { launch, postgres, clusterDir, port, log } = parts;
  const settings = Object.entries({ ...serverSettings(port), ...parts.settings }).flatMap(([name, value]) => [
    "-c",
    `${name}=${value}`,
  ]);
  const server = launch(postgres, ["-D", clusterDir, ...settings]);
  const ready = Promise.withResolvers<"ready">();
  let quiet = false;
  const output = listen(server, (line) => {
    if (line.includes("database system is ready to accept connections")) ready.resolve("ready");
    // An ERROR is its client's to report; on the way up and down, a FATAL is part of the procedure.
    if (!quiet && /^(WARNING|FATAL|PANIC):/.test(line)) log.warn(`Postgres: ${line}`);
    else log.debug(`Postgres: ${line}`);
  });
  quiet = true;
  const timeout = new AbortController();
  const late = setTimeout(READY_WITHIN_MS, "late" as const, { signal: timeout.signal }).catch(() => "late" as const);
  const first = await Promise.race([ready.promise, output.ended, late]);
  timeout.abort();
  if (first === "late") {
    server.kill("SIGKILL");
    throw new LaunchFailed("broken", `not ready within ${READY_WITHIN_MS / 60_000} minutes`);
  }
  if (first !== "ready") {
    if (output.said("Address already in use")) throw new LaunchFailed("port-taken", `port ${port} is taken`);
    if (output.said("is still in use") || output.said('lock file "postmaster.pid" already exists')) {
      throw new LaunchFailed("occupied", output.complaint());
    }
    throw new LaunchFailed("broken", output.complaint());
  }
  quiet = false;
  leaveAlone(server);
  return {
    pid: server.pid as number,
    ended: output.ended,
    async stop() {
      quiet = true;
      server.ref();
      for (const { signal, waitMs } of ENDINGS) {
        server.kill(signal);
        const patience = new AbortController();
        const waited = setTimeout(waitMs, "still there", { signal: patience.signal }).catch(() => "ended");
        const outcome = await Promise.race([output.ended, waited]);
        patience.abort();
        if (outcome !== "still there") return;
        log.warn(`The embedded Postgres did not end on ${signal} within ${waitMs / 1000} s`);
      }
    },
  };
}

/** The server alone does not keep this process from ending. */
function leaveAlone(server: ServerProcess): void {
  server.unref();
  for (const stream of [server.stdout, server.stderr]) (stream as unknown as { unref?(): void }).unref?.();
}
