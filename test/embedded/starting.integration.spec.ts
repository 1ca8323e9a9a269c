import { chmod, cp, mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, it, vi } from "vitest";
import { chooseAccount } from "../../src/embedded/account.ts";
import { findBinaries } from "../../src/embedded/binaries.ts";
import { clusterDirectory, ensureCluster } from "../../src/embedded/cluster.ts";
import { launcher } from "../../src/embedded/launch.ts";
import { launchPostmaster } from "../../src/embedded/postmaster.ts";
import {
  asRoot,
  forkOwner,
  journal,
  kill,
  ownerProcess,
  privateDirectory,
  query,
  serverPid,
  started,
} from "./embedded.ts";

it("makes a database that is durable, in UTF-8 and sorts alike everywhere", async () => {
  const dataDir = await privateDirectory();
  const { connectionString } = await started(dataDir);
  const [settings] = await query(
    connectionString,
    `select current_database() as database, current_setting('fsync') as fsync,
       current_setting('synchronous_commit') as commit, current_setting('server_encoding') as encoding,
       array(select w from unnest(array['b', 'ä', 'a', 'B']) w order by w) as sorted, upper('ä') as upper`,
  );
  expect(settings).toEqual({
    database: "boxoffice",
    fsync: "on",
    commit: "on",
    encoding: "UTF8",
    sorted: ["B", "a", "b", "ä"],
    upper: "Ä",
  });
});

it("keeps its secrets to itself", async () => {
  const dataDir = await privateDirectory();
  const { connectionString } = await started(dataDir);
  for (const secret of ["database-url", "postgres-password"]) {
    expect((await stat(join(dataDir, secret))).mode & 0o777, secret).toBe(0o600);
  }
  const url = new URL(connectionString);
  url.password = "wrong";
  await expect(query(url.href, "select 1")).rejects.toThrow(/password authentication failed/);
});

it("starts again on the same data, port and password, in well under 5 s", async () => {
  const dataDir = await privateDirectory();
  const first = await started(dataDir);
  await query(first.connectionString, "create table kept as select 42 as answer");
  await first.stop();
  const from = performance.now();
  const second = await started(dataDir);
  expect(performance.now() - from).toBeLessThan(5_000);
  expect(second.connectionString).toBe(first.connectionString);
  expect(await query(second.connectionString, "select answer from kept")).toEqual([{ answer: 42 }]);
});

it("takes another port when the one of last time is taken", async () => {
  const dataDir = await privateDirectory();
  const first = await started(dataDir);
  await first.stop();
  const other = await started(await privateDirectory());
  const taken = new URL(other.connectionString).port;
  const url = new URL(first.connectionString);
  url.port = taken;
  await writeFile(join(dataDir, "database-url"), url.href);
  const second = await started(dataDir);
  expect(new URL(second.connectionString).port).not.toBe(taken);
});

it.runIf(asRoot)("under root, runs as another user, also where that user may not enter", async () => {
  const dataDir = await privateDirectory();
  expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
  await started(dataDir);
  const pid = await serverPid(dataDir);
  expect((await stat(`/proc/${pid}`)).uid).not.toBe(0);
});

it.runIf(asRoot).each([
  { who: "everybody", mode: 0o755 },
  { who: "root only", mode: 0o700 },
])("under root, runs binaries for $who in a directory closed to others", async ({ mode }) => {
  const home = await privateDirectory();
  const dataDir = join(home, "data");
  await mkdir(dataDir);
  const shipped = await findBinaries();
  const native = join(home, "native");
  await cp(dirname(dirname(shipped.postgres)), native, {
    recursive: true,
    verbatimSymlinks: true,
    mode: 0,
  });
  const binaries = {
    ...shipped,
    initdb: join(native, "bin", "initdb"),
    postgres: join(native, "bin", "postgres"),
  };
  await chmod(binaries.initdb, mode);
  await chmod(binaries.postgres, mode);
  const log = journal();
  const clusterDir = clusterDirectory(dataDir);
  const account = await chooseAccount(clusterDir, log);
  const launch = await launcher(account, binaries.postgres, dataDir);
  await ensureCluster({ dataDir, binaries, launch, account });
  const server = await launchPostmaster({ launch, postgres: binaries.postgres, clusterDir, port: 31_999, log });
  await server.stop();
  expect(await server.ended).toBe("exit code 0");
});

it("trusts no cluster that was left half made", async () => {
  const dataDir = await privateDirectory();
  const child = forkOwner(dataDir);
  await vi.waitFor(async () => expect((await readdir(dataDir)).join()).toMatch(/postgres\.new-/), {
    timeout: 20_000,
    interval: 5,
  });
  await kill(child);
  expect(await readdir(dataDir)).not.toContain("postgres");
  const { connectionString } = await started(dataDir);
  expect(await query(connectionString, "select 1 as one")).toEqual([{ one: 1 }]);
  expect((await readdir(dataDir)).join()).not.toMatch(/postgres\.new-/);
});

it("leaves no server behind when its process exits without stopping it", async () => {
  const dataDir = await privateDirectory();
  const owner = await ownerProcess(dataDir, "exit");
  expect(owner.said.connectionString).toBeDefined();
  await vi.waitFor(async () => expect(await serverPid(dataDir)).toBeUndefined(), { timeout: 20_000 });
});
