import { Readable } from "node:stream";
import type { ReadResp } from "@eventstore/db-client/generated/streams_pb.js";
import { describe, expect, it } from "vitest";
import { reader } from "../../src/eventstore/eventstoredb/reading.ts";
import { sentBefore } from "../../src/eventstore/eventstoredb/sent-before.ts";
import type { ReadStream, Transport } from "../../src/eventstore/eventstoredb/transport.ts";
import { eventMessage } from "../support/eventstoredb/messages.ts";
import { newEvent } from "./contract-support.ts";

describe("what a read takes from EventStoreDB", () => {
  it("a server that gives no positions in reads of a stream is too old, and told so", async () => {
    const { read } = server([event(2n ** 64n - 1n, 0)]);
    await expect(read("spec-1", { from: "start", direction: "forwards", maxCount: 10 })).rejects.toThrow(
      "EventStoreDB gives no positions in reads of a stream: a server of version 24.6 is needed",
    );
  });
});

describe("a read of large events", () => {
  it("is ended when there are enough bytes for a page, whatever the server goes on sending", async () => {
    const large = Array.from({ length: 64 }, (_, index) => event(BigInt(index), index, "x".repeat(1024 * 1024)));
    const { read, ended } = server(large);
    const page = await read("spec-1", { from: "start", direction: "forwards", maxCount: 4096 });
    expect(page.map(({ revision }) => revision)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(ended()).toBe(true);
  });
});

/** Reads that are answered with these messages, whatever is asked for. */
function server(messages: readonly ReadResp[]) {
  let ended = false;
  const transport = {
    read: async () => {
      const stream = Readable.from(messages);
      const cancel = (): void => {
        ended = true;
        stream.destroy(new Error("cancelled"));
      };
      return Object.assign(stream, { cancel }) as unknown as ReadStream;
    },
  };
  return { read: reader(transport as unknown as Transport, sentBefore()), ended: () => ended };
}

function event(position: bigint, revision: number, data = "{}"): ReadResp {
  const bytes = { data: Buffer.from(data), metadata: Buffer.from("{}"), contentType: "application/json" };
  return eventMessage({ ...newEvent(), ...bytes, stream: "spec-1", revision, position });
}
