// Installs the packages when node_modules is not what package-lock.json says. Several commands may start at once on a
// fresh clone: one installs, the others wait for it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const BEAT_MS = 1_000;
const STALE_AFTER_MS = 15_000;
const STALE_AT_LAST_MS = 10 * 60_000;
const LOOK_MS = 200;

/** `onChild` is told the npm that runs, so that signals reach it. Throws an Error with one line when it fails. */
export async function install(root, onChild) {
  let told = false;
  while (!isInstalled(root)) {
    const lock = takeLock(join(root, ".boxoffice", "installing"));
    if (lock === undefined) {
      if (!told) console.log("Waiting for another command to install what is missing...");
      told = true;
      await sleep(LOOK_MS);
      continue;
    }
    try {
      if (!isInstalled(root)) {
        await npmCi(root, (npm) => {
          lock.heldBy(npm);
          onChild(npm);
        });
      }
    } finally {
      lock.release();
    }
  }
}

/**
 * Whether all that package-lock.json lists for this machine is there, in the listed version, by the record that npm
 * itself leaves at the end of an installation. So it does not matter who installed.
 */
function isInstalled(root) {
  const wanted = packages(join(root, "package-lock.json"));
  const present = packages(join(root, "node_modules", ".package-lock.json"));
  return Object.entries(wanted).every(
    ([path, entry]) => path === "" || !isForHere(entry) || present[path]?.version === entry.version,
  );
}

function packages(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8")).packages ?? {};
  } catch {
    return {};
  }
}

/** Optional packages are those for one system each; which libc this one has we don't know, so those are not asked for. */
function isForHere({ optional, os, cpu, libc }) {
  if (!optional) return true;
  return libc === undefined && os?.includes(process.platform) && cpu?.includes(process.arch);
}

async function npmCi(root, onChild) {
  console.log("Installing what is missing (once, about a minute)...");
  // Development dependencies too, whatever NODE_ENV says: one of them is the Node that runs everything.
  const args = ["ci", "--include=dev", "--no-audit", "--no-fund"];
  // The npm that called us, if one did: it need not be on the PATH.
  const npm = process.env.npm_execpath;
  const [command, ...before] = npm !== undefined && basename(npm) === "npm-cli.js" ? [process.execPath, npm] : ["npm"];
  const child = spawn(command, [...before, ...args], {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, NODE_ENV: "development" },
    shell: command === "npm" && process.platform === "win32",
  });
  onChild(child);
  const [code] = await once(child, "exit").catch((error) => {
    throw new Error(`npm cannot be run: ${error.message}`);
  });
  onChild(undefined);
  if (code !== 0) throw new Error("The packages could not be installed: see what npm says above.");
  if (!isInstalled(root)) {
    throw new Error("npm ci ended well, but node_modules is not what package-lock.json lists (npm's omit settings?).");
  }
}

/**
 * A file that exists while somebody installs, and is touched every second as long as they live: one that a killed
 * command left behind is taken over, once the npm that it started has ended too. Outside node_modules, which npm empties.
 */
function takeLock(path) {
  mkdirSync(dirname(path), { recursive: true });
  try {
    writeFileSync(path, `${process.pid}\n`, { flag: "wx" });
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    if (isStale(path)) rmSync(path, { force: true });
    return undefined;
  }
  const beat = setInterval(() => utimesSync(path, new Date(), new Date()), BEAT_MS);
  const release = () => {
    clearInterval(beat);
    rmSync(path, { force: true });
  };
  process.once("exit", release);
  return {
    heldBy(npm) {
      if (npm?.pid !== undefined) writeFileSync(path, `${npm.pid}\n`);
    },
    release() {
      process.off("exit", release);
      release();
    },
  };
}

function isStale(path) {
  try {
    const ageMs = Date.now() - statSync(path).mtimeMs;
    if (ageMs > STALE_AT_LAST_MS) return true; // whoever has that number now is no npm of ours
    return ageMs > STALE_AFTER_MS && !isAlive(Number.parseInt(readFileSync(path, "utf8"), 10));
  } catch {
    return false; // released meanwhile
  }
}

function isAlive(pid) {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return error.code !== "ESRCH";
  }
}
