import type { RecordedBytes } from "./event-hash.ts";

/** One event of an export. */
export interface ExportedEvent {
  readonly recorded: RecordedBytes;
  readonly position: bigint;
  /** What the line says that its hash is. */
  readonly hash: string;
  readonly previousHash: string | null;
}

/** A line that is none of an export, or says of an event what its record does not. */
export class BadLine extends Error {
  override readonly name = "BadLine";
}

/** An event's envelope in the order in which it is written; a member that is null is no attribute of the line. */
interface Metadata {
  readonly schemaVersion: number;
  readonly at: string;
  readonly actor: { readonly account: string; readonly role: string } | { readonly process: string };
  readonly commandId: string;
  readonly correlationId: string;
  readonly causationId: string | null;
  readonly requestId: string | null;
  readonly keyHash: string | null;
  readonly bodyHash: string | null;
  readonly previousHash: string | null;
}

type Said = Readonly<Record<string, unknown>>;

const TYPE = /^boxoffice\.(\w+)\.v(\d+)$/;
const WHOLE = /^\d{1,20}$/;

/**
 * Reads a line of an export: a CloudEvent 1.0 in JSON, whose `data` is what was recorded and whose attributes say all that
 * the metadata do. Where those were written in another way than today's, the line has their text as `metadata`.
 * @throws BadLine
 */
export function exportedEvent(line: string): ExportedEvent {
  const said = parsed(line);
  const [, type] = TYPE.exec(text(said, "type")) ?? [];
  const [position, revision] = [text(said, "position"), text(said, "revision")];
  if (type === undefined || !WHOLE.test(position) || !WHOLE.test(revision)) throw new BadLine("is no recorded event");
  const metadata = said.metadata === undefined ? metadataOf(said) : metadataIn(text(said, "metadata"));
  const recorded: RecordedBytes = {
    stream: text(said, "subject"),
    revision: Number(revision),
    id: text(said, "id"),
    type,
    metadata: said.metadata === undefined ? JSON.stringify(metadata) : text(said, "metadata"),
    data: JSON.stringify(said.data),
  };
  requireSame(said, attributesOf(recorded, metadata));
  return { recorded, position: BigInt(position), hash: text(said, "hash"), previousHash: metadata.previousHash };
}

/** The metadata that these attributes are of. */
function metadataOf(said: Said): Metadata {
  const orNull = (name: string) => (said[name] === undefined ? null : text(said, name));
  const actor = text(said, "actor");
  const { schemaversion } = said;
  if (typeof schemaversion !== "number") throw new BadLine("has no schemaversion");
  return {
    schemaVersion: schemaversion,
    at: text(said, "time"),
    actor: said.actorrole === undefined ? { process: actor } : { account: actor, role: text(said, "actorrole") },
    commandId: text(said, "commandid"),
    correlationId: text(said, "correlationid"),
    causationId: orNull("causationid"),
    requestId: orNull("requestid"),
    keyHash: orNull("keyhash"),
    bodyHash: orNull("bodyhash"),
    previousHash: orNull("previoushash"),
  };
}

/** What the line has to say of this record, but for what says itself: position, revision, hash, metadata and data. */
function attributesOf({ stream, id, type }: RecordedBytes, metadata: Metadata): Said {
  const { schemaVersion, actor } = metadata;
  return {
    specversion: "1.0",
    id,
    source: `/boxoffice/streams/${stream}`,
    type: `boxoffice.${type}.v${schemaVersion}`,
    subject: stream,
    time: metadata.at,
    datacontenttype: "application/json",
    schemaversion: schemaVersion,
    actor: "account" in actor ? actor.account : actor.process,
    actorrole: "account" in actor ? actor.role : undefined,
    commandid: metadata.commandId,
    correlationid: metadata.correlationId,
    causationid: metadata.causationId ?? undefined,
    requestid: metadata.requestId ?? undefined,
    keyhash: metadata.keyHash ?? undefined,
    bodyhash: metadata.bodyHash ?? undefined,
    previoushash: metadata.previousHash ?? undefined,
  };
}

const ITSELF = ["position", "revision", "hash", "metadata", "data"];

function requireSame(said: Said, expected: Said): void {
  for (const name of new Set([...Object.keys(expected), ...Object.keys(said)])) {
    if (ITSELF.includes(name) || said[name] === expected[name]) continue;
    throw new BadLine(`says another ${name} than its record has`);
  }
}

function parsed(line: string): Said {
  const said = jsonIn(line);
  if (typeof said !== "object" || said === null) throw new BadLine("is not JSON");
  return said as Said;
}

function metadataIn(text: string): Metadata {
  const metadata = jsonIn(text) as Metadata | null | undefined;
  if (typeof metadata?.actor !== "object" || metadata.actor === null) throw new BadLine("has metadata that are none");
  return metadata;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function text(said: Said, name: string): string {
  const value = said[name];
  if (typeof value !== "string") throw new BadLine(`has no ${name}`);
  return value;
}
