import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { freePort } from "../../src/embedded/free-port.ts";
import { StartError } from "../../src/embedded/start-error.ts";
import { kill, ownerProcess, privateDirectory, query, serverPid, started } from "./embedded.ts";

const refusal = (dataDir: string) =>
  started(dataDir).then(
    () => "started",
    (error) => error,
  );

it("one of two starts at the same instant gets a new DATA_DIR, the other one clear line", async () => {
  const dataDir = await privateDirectory();
  const owners = await Promise.all([ownerProcess(dataDir), ownerProcess(dataDir)]);
  const winner = owners.find((owner) => owner.said.connectionString !== undefined);
  const loser = owners.find((owner) => owner.said.error !== undefined);
  expect(loser?.said.error).toBe(`DATA_DIR ${dataDir} is in use by another Boxoffice (process ${winner?.process.pid})`);
  expect(await query(winner?.said.connectionString as string, "select 1 as one")).toEqual([{ one: 1 }]);
});

it("refuses a DATA_DIR in use, and has it as soon as its owner is killed", async () => {
  const dataDir = await privateDirectory();
  const owner = await ownerProcess(dataDir);
  const server = await serverPid(dataDir);
  const error = await refusal(dataDir);
  expect(error).toBeInstanceOf(StartError);
  expect(error.message).toBe(`DATA_DIR ${dataDir} is in use by another Boxoffice (process ${owner.process.pid})`);
  expect(await serverPid(dataDir), "the owner's server is left alone").toBe(server);
  await kill(owner.process);
  await started(dataDir);
});

it("says in one line what is wrong with DATA_DIR", async () => {
  const home = await privateDirectory();
  const file = join(home, "file");
  await writeFile(file, "");
  for (const path of [file, join(file, "below")]) {
    const error = await refusal(path);
    expect(error).toBeInstanceOf(StartError);
    expect(error.message).toBe(`DATA_DIR ${path} is a file, or lies under one: it takes a directory`);
  }
  const closed = process.platform === "linux" ? "/sys/boxoffice" : "/boxoffice"; // closed to root too
  const error = await refusal(closed);
  expect(error).toBeInstanceOf(StartError);
  expect(error.message).toMatch(/^DATA_DIR \S+ (cannot be written by this user|is on a read-only file system)$/);
});

it("does not open data of another major version", async () => {
  const dataDir = await privateDirectory();
  await mkdir(join(dataDir, "postgres"));
  await writeFile(join(dataDir, "postgres", "PG_VERSION"), "16\n");
  await writeFile(join(dataDir, "postgres-password"), "secret\n");
  const error = await refusal(dataDir);
  expect(error).toBeInstanceOf(StartError);
  expect(error.message).toMatch(/was made by Postgres 16 and this is \d+: /);
});

it("names the password file when it is lost or wrong, and makes no other", async () => {
  const dataDir = await privateDirectory();
  await (await started(dataDir)).stop();
  const path = join(dataDir, "postgres-password");
  await writeFile(path, "another\n");
  expect((await refusal(dataDir)).message).toMatch(/postgres-password is not the one that .* was made with/);
  await rm(path);
  for (let again = 0; again < 2; again++) {
    expect((await refusal(dataDir)).message).toMatch(/postgres-password is missing/);
  }
});

it("prefers the port of last time and never takes one in use", async () => {
  const { connectionString } = await started(await privateDirectory());
  const taken = Number(new URL(connectionString).port);
  const other = await freePort(taken);
  expect(other).not.toBe(taken);
  expect(await freePort(other)).toBe(other);
});
