import { spawn } from "node:child_process";
import { once } from "node:events";
import { chown, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import { chooseAccount } from "../../src/embedded/account.ts";
import { findBinaries } from "../../src/embedded/binaries.ts";
import { clusterDirectory } from "../../src/embedded/cluster.ts";
import { hasSetpriv, launcher } from "../../src/embedded/launch.ts";
import { launchPostmaster } from "../../src/embedded/postmaster.ts";
import { isRunning, isServerOf } from "../../src/embedded/process-state.ts";
import { journal, kill, ownerProcess, privateDirectory, query, serverPid, started } from "./embedded.ts";

it("comes back on the same address when the server is killed under it", async () => {
  const dataDir = await privateDirectory();
  const log = journal();
  const { connectionString } = await started(dataDir, log);
  await query(connectionString, "create table kept as select 42 as answer");
  for (let round = 1; round <= 2; round++) {
    const killed = (await serverPid(dataDir)) as number;
    process.kill(killed, "SIGKILL");
    await vi.waitFor(
      async () => expect(await query(connectionString, "select answer from kept")).toEqual([{ answer: 42 }]),
      { timeout: 20_000, interval: 50 },
    );
    expect(await serverPid(dataDir)).not.toBe(killed);
  }
  expect(log.lines.filter((line) => line.includes("ended by itself (signal SIGKILL)"))).toHaveLength(2);
  expect(log.lines.filter((line) => line.includes("runs again"))).toHaveLength(2);
});

it("starts on what a killed process left, again and again", async () => {
  const dataDir = await privateDirectory();
  for (let round = 1; round <= 4; round++) {
    const owner = await ownerProcess(dataDir);
    const url = owner.said.connectionString as string;
    await query(
      url,
      "create table if not exists rounds (round int); insert into rounds select count(*) + 1 from rounds",
    );
    const server = (await serverPid(dataDir)) as number;
    // In turn: only Boxoffice; first the server; Boxoffice, and the server at the same moment.
    if (round === 2) process.kill(server, "SIGKILL");
    owner.process.kill("SIGKILL");
    if (round === 3) process.kill(server, "SIGKILL");
    await kill(owner.process);
  }
  const { connectionString } = await started(dataDir);
  expect(await query(connectionString, "select count(*)::int from rounds")).toEqual([{ count: 4 }]);
});

it("leaves no server running when its process is killed", async ({ skip }) => {
  if (!(await hasSetpriv())) skip("setpriv (util-linux) is not installed: the next start ends what a kill -9 leaves");
  const dataDir = await privateDirectory();
  const owner = await ownerProcess(dataDir);
  const server = (await serverPid(dataDir)) as number;
  await kill(owner.process);
  await vi.waitFor(async () => expect(await isRunning(server)).toBe(false), { timeout: 20_000 });
});

it("ends a server that runs without an owner, cleanly, and starts its own", async () => {
  const dataDir = await privateDirectory();
  const first = await started(dataDir);
  await query(first.connectionString, "create table kept as select 42 as answer");
  await first.stop();
  const binaries = await findBinaries();
  const clusterDir = clusterDirectory(dataDir);
  const log = journal();
  const launch = await launcher(await chooseAccount(clusterDir, log), binaries.postgres, dataDir);
  const port = Number(new URL(first.connectionString).port);
  const orphan = await launchPostmaster({ launch, postgres: binaries.postgres, clusterDir, port, log });
  onTestFinished(() => orphan.stop());

  const second = await started(dataDir, log);
  expect(await orphan.ended).toBe("exit code 0");
  expect(log.lines).toContain(
    `Ending the embedded Postgres that an earlier start left running (process ${orphan.pid})`,
  );
  expect(second.connectionString).toBe(first.connectionString);
  expect(await query(second.connectionString, "select answer from kept")).toEqual([{ answer: 42 }]);
});

it("is not held up by a postmaster.pid that names no server", async () => {
  const dataDir = await privateDirectory();
  await (await started(dataDir)).stop();
  const cluster = clusterDirectory(dataDir);
  const { uid, gid } = await stat(cluster);
  // Processes of the server's user: Postgres by itself would take them for the server and refuse to start.
  const options = { cwd: "/", stdio: "ignore", ...(process.getuid?.() === 0 ? { uid, gid } : {}) } as const;
  const bystander = spawn("sleep", ["600"], options);
  // The shell would take note of a child that ends before it is another program, which then never does.
  const parent = spawn("sh", ["-c", "sleep 1 & echo $!; exec sleep 600"], {
    ...options,
    stdio: ["ignore", "pipe", "ignore"],
  });
  onTestFinished(() => {
    bystander.kill();
    parent.kill();
  });
  const zombie = Number(((await once(parent.stdout as NonNullable<typeof parent.stdout>, "data")) as [Buffer])[0]);
  await vi.waitFor(async () => expect(await isRunning(zombie)).toBe(false), { timeout: 5_000 });
  expect(() => process.kill(zombie, 0), "a zombie has its number still").not.toThrow();

  for (const pid of [zombie, bystander.pid, "", "what?"]) {
    const path = join(cluster, "postmaster.pid");
    await writeFile(path, `${pid}\n${cluster}\n1\n1\n\n127.0.0.1\n\n`, { mode: 0o600 });
    await chown(path, uid, gid);
    const postgres = await started(dataDir);
    expect(await query(postgres.connectionString, "select 1 as one")).toEqual([{ one: 1 }]);
    await postgres.stop();
  }
  expect(bystander.exitCode, "nobody else's process is touched").toBeNull();
  expect(bystander.signalCode).toBeNull();
});

it("knows a server by its cluster", async () => {
  const dataDir = await privateDirectory();
  await started(dataDir);
  const pid = (await serverPid(dataDir)) as number;
  expect(await isServerOf(clusterDirectory(dataDir), pid)).toBe(true);
  expect(await isServerOf("/somewhere/else", pid)).toBe(false);
  expect(await isServerOf(clusterDirectory(dataDir), process.pid)).toBe(false);
  expect(await readFile(join(dataDir, "owner"), "utf8")).toBe(`${process.pid}\n`);
});
