import { describe, expect, it } from "vitest";
import { eventHash as hashOfStore } from "../../src/eventstore/envelope.ts";
import { BadLine, exportedEvent, exportLine } from "../../src/verifier/export-line.ts";
import { keptEvents, storedOf } from "../fixtures/kept-events.ts";

const kept = keptEvents().map((fixture) => storedOf(fixture.kept));

describe("a line of an export", () => {
  it("carries every event ever written byte for byte, under the hash that its chain has", () => {
    for (const stored of kept) {
      const { position, ...recorded } = stored;
      expect(exportedEvent(exportLine(recorded, position))).toMatchObject({
        recorded,
        position,
        hash: hashOfStore(stored),
      });
    }
  });

  it("is a CloudEvent 1.0 whose attributes are texts", () => {
    const [stored] = kept.filter(({ type }) => type === "TicketsReserved");
    if (stored === undefined) throw new Error("no such fixture");
    const { data, ...attributes } = JSON.parse(exportLine(stored, 4711n));
    expect(data).toEqual(JSON.parse(stored.data));
    expect(attributes).toMatchObject({
      specversion: "1.0",
      id: stored.id,
      source: `/boxoffice/streams/${stored.stream}`,
      subject: stored.stream,
      type: "boxoffice.TicketsReserved.v1",
      position: "4711",
      revision: "2",
      actor: "019f0000-0000-7000-8000-000000000003",
    });
    for (const [name, value] of Object.entries(attributes)) {
      expect([typeof value, /^[a-z0-9]+$/.test(name)], name).toEqual(["string", true]);
    }
  });

  it("that says of an event what its record does not is none", () => {
    const [stored] = kept;
    if (stored === undefined) throw new Error("no fixture");
    const line = exportLine(stored, 1n);
    for (const name of ["actor", "time", "commandid", "schemaversion", "source", "previoushash"]) {
      expect(() => exportedEvent(JSON.stringify({ ...JSON.parse(line), [name]: "7" })), name).toThrow(BadLine);
    }
    expect(() => exportedEvent(JSON.stringify({ ...JSON.parse(line), more: "said" }))).toThrow(BadLine);
    expect(() => exportedEvent("{")).toThrow(BadLine);
  });
});
