/**
 * Parameters of array types in Postgres's binary format. Unlike the text format, which `pg` makes by itself, nothing has
 * to be escaped or parsed: with JSON, full of quotes, that is most of the cost of a commit outside the disk
 * (`docs/decisions/postgres-event-order.md`).
 */

const OID = { bigint: 20, integer: 23, text: 25, json: 114, uuid: 2950 } as const;

/** Element count, null flag, type, then the one dimension and its lower bound: five 32-bit integers. */
const HEADER_BYTES = 20;

/** Elements of UTF-8 text; `byteLength` is the sum of their lengths in bytes. */
export function textArray(type: "text" | "json", elements: readonly string[], byteLength: number): Buffer {
  const buffer = Buffer.allocUnsafe(HEADER_BYTES + elements.length * 4 + byteLength);
  let offset = writeHeader(buffer, OID[type], elements.length);
  for (const element of elements) {
    const length = buffer.write(element, offset + 4, "utf8");
    buffer.writeInt32BE(length, offset);
    offset += 4 + length;
  }
  return buffer;
}

export function uuidArray(elements: readonly string[]): Buffer {
  const buffer = Buffer.allocUnsafe(HEADER_BYTES + elements.length * 20);
  let offset = writeHeader(buffer, OID.uuid, elements.length);
  for (const element of elements) {
    buffer.writeInt32BE(16, offset);
    buffer.write(element.replaceAll("-", ""), offset + 4, "hex");
    offset += 20;
  }
  return buffer;
}

export function integerArray(elements: readonly number[]): Buffer {
  const buffer = Buffer.allocUnsafe(HEADER_BYTES + elements.length * 8);
  let offset = writeHeader(buffer, OID.integer, elements.length);
  for (const element of elements) {
    buffer.writeInt32BE(4, offset);
    offset = buffer.writeInt32BE(element, offset + 4);
  }
  return buffer;
}

export function bigintArray(elements: readonly number[]): Buffer {
  const buffer = Buffer.allocUnsafe(HEADER_BYTES + elements.length * 12);
  let offset = writeHeader(buffer, OID.bigint, elements.length);
  for (const element of elements) {
    buffer.writeInt32BE(8, offset);
    offset = buffer.writeBigInt64BE(BigInt(element), offset + 4);
  }
  return buffer;
}

function writeHeader(buffer: Buffer, type: number, count: number): number {
  buffer.writeInt32BE(1, 0);
  buffer.writeInt32BE(0, 4);
  buffer.writeInt32BE(type, 8);
  buffer.writeInt32BE(count, 12);
  return buffer.writeInt32BE(1, 16);
}
