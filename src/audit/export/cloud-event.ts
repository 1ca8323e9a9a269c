import { type Envelope, eventHash } from "../../eventstore/envelope.ts";
import type { StoredEvent } from "../../eventstore/port.ts";
import { currentVersion, upcast } from "../../eventstore/schema-versions.ts";

/** What the parts of a CloudEvent are called by; a consumer takes the type of a record out of `type` by them. */
export const SOURCE_PREFIX = "/boxoffice/streams/";
export const TYPE_PREFIX = "boxoffice.";

/** As CloudEvents name a type of record in a version of its schema. */
export const cloudEventType = (type: string, version: number): string => `${TYPE_PREFIX}${type}.v${version}`;

const TEXT = '"([^"\\\\]*)"';
const TEXT_OR_NULL = '(null|"[^"\\\\]*")';

/**
 * An envelope as this program writes it. Its parts need no escape and stand in a fixed order, so that they can be taken
 * over as they are, and put together again byte for byte by whoever checks hashes.
 */
const AS_WRITTEN = new RegExp(
  `^\\{"schemaVersion":(\\d+),"at":${TEXT},"actor":\\{(?:"account":${TEXT},"role":${TEXT}|"process":${TEXT})\\},` +
    `"commandId":${TEXT},"correlationId":${TEXT},"causationId":${TEXT_OR_NULL},"requestId":${TEXT_OR_NULL},` +
    `"keyHash":${TEXT_OR_NULL},"bodyHash":${TEXT_OR_NULL},"previousHash":${TEXT_OR_NULL}\\}$`,
);

/**
 * A record as one CloudEvent (1.0, JSON format) on a line of its own. `data` comes last and is byte for byte as it was
 * written. What the hash covers beside it is told by the attributes; only where an envelope is not {@link AS_WRITTEN} its
 * text is added as `metadata`.
 * @param stored in texts, or in characters of a byte each: so is the line then, and the hash has to be told
 * @param upcasted `data` and `type` in today's version instead, which the hash does not cover
 */
export function cloudEventLine(stored: StoredEvent, upcasted: boolean, hash = eventHash(stored)): string {
  const parts = AS_WRITTEN.exec(stored.metadata);
  return parts === null ? lineOfParsed(stored, upcasted, hash) : lineOf(stored, parts, upcasted, hash);
}

function lineOf(stored: StoredEvent, parts: RegExpExecArray, upcasted: boolean, hash: string): string {
  const [, version = "1", at, account, role, process, commandId, correlationId] = parts;
  const [causationId, requestId, keyHash, bodyHash, previousHash] = parts.slice(8);
  return (
    beginning(stored, version, at as string, upcasted) +
    (account === undefined ? `,"actor":"${process}"` : `,"actor":"${account}","actorrole":"${role}"`) +
    `,"commandid":"${commandId}","correlationid":"${correlationId}"` +
    unlessNull("causationid", causationId) +
    unlessNull("requestid", requestId) +
    unlessNull("keyhash", keyHash) +
    unlessNull("bodyhash", bodyHash) +
    `,"hash":"${hash}"` +
    unlessNull("previoushash", previousHash) +
    dataOf(stored, Number(version), upcasted)
  );
}

const unlessNull = (name: string, json: string | undefined): string =>
  json === undefined || json === "null" ? "" : `,"${name}":${json}`;

function beginning(stored: StoredEvent, version: string, at: string, upcasted: boolean): string {
  const { id, stream, type, position, revision } = stored;
  const typeVersion = upcasted ? currentVersion(type) : version;
  return (
    `{"specversion":"1.0","id":"${id}","source":"${SOURCE_PREFIX}${stream}","type":"${TYPE_PREFIX}${type}.v${typeVersion}"` +
    `,"subject":"${stream}","time":"${at}","datacontenttype":"application/json"` +
    `,"position":"${position}","revision":"${revision}","schemaversion":${version}`
  );
}

/** Rarely: written by other code, or with what has to be escaped, such as an id that a client gave its request. */
function lineOfParsed(stored: StoredEvent, upcasted: boolean, hash: string): string {
  const { schemaVersion, at, actor, metadata, ...ids } = { ...(JSON.parse(stored.metadata) as Envelope), ...stored };
  const attributes = {
    ...("process" in actor ? { actor: actor.process } : { actor: actor.account, actorrole: actor.role }),
    commandid: ids.commandId,
    correlationid: ids.correlationId,
    causationid: ids.causationId ?? undefined,
    requestid: ids.requestId ?? undefined,
    keyhash: ids.keyHash ?? undefined,
    bodyhash: ids.bodyHash ?? undefined,
    hash,
    previoushash: ids.previousHash ?? undefined,
    metadata,
  };
  const text = JSON.stringify(attributes).slice(1, -1);
  return `${beginning(stored, String(schemaVersion), at, upcasted)},${text}${dataOf(stored, schemaVersion, upcasted)}`;
}

function dataOf({ type, data }: StoredEvent, version: number, upcasted: boolean): string {
  const isOld = upcasted && version < currentVersion(type);
  return `,"data":${isOld ? JSON.stringify(upcast(type, version, JSON.parse(data))) : data}}\n`;
}
