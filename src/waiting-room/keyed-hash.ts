import { createHmac, hash } from "node:crypto";

/** HMAC-SHA256 of a message: 32 bytes. */
export type KeyedHash = (message: string | Buffer) => Buffer;

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 32;
/** Of a message that is hashed in place; UTF-8 takes up to three bytes for each character. */
const SHORT_BYTES = 192;
const BYTES_A_CHARACTER = 3;

/**
 * HMAC-SHA256 (RFC 2104) of many short messages under one key, out of two one-shot hashes: 1.3 µs each instead of the 3.3 µs
 * that `createHmac` takes, most of them to set up a context for every message (Node 26). Longer messages go that way.
 */
export function keyedHash(key: string | Buffer): KeyedHash {
  const inner = Buffer.alloc(BLOCK_BYTES + SHORT_BYTES);
  const outer = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES);
  const block = blockOf(key);
  for (let place = 0; place < BLOCK_BYTES; place += 1) {
    inner[place] = (block[place] as number) ^ 0x36;
    outer[place] = (block[place] as number) ^ 0x5c;
  }
  return (message) => {
    const isText = typeof message === "string";
    if (message.length * (isText ? BYTES_A_CHARACTER : 1) > SHORT_BYTES) {
      return createHmac("sha256", key).update(message).digest();
    }
    const length = isText ? inner.write(message, BLOCK_BYTES) : message.copy(inner, BLOCK_BYTES);
    // Bytes go around as Latin-1 text: a Buffer of its own for each digest costs as much as the hash.
    const digest = hash("sha256", inner.subarray(0, BLOCK_BYTES + length), "latin1");
    outer.write(digest, BLOCK_BYTES, "latin1");
    return Buffer.from(hash("sha256", outer, "latin1"), "latin1");
  };
}

/** The key filled up with zeros; one that is longer than a block counts by its hash. */
function blockOf(key: string | Buffer): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES);
  const bytes = typeof key === "string" ? Buffer.from(key) : key;
  (bytes.length > BLOCK_BYTES ? hash("sha256", bytes, "buffer") : bytes).copy(block);
  return block;
}
