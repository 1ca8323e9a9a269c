import { Readable } from "node:stream";
import { setImmediate as arrivals } from "node:timers/promises";
import type { ReadResp } from "@eventstore/db-client/generated/streams_pb.js";
import { describe, expect, it } from "vitest";
import { feed } from "../../src/eventstore/eventstoredb/feed.ts";
import type { ReadStream } from "../../src/eventstore/eventstoredb/transport.ts";
import { StoreUnavailable } from "../../src/eventstore/port.ts";
import {
  caughtUpMessage,
  checkpointMessage,
  confirmationMessage,
  eventMessage,
} from "../support/eventstoredb/messages.ts";
import { newEvent } from "./contract-support.ts";

describe("what a subscription takes from EventStoreDB and hands on", () => {
  it("takes no more than two batches ahead of the consumer", async () => {
    const { stream, sent } = serverSending(() => event(sent() + 1));
    const arriving = feed(stream, null, 10);
    for (let turn = 0; turn < 50; turn++) await arrivals();
    const ahead = 2 * 10 + stream.readableHighWaterMark + 1;
    expect(sent()).toBeLessThanOrEqual(ahead);
    for (let batch = 1; batch <= 20; batch++) expect((await arriving.next())?.events).toHaveLength(10);
    expect(sent()).toBeLessThanOrEqual(200 + ahead);
  });

  it("takes no more than 16 MiB ahead", async () => {
    const megabyte = "x".repeat(1024 * 1024);
    const { stream, sent } = serverSending(() => event(sent() + 1, megabyte));
    feed(stream, null, 1000);
    for (let turn = 0; turn < 50; turn++) await arrivals();
    expect(sent()).toBeLessThanOrEqual(16 + stream.readableHighWaterMark + 1);
  });

  it("hands on no more than 8 MiB at a time, and the checkpoint with the last of it", async () => {
    const megabyte = "x".repeat(1024 * 1024);
    const arriving = fed([1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((position) => event(position, megabyte)));
    for (let turn = 0; turn < 50; turn++) await arrivals();
    expect(await arriving.next()).toMatchObject({ checkpoint: 8n, events: Array(8).fill({}) });
    expect(await arriving.next()).toMatchObject({ checkpoint: 10n, events: Array(2).fill({}) });
  });

  it("counts a server's checkpoint once the next one is past it, and never ahead of events", async () => {
    const arriving = fed([confirmationMessage("s"), event(5), checkpointMessage(9n), caughtUpMessage()]);
    expect(await arriving.next()).toMatchObject({ checkpoint: 5n, events: [{ position: 5n }] });
    const passing = fed([event(5), checkpointMessage(9n), checkpointMessage(9n), checkpointMessage(20n)]);
    expect((await passing.next())?.checkpoint).toBe(9n);
    const split = fed([event(5), event(6), checkpointMessage(9n), checkpointMessage(20n)], 1);
    const checkpoints = [await split.next(), await split.next(), await split.next()].map((batch) => batch?.checkpoint);
    expect(checkpoints).toEqual([5n, 6n, 9n]);
  });

  it("hands on what arrived before the connection was lost, then the error", async () => {
    const arriving = fed([event(1), event(2), event(3), new Error("gone")], 2);
    expect((await arriving.next())?.events).toHaveLength(2);
    expect((await arriving.next())?.events).toHaveLength(1);
    await expect(arriving.next()).rejects.toThrow(StoreUnavailable);
    await expect(arriving.next()).rejects.toThrow("gone");
  });

  it("ends with an error when the server ends it", async () => {
    const arriving = fed([event(1), null]);
    expect((await arriving.next())?.events).toHaveLength(1);
    await expect(arriving.next()).rejects.toThrow(StoreUnavailable);
  });

  it("ends with an error rather than deliver an event twice or out of order", async () => {
    for (const back of [4, 5]) {
      const arriving = fed([event(5), event(back), event(6)]);
      expect((await arriving.next())?.events).toHaveLength(1);
      await expect(arriving.next()).rejects.toThrow("went back");
    }
  });

  it("delivers nothing more once it was stopped", async () => {
    const arriving = fed([event(1)]);
    arriving.stop();
    expect(await arriving.next()).toBeNull();
  });
});

const event = (position: number, data = "{}"): ReadResp => {
  const bytes = { data: Buffer.from(data), metadata: Buffer.from("{}"), contentType: "application/json" };
  return eventMessage({ ...newEvent(), ...bytes, stream: "spec-1", revision: 0, position: BigInt(position) });
};

/** A subscription on which these messages arrive, then an error or the end where one is given. */
function fed(messages: ReadonlyArray<ReadResp | Error | null>, maxBatch = 100): ReturnType<typeof feed> {
  const left = [...messages];
  const stream = new Readable({
    objectMode: true,
    read() {
      const next = left.shift();
      if (next instanceof Error) setImmediate(() => this.emit("error", next));
      else if (next !== undefined) this.push(next);
    },
  });
  return feed(stream as ReadStream, null, maxBatch);
}

/** A server that always has more. */
function serverSending(next: () => ReadResp): { stream: ReadStream; sent: () => number } {
  let count = 0;
  const stream = new Readable({
    objectMode: true,
    read() {
      this.push(next());
      count += 1;
    },
  });
  return { stream: stream as ReadStream, sent: () => count };
}
