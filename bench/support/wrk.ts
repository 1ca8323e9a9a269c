import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** Whether this machine has wrk (Debian: apt-get install wrk). */
export const hasWrk = spawnSync("wrk", ["-v"]).error === undefined;

export interface WrkRun {
  readonly url: string;
  /** A file of Lua whose `done` prints one line: `RESULT` and figures, with blanks between them. */
  readonly script: string;
  readonly connections: number;
  readonly seconds: number;
  /** One unless told otherwise: it is a tenth as busy as what it measures. */
  readonly threads?: number;
  /** A request is given up after so long. */
  readonly timeoutSeconds?: number;
}

/** Runs wrk in a process of its own. @returns the figures that its script printed */
export async function wrkFigures(run: WrkRun): Promise<readonly number[]> {
  const { url, script, connections, seconds, threads = 1, timeoutSeconds = 10 } = run;
  const size = [`-t${threads}`, `-c${connections}`, `-d${seconds}s`, "--timeout", `${timeoutSeconds}s`];
  const { stdout } = await execute("wrk", [...size, "-s", script, url], { maxBuffer: 1024 * 1024 });
  const line = stdout.split("\n").find((text) => text.startsWith("RESULT "));
  if (line === undefined) throw new Error(`wrk said nothing of its result:\n${stdout}`);
  return line.slice("RESULT ".length).split(" ").map(Number);
}
