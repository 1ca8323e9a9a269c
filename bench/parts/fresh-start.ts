import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freePort } from "../../src/embedded/free-port.ts";
import { ROOT } from "../../test/system/child.ts";
import { rounded, shown, spreadOf } from "../support/figures.ts";
import type { Part } from "../support/part.ts";

const FIRST_WITHIN_SECONDS = 180;
const LATER_WITHIN_SECONDS = 5;
const GIVE_UP_AFTER_MS = 10 * 60_000;
const LOOK_MS = 20;

export const freshStart: Part = {
  name: "fresh-start",
  about: "a fresh clone, one command typed: until /health/ready",
  async run({ options, workDir, say }) {
    const clone = join(workDir, "clone");
    const cloned = spawnSync("git", ["clone", "--quiet", ROOT, clone], { stdio: ["ignore", "inherit", "inherit"] });
    if (cloned.status !== 0) throw new Error("git clone failed");
    const firstSeconds = await npmStart(clone);
    say(`the first start, with the install: ${rounded(firstSeconds)} s`);
    const later: number[] = [];
    for (let round = 1; round <= options.repeats; round += 1) later.push(await npmStart(clone));
    const spread = spreadOf(later);
    return {
      table: [
        ["npm start", "seconds to /health/ready"],
        ["first, with the install", rounded(firstSeconds)],
        ["later", shown(spread)],
      ],
      checks: [
        {
          what: "fresh clone, with the install, s",
          figure: rounded(firstSeconds),
          floor: `under ${FIRST_WITHIN_SECONDS}`,
          met: firstSeconds < FIRST_WITHIN_SECONDS,
        },
        {
          what: "later starts, s",
          figure: shown(spread),
          floor: `under ${LATER_WITHIN_SECONDS}`,
          met: spread.max < LATER_WITHIN_SECONDS,
        },
      ],
      measurements: { firstSeconds, later },
    };
  },
};

/** Types `npm start`, waits until the product is ready, and ends it by Ctrl-C. @returns seconds until it was ready */
async function npmStart(clone: string): Promise<number> {
  const port = await freePort(undefined);
  const env: NodeJS.ProcessEnv = { ...process.env, PORT: String(port) };
  // Of the npm that runs us, and of the settings of this shell: a new user has none of them.
  for (const name of Object.keys(env)) if (/^npm_(lifecycle|package|command)/.test(name)) delete env[name];
  for (const name of ["DATABASE_URL", "DATA_DIR", "EVENTSTORE_URL", "NODE_ENV", "ROLES"]) delete env[name];
  const began = performance.now();
  const npm = spawn("npm", ["start"], { cwd: clone, env, stdio: ["ignore", "pipe", "pipe"], detached: true });
  let output = "";
  for (const stream of [npm.stdout, npm.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  const ended = once(npm, "exit");
  try {
    await ready(port, () => npm.exitCode === null);
    return (performance.now() - began) / 1000;
  } catch (error) {
    throw new Error(`npm start: ${String(error)}\n${output.slice(-4_000)}`);
  } finally {
    if (npm.exitCode === null && npm.pid !== undefined) process.kill(-npm.pid, "SIGINT"); // as a terminal does
    await ended;
  }
}

async function ready(port: number, running: () => boolean): Promise<void> {
  const deadline = performance.now() + GIVE_UP_AFTER_MS;
  while (performance.now() < deadline) {
    const reply = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => null);
    if (reply?.status === 200) return;
    if (!running()) throw new Error("it ended");
    await pause(LOOK_MS);
  }
  throw new Error("it did not become ready");
}
