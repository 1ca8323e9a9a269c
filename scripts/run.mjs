// Runs the project's code on the Node that the project brings along (npm package `node`), installing what is missing
// first, so that any Node from 20 on is enough to type `npm start` or `npm test` after cloning.
//
//   node scripts/run.mjs FILE.ts [args]       runs a TypeScript file
//   node scripts/run.mjs --bin NAME [args]    runs a tool from node_modules
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const installed = join(root, "node_modules", ".boxoffice-lock");
const lock = readFileSync(join(root, "package-lock.json"), "utf8");

if (!existsSync(installed) || readFileSync(installed, "utf8") !== lock) {
  console.log("Installing what is missing (once, about a minute)...");
  // Development dependencies too, whatever NODE_ENV says: one of them is the Node that runs everything.
  const install = spawnSync("npm", ["ci", "--include=dev", "--no-audit", "--no-fund"], {
    cwd: root,
    stdio: "inherit",
    shell: process.platform === "win32",
  });
  if (install.status !== 0) {
    console.error("npm ci failed: see above.");
    process.exit(install.status ?? 1);
  }
  writeFileSync(installed, lock);
}

const node = join(root, "node_modules", "node", "bin", process.platform === "win32" ? "node.exe" : "node");
const [first, ...rest] = process.argv.slice(2);
const bins = join(root, "node_modules", ".bin");
// `.bin` entries are links to scripts; Node wants the script itself.
const target = first === "--bin" ? realpathSync(join(bins, rest.shift())) : join(root, first);
// The channel tells the child when this wrapper is gone, however it went, so that nothing stays behind.
const child = spawn(node, [target, ...rest], { stdio: ["inherit", "inherit", "inherit", "ipc"], cwd: root });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 1)));
