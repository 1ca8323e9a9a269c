import { describe, expect, it } from "vitest";
import { cloudEventLine } from "../../src/audit/export/cloud-event.ts";
import { sha256 } from "../../src/eventstore/envelope.ts";
import type { StoredEvent } from "../../src/eventstore/port.ts";
import { exportedEvent } from "../../src/verifier/export-line.ts";
import { keptEvents, storedOf } from "../fixtures/kept-events.ts";

type Line = Readonly<Record<string, string | number | undefined>> & { readonly data: unknown };

const fixtures = keptEvents().map(({ file, kept }) => ({
  file,
  kept,
  stored: { ...storedOf(kept), position: 4_711n },
}));
const parsed = (line: string): Line => JSON.parse(line) as Line;

/** What the stored metadata was, by the attributes alone. */
function metadataOf(line: Line): string {
  if (line.metadata !== undefined) return String(line.metadata);
  const { actor, actorrole: role } = line;
  return JSON.stringify({
    schemaVersion: line.schemaversion,
    at: line.time,
    actor: role === undefined ? { process: actor } : { account: actor, role },
    commandId: line.commandid,
    correlationId: line.correlationid,
    causationId: line.causationid ?? null,
    requestId: line.requestid ?? null,
    keyHash: line.keyhash ?? null,
    bodyHash: line.bodyhash ?? null,
    previousHash: line.previoushash ?? null,
  });
}

/** The hash of what a line says, put together from it alone. */
function hashOf(text: string): string {
  const line = parsed(text);
  const data = text.slice(text.indexOf(',"data":') + ',"data":'.length, -"}\n".length);
  const type = /^boxoffice\.(\w+)\.v\d+$/.exec(String(line.type))?.[1];
  return sha256([line.subject, line.revision, line.id, type, metadataOf(line), data].join("\n"));
}

describe("a record as a CloudEvent", () => {
  it.each(fixtures)("of $file has all that its hash covers", ({ kept, stored }) => {
    const text = cloudEventLine(stored, false);
    const line = parsed(text);
    expect(line).toMatchObject({
      specversion: "1.0",
      id: kept.id,
      source: `/boxoffice/streams/${kept.stream}`,
      type: `boxoffice.${kept.type}.v${kept.metadata.schemaVersion}`,
      subject: kept.stream,
      time: kept.metadata.at,
      datacontenttype: "application/json",
      position: "4711",
      revision: String(kept.revision),
      hash: kept.hash,
      data: kept.data,
    });
    expect(line.metadata).toBeUndefined();
    expect(hashOf(text)).toBe(kept.hash);
    expect(exportedEvent(text)).toMatchObject({ hash: kept.hash, recorded: { metadata: stored.metadata } });
  });

  it.each(fixtures)("of $file keeps to CloudEvents 1.0", ({ stored }) => {
    for (const [name, value] of Object.entries(parsed(cloudEventLine(stored, false)))) {
      expect(name).toMatch(/^[a-z0-9]{1,20}$/);
      if (name !== "data") expect(typeof value === "string" ? value !== "" : Number.isInteger(value), name).toBe(true);
    }
  });

  const { stored } = fixtures[0] as { readonly stored: StoredEvent };
  const envelope = JSON.parse(stored.metadata) as Record<string, unknown>;

  it.each([
    ["an id that has to be escaped", { ...envelope, requestId: 'a"b\\c,"data":' }],
    ["a member that this program does not know", { ...envelope, tenant: "x" }],
    ["members in another order", Object.fromEntries(Object.entries(envelope).reverse())],
  ])("with %s carries its envelope as it was written", (_, other) => {
    const odd = { ...stored, metadata: JSON.stringify(other) };
    const line = parsed(cloudEventLine(odd, false));
    expect(line.metadata).toBe(odd.metadata);
    expect(line).toMatchObject({
      id: stored.id,
      time: envelope.at,
      commandid: envelope.commandId,
      data: JSON.parse(stored.data),
    });
    const { data, type, revision, id, stream, metadata } = odd;
    expect(line.hash).toBe(sha256([stream, revision, id, type, metadata, data].join("\n")));
  });

  it("keeps the bytes of what was written, whatever is in it", () => {
    const data = '{"name":"Zoë \\"x\\" \\u0000","1":2,"n":1.50}';
    expect(cloudEventLine({ ...stored, data }, false).endsWith(`,"data":${data}}\n`)).toBe(true);
  });
});
