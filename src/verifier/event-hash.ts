import { hash } from "node:crypto";

/** What is on record of one event: the texts as they were stored, byte for byte. */
export interface RecordedBytes {
  readonly stream: string;
  readonly revision: number;
  readonly id: string;
  readonly type: string;
  readonly metadata: string;
  readonly data: string;
}

/** SHA-256 in base64url. */
export const sha256 = (text: string): string => hash("sha256", text, "base64url");

/**
 * What an event is known by: SHA-256 over stream, revision, id, type, metadata and data, each on a line of its own. Its
 * metadata names the hash of the event before it in its stream (`previousHash`), so that each hash is one of all events of
 * the stream up to it.
 */
export const eventHash = ({ stream, revision, id, type, metadata, data }: RecordedBytes): string =>
  sha256(`${stream}\n${revision}\n${id}\n${type}\n${metadata}\n${data}`);
