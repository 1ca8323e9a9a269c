// Runs the project's code on the Node that the project brings along (npm package `node`), installing what is missing
// first, so that any Node from 20 on is enough to type `npm start` or `npm test` after cloning.
//
//   node scripts/run.mjs FILE.ts [args]       runs a TypeScript file
//   node scripts/run.mjs --bin NAME [args]    runs a tool from node_modules
//
// Plain JavaScript that Node 20 understands, and no packages: this runs before anything is installed.
import { spawn } from "node:child_process";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { install } from "./install.mjs";

const OLDEST_NODE = 24;
const PARENT_LOOK_MS = 500;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [first, ...rest] = process.argv.slice(2);
if (first === undefined) fail("usage: node scripts/run.mjs FILE.ts [args] | --bin NAME [args]");

let child;
let ending = false;
// The child decides when it ends. Ctrl-C in a terminal goes to both of us: it sees that one twice.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, end);
endWithNpm();

await install(root, (npm) => {
  child = npm;
}).catch((error) => fail(error.message));
if (ending) process.exit(1);

const target = first === "--bin" ? tool(rest.shift()) : join(root, first);
// What Node made of the code is kept: a start takes two thirds of the processor time that it takes without.
const env = { NODE_COMPILE_CACHE: join(root, "node_modules", ".cache", "compiled"), ...process.env };
// The channel tells the child when this wrapper is gone, however it went, so that nothing stays behind.
child = spawn(node(), [target, ...rest], { stdio: ["inherit", "inherit", "inherit", "ipc"], cwd: root, env });
child.on("error", (error) => fail(`${child.spawnfile} cannot be run: ${error.message}`));
child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));

function end(signal) {
  ending = true;
  if (child === undefined) process.exit(128 + constants.signals[signal]);
  child.kill(signal);
}

/** A killed npm passes no signal on, but somebody else is our parent then. By hand we may well outlive our shell. */
function endWithNpm() {
  if (process.env.npm_lifecycle_event === undefined) return;
  const caller = callers();
  const look = setInterval(() => {
    if (callers() === caller) return;
    clearInterval(look);
    end("SIGTERM");
  }, PARENT_LOOK_MS);
  look.unref();
}

/** Our parent; and the parent of that when it is only the shell by which npm runs scripts (where /proc tells). */
function callers() {
  const parent = process.ppid;
  try {
    const [, name, above] = /^\d+ \((.*)\) \S (\d+)/.exec(readFileSync(`/proc/${parent}/stat`, "utf8"));
    return /^\w*sh$/.test(name) ? `${parent} of ${above}` : `${parent}`;
  } catch {
    return `${parent}`;
  }
}

/** The project's Node; where its install script was not allowed to fetch it, this one will do if it is new enough. */
function node() {
  const own = join(root, "node_modules", "node", "bin", process.platform === "win32" ? "node.exe" : "node");
  if (existsSync(own)) return own;
  if (Number.parseInt(process.versions.node, 10) >= OLDEST_NODE) return process.execPath;
  return fail(
    `Boxoffice needs Node ${OLDEST_NODE} or newer and this is ${process.versions.node}. The npm package "node" brings one ` +
      "by its install script, which has not run: install scripts are switched off here (npm's ignore-scripts?). " +
      "Either run `npm rebuild node --ignore-scripts=false`, or install a newer Node.",
  );
}

/** Links in `.bin` lead to scripts; Node wants the script itself. */
function tool(name) {
  const link = join(root, "node_modules", ".bin", name ?? "");
  if (name === undefined || !existsSync(link)) fail(`no such tool in node_modules: ${name}`);
  return realpathSync(link);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
