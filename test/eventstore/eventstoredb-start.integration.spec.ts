import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openEventStoreDB } from "../../src/eventstore/eventstoredb/index.ts";
import type { EventStore, StoreUnavailable } from "../../src/eventstore/port.ts";
import { type StandIn, type StandInOptions, startStandIn } from "../support/eventstoredb/server.ts";
import { aStream, newEvents, readAll } from "./contract-support.ts";

/** What the operator reads when EventStoreDB can't be used, with certificates as `ops/cluster/certificates.sh` makes them. */
describe("eventstoredb at the start (stand-in)", () => {
  let folder: string;
  let ca: string;
  let localhost: NonNullable<StandInOptions["tls"]>;
  let elsewhere: NonNullable<StandInOptions["tls"]>;
  const closing: Array<() => Promise<void>> = [];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "boxoffice-certificates-"));
    const script = join(import.meta.dirname, "../../ops/cluster/certificates.sh");
    await promisify(execFile)("sh", [script, folder, "eventstore1"]);
    await promisify(execFile)("sh", [script, join(folder, "others"), "elsewhere"]);
    ca = join(folder, "ca/ca.crt");
    localhost = await pair("eventstore1");
    elsewhere = await pair("others/elsewhere");
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  const pair = async (node: string) => ({
    certificate: await readFile(join(folder, node, "node.crt")),
    key: await readFile(join(folder, node, "node.key")),
  });

  async function server(options: StandInOptions): Promise<StandIn> {
    const standIn = await startStandIn(options);
    closing.push(standIn.close);
    return standIn;
  }

  async function opened(connectionString: string): Promise<EventStore> {
    const store = await openEventStoreDB({ connectionString });
    closing.push(store.close);
    return store;
  }

  const said = (connectionString: string): Promise<string> =>
    openEventStoreDB({ connectionString }).then(
      async (store) => {
        await store.close();
        return "it can be used";
      },
      (error: StoreUnavailable) => {
        expect(error.name).toBe("StoreUnavailable");
        expect(error.message).not.toMatch(/\n|secret/);
        return error.message;
      },
    );

  it("TLS, a user and a password: appends and reads", async () => {
    const { port, faults } = await server({ tls: localhost });
    faults.user = "boxoffice:secret&";
    const store = await opened(`esdb://boxoffice:secret%26@localhost:${port}?tls=true&tlsCaFile=${ca}`);
    const [stream, events] = [aStream(), newEvents(2)];
    await store.append(stream, events, "no-stream");
    expect(await readAll(store, stream)).toMatchObject(events);
  });

  it("two nodes, each asked by itself for the reason", async () => {
    const [one, two] = [await server({ tls: localhost }), await server({ tls: elsewhere })];
    one.faults.user = two.faults.user = "boxoffice:secret";
    one.faults.electing = true;
    const message = await said(
      `esdb://boxoffice:other@localhost:${one.port},localhost:${two.port}?tls=true&tlsCaFile=${ca}&maxDiscoverAttempts=2`,
    );
    expect(message).toBe(
      `localhost:${one.port}: the user or the password is wrong; ` +
        `localhost:${two.port}: its certificate was not signed by a CA that is trusted here: see tlsCaFile`,
    );
  });

  it.each([
    ["boxoffice:wrong@", "the user or the password is wrong"],
    ["", "it wants a user and a password"],
  ])("credentials %j", async (user, reason) => {
    const { port, faults } = await server({ tls: localhost });
    faults.user = "boxoffice:secret";
    const message = await said(`esdb://${user}localhost:${port}?tls=true&tlsCaFile=${ca}`);
    expect(message).toBe(`localhost:${port}: ${reason}`);
  });

  it.each([
    ["no CA is named", () => "localhost", "?tls=true", "its certificate was not signed by a CA"],
    ["the CA's file is missing", () => "localhost", "?tls=true&tlsCaFile=/nowhere/ca.crt", "a file that"],
    ["it is named by address", () => "127.0.0.1", "", "with TLS the servers have to be named"],
    ["it is asked without TLS", () => "localhost", "?tls=false", "it does not answer without TLS: see tls=true"],
  ])("%s", async (_, host, settings, reason) => {
    const { port } = await server({ tls: localhost });
    const message = await said(`esdb://${host()}:${port}${settings || `?tls=true&tlsCaFile=${ca}`}`);
    expect(message).toContain(`${host()}:${port}: ${reason}`);
  });

  it("a server without TLS, asked with it", async () => {
    const { port } = await server({});
    expect(await said(`esdb://localhost:${port}?tls=true`)).toBe(
      `localhost:${port}: it does not speak TLS: see tls=false`,
    );
  });

  it.each([
    [
      "esdb://user:secret@localhost:1?tls=false&tlsVerifyCert=false",
      'it has a setting "tlsverifycert", which there is not',
    ],
    ["esdb://user:secret@localhost:1?insecure=true", 'it has a setting "insecure", which there is not'],
    ["esdb://user:secret@localhost:1?tls=maybe", "EVENTSTORE_URL can't be used: "],
    ["esdb://user:secret@?tls=false", "it has not the form esdb://"],
  ])("the connection string %s is refused without being shown", async (connectionString, reason) => {
    expect(await said(connectionString)).toContain(reason);
  });
});
