import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chown, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { freePort } from "../../src/embedded/free-port.ts";
import { freshDatabase } from "../support/postgres.ts";
import { ROOT } from "./child.ts";
import { createHttpClient } from "./http-client.ts";
import { JWT_SECRET } from "./product.ts";
import { becomes, buy } from "./purchasing.ts";
import { openSale } from "./shop.ts";

/** What a container does to a process, by the kernel's own means: everything is read-only but what is named. */
const SHUT_OFF = `
  mount --make-rprivate / &&
  mount --bind "$DATA_DIR" "$DATA_DIR" &&
  mount -t tmpfs -o nosuid,nodev tmpfs "$EMPTY_TMP" &&
  mount -o remount,ro,bind / &&
  ! touch "$ROOT_FOLDER/written" 2>/dev/null &&
  exec setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs "$@"`;

const works = (program: string, ...args: string[]) => spawnSync(program, args, { timeout: 10_000 }).status === 0;

it("starts and sells as nobody, without capabilities, on a file system that is read-only but for its data", {
  timeout: 150_000,
}, async ({ skip }) => {
  const canShutOff =
    process.getuid?.() === 0 &&
    works("unshare", "-m", "sh", "-c", "mount --make-rprivate / && mount -o remount,ro,bind /");
  skip(!canShutOff, "only root on Linux can take the file system away (unshare, mount, setpriv)");
  const database = await freshDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), "boxoffice-read-only-"));
  const emptyTmp = await mkdtemp(join(tmpdir(), "boxoffice-tmp-"));
  await chown(dataDir, 65_534, 65_534);
  const port = await freePort(undefined);
  const env = {
    PATH: process.env.PATH,
    HOST: "127.0.0.1",
    PORT: String(port),
    DATA_DIR: dataDir,
    EMPTY_TMP: emptyTmp,
    TMPDIR: emptyTmp,
    ROOT_FOLDER: ROOT,
    DATABASE_URL: database.url,
    JWT_SECRET,
    RATE_LIMIT_PER_MINUTE: "0",
    LOG_LEVEL: "warn",
  };
  const command = ["-m", "sh", "-c", SHUT_OFF, "sh", process.execPath, "src/main.ts"];
  const child = spawn("unshare", command, { cwd: ROOT, env, stdio: ["ignore", "pipe", "pipe", "ipc"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  }
  const ended = once(child, "exit");
  const client = createHttpClient(port, 8);
  try {
    const first = await Promise.race([once(child, "message"), ended]);
    expect(first[0], said).toBe("ready");
    const status = spawnSync("cat", [`/proc/${child.pid}/status`], { encoding: "utf8" }).stdout;
    expect(status).toMatch(/^Uid:\t65534\t65534/m);
    expect(status).toMatch(/^CapEff:\t0+$/m);
    expect(status).toMatch(/^CapBnd:\t0+$/m);
    expect(status).toMatch(/^NoNewPrivs:\t1$/m);
    const buyer = await buy(client, await openSale(client, 5), "sandbox-ok", 2);
    await becomes(client, buyer, "PAID", "SUCCEEDED");
    expect(said).not.toMatch(/EACCES|EROFS|EPERM/);
  } finally {
    client.close();
    child.kill("SIGTERM");
    await ended;
    await database.drop();
    await rm(dataDir, { recursive: true, force: true });
    await rm(emptyTmp, { recursive: true, force: true });
  }
});
