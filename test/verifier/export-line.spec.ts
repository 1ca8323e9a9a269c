import { describe, expect, it } from "vitest";
import { cloudEventLine } from "../../src/audit/export/cloud-event.ts";
import { eventHash as hashOfStore } from "../../src/eventstore/envelope.ts";
import { BadLine, exportedEvent } from "../../src/verifier/export-line.ts";
import { keptEvents, storedOf } from "../fixtures/kept-events.ts";

const kept = keptEvents().map((fixture) => storedOf(fixture.kept));

describe("a line of an export", () => {
  it("carries every event ever written byte for byte, under the hash that its chain has", () => {
    for (const stored of kept) {
      const { position, ...recorded } = stored;
      expect(exportedEvent(cloudEventLine(stored, false))).toMatchObject({
        recorded,
        position,
        hash: hashOfStore(stored),
      });
    }
  });

  it("is read where its envelope was written in another way", () => {
    for (const stored of kept) {
      const spaced = { ...stored, metadata: JSON.stringify(JSON.parse(stored.metadata), null, 1).replaceAll("\n", "") };
      expect(exportedEvent(cloudEventLine(spaced, false)).recorded.metadata).toBe(spaced.metadata);
    }
  });

  it("that says of an event what its record does not is none", () => {
    const [stored] = kept;
    if (stored === undefined) throw new Error("no fixture");
    const line = cloudEventLine(stored, false);
    for (const name of ["specversion", "schemaversion", "source", "datacontenttype"]) {
      expect(() => exportedEvent(JSON.stringify({ ...JSON.parse(line), [name]: "7" })), name).toThrow(BadLine);
    }
    expect(() => exportedEvent(JSON.stringify({ ...JSON.parse(line), more: "said" }))).toThrow(BadLine);
    expect(() => exportedEvent("{")).toThrow(BadLine);
  });
});
