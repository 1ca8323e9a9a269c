import { type ChildProcessByStdio, execFile, spawn } from "node:child_process";
import { readFile, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Readable } from "node:stream";
import { promisify } from "node:util";
import type { Account } from "./account.ts";
import { StartError } from "./start-error.ts";

const run = promisify(execFile);

export type ServerProcess = ChildProcessByStdio<null, Readable, Readable>;

/** Starts a program of the server's, as the user that it runs as. */
export type Launch = (program: string, args: readonly string[]) => ServerProcess;

/**
 * How the server's programs are started: in a session of their own, so that a Ctrl-C in the terminal reaches Boxoffice
 * only and the database outlives the commands under way; and where util-linux's setpriv is there, with the order to
 * shut down when this process dies, however it dies.
 *
 * `program` and `dataDir` are what the account must get at. A directory on the way that it may not enter (a clone in
 * /root, a `mktemp -d`) is passed by one capability, which the server then has: to enter and read what others may not.
 * Throws StartError when there is no way.
 */
export async function launcher(account: Account | undefined, program: string, dataDir: string): Promise<Launch> {
  const setpriv = await hasSetpriv();
  const capability = account === undefined ? undefined : await missingCapability(account, program, dataDir);
  if (capability !== undefined && !setpriv) {
    throw new StartError(
      `user ${account?.uid}, whom Postgres runs as, may not enter ${capability.where}: ` +
        "install setpriv (package util-linux), or put the clone and DATA_DIR elsewhere",
    );
  }
  const become = [
    "--pdeathsig=INT",
    ...(account ? [`--reuid=${account.uid}`, `--regid=${account.gid}`, "--clear-groups"] : []),
    // Without no_setuid_fixup access(2), by which Postgres looks at its own binaries, forgets the capability.
    ...(capability
      ? [`--inh-caps=+${capability.name}`, `--ambient-caps=+${capability.name}`, "--securebits=+no_setuid_fixup"]
      : []),
  ];
  const options = {
    cwd: "/", // where Boxoffice runs, the account may not be
    env: environment(),
    detached: true,
    stdio: ["ignore", "pipe", "pipe"] as ["ignore", "pipe", "pipe"],
  };
  return (target, args) =>
    endingWithUs(
      setpriv
        ? spawn("setpriv", [...become, target, ...args], options)
        : spawn(target, args, { ...options, ...(account ?? {}) }),
    );
}

/** What still runs when this process exits by itself is asked to end: where there is no setpriv nobody else would. */
function endingWithUs(server: ServerProcess): ServerProcess {
  const end = () => server.kill("SIGINT");
  process.once("exit", end);
  server.once("exit", () => process.off("exit", end));
  return server;
}

/** Nothing of ours (PGPORT, PGDATA, secrets): only what a program needs to run. */
function environment(): NodeJS.ProcessEnv {
  const { PATH, LD_LIBRARY_PATH } = process.env;
  return { PATH, LC_ALL: "C", TZ: "UTC", ...(LD_LIBRARY_PATH === undefined ? {} : { LD_LIBRARY_PATH }) };
}

/** Whether util-linux's setpriv is there. Busybox has one too, which can do none of this. */
export async function hasSetpriv(): Promise<boolean> {
  if (process.platform !== "linux") return false;
  const help = await run("setpriv", ["--help"]).then(
    ({ stdout }) => stdout,
    () => "",
  );
  return ["--reuid", "--ambient-caps", "--securebits", "--pdeathsig"].every((option) => help.includes(option));
}

/** The capability that the account needs to get at both, and where it would stop without; undefined when none. */
async function missingCapability(
  account: Account,
  program: string,
  dataDir: string,
): Promise<{ readonly name: string; readonly where: string } | undefined> {
  // To run a file that only root may run takes more than to pass directories; and containers often have just that one.
  if (!(await mayUse(account, program, 0o5))) return { name: "dac_override", where: program };
  for (const path of [dirname(program), dataDir]) {
    for (let directory = path; ; directory = dirname(directory)) {
      if (!(await mayUse(account, directory, 0o1))) {
        return { name: (await hasCapability(2)) ? "dac_read_search" : "dac_override", where: directory };
      }
      if (directory === dirname(directory)) break;
    }
  }
  return undefined;
}

/** By the plain permission bits; an access list that allows more costs nothing but a capability that is not needed. */
async function mayUse(account: Account, path: string, bits: number): Promise<boolean> {
  const { mode, uid, gid } = await stat(path);
  const granted = uid === account.uid ? mode >> 6 : gid === account.gid ? mode >> 3 : mode;
  return (granted & bits) === bits;
}

/** Whether this process has a capability, by its number in capabilities(7). */
async function hasCapability(number: number): Promise<boolean> {
  const status = await readFile("/proc/self/status", "utf8").catch(() => "");
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? "0";
  return ((BigInt(`0x${effective}`) >> BigInt(number)) & 1n) === 1n;
}
