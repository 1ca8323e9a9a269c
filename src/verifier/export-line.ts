import { eventHash, type RecordedBytes } from "./event-hash.ts";

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

const SOURCE = "/boxoffice/streams/";

/**
 * An event as a line of an export, without its end: a CloudEvents 1.0 envelope in JSON, whose extension attributes are the
 * envelope's and the chain's. Two of its members are what the hash is over, as they were stored: `metadata`, a text in a
 * string, and `data`, the rest of the line from behind `"data":` to its last brace.
 * @param data the stored text, unless another form of it was asked for, of which the hash then is not
 */
export function exportLine(recorded: RecordedBytes, position: bigint, data = recorded.data): string {
  const attributes = { ...attributesOf(recorded, position), hash: eventHash(recorded), metadata: recorded.metadata };
  return `${JSON.stringify(attributes).slice(0, -1)},"data":${data}}`;
}

interface Metadata {
  readonly schemaVersion: number;
  readonly at: string;
  readonly actor: { readonly account: string } | { readonly process: string };
  readonly commandId: string;
  readonly correlationId: string;
  readonly causationId: string | null;
  readonly previousHash: string | null;
}

/** Attributes of CloudEvents are texts, and those that say nothing are left out. */
function attributesOf({ stream, revision, id, type, metadata }: RecordedBytes, position: bigint) {
  const { schemaVersion, at, actor, ...envelope } = JSON.parse(metadata) as Metadata;
  return {
    specversion: "1.0",
    id,
    source: `${SOURCE}${stream}`,
    type: `boxoffice.${type}.v${schemaVersion}`,
    time: at,
    subject: stream,
    datacontenttype: "application/json",
    position: String(position),
    revision: String(revision),
    schemaversion: String(schemaVersion),
    actor: "account" in actor ? actor.account : actor.process,
    commandid: envelope.commandId,
    correlationid: envelope.correlationId,
    ...(envelope.causationId === null ? {} : { causationid: envelope.causationId }),
    ...(envelope.previousHash === null ? {} : { previoushash: envelope.previousHash }),
  };
}

const TYPE = /^boxoffice\.(\w+)\.v(\d+)$/;
const WHOLE = /^\d{1,20}$/;

/**
 * Reads a line of an export.
 * @throws BadLine
 */
export function exportedEvent(line: string): ExportedEvent {
  const said = parsed(line);
  const { id, subject, metadata, hash } = said;
  const [, type] = TYPE.exec(text(said, "type")) ?? [];
  const [position, revision] = [text(said, "position"), text(said, "revision")];
  if (type === undefined || !WHOLE.test(position) || !WHOLE.test(revision)) throw new BadLine("is no recorded event");
  const recorded: RecordedBytes = {
    stream: text(said, "subject"),
    revision: Number(revision),
    id: text(said, "id"),
    type,
    metadata: text(said, "metadata"),
    data: JSON.stringify(said.data),
  };
  const expected: Readonly<Record<string, unknown>> = {
    ...attributesFrom(recorded, BigInt(position)),
    hash,
    metadata,
    data: said.data,
  };
  for (const name of new Set([...Object.keys(expected), ...Object.keys(said)])) {
    if (expected[name] !== said[name]) throw new BadLine(`says another ${name} than its metadata: ${subject} ${id}`);
  }
  const { previoushash = null } = said as { previoushash?: string };
  return { recorded, position: BigInt(position), hash: text(said, "hash"), previousHash: previoushash };
}

function parsed(line: string): Readonly<Record<string, unknown>> {
  try {
    const said: unknown = JSON.parse(line);
    if (typeof said === "object" && said !== null) return said as Record<string, unknown>;
  } catch {
    // said below
  }
  throw new BadLine("is not JSON");
}

function attributesFrom(recorded: RecordedBytes, position: bigint) {
  try {
    return attributesOf(recorded, position);
  } catch {
    throw new BadLine("has metadata that are none");
  }
}

function text(said: Readonly<Record<string, unknown>>, name: string): string {
  const value = said[name];
  if (typeof value !== "string") throw new BadLine(`has no ${name}`);
  return value;
}
