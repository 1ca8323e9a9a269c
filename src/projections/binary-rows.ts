/** What opens a binary COPY: the signature, no flags, no extension. */
const HEADER = Buffer.from("PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0", "latin1");
const TRAILER_BYTES = 2;
const UUID_BYTES = 16;
/** Digits of a numeric are numbers of four digits. */
const NUMERIC_BASE = 10_000n;
const POSTGRES_EPOCH_MS = Date.UTC(2000, 0, 1);

/** A UUID as Postgres keeps it. @throws RangeError it is none */
export function uuidBytes(uuid: string): Buffer {
  const bytes = Buffer.from(uuid.replaceAll("-", ""), "hex");
  if (bytes.length !== UUID_BYTES) throw new RangeError(`not a UUID: ${uuid}`);
  return bytes;
}

/**
 * Rows in the format of `COPY ... WITH (FORMAT BINARY)`: nothing has to be quoted here or parsed there. Columns are
 * written in the order of the table's, each with the method of its type.
 */
export class BinaryRows {
  #buffer: Buffer;
  #end: number;

  /** @param sizeHint bytes; it grows when there are more */
  constructor(sizeHint: number) {
    this.#buffer = Buffer.allocUnsafe(HEADER.length + sizeHint + TRAILER_BYTES);
    this.#end = HEADER.copy(this.#buffer);
  }

  /** Begins a row. */
  row(columns: number): this {
    this.#reserve(2);
    this.#end = this.#buffer.writeInt16BE(columns, this.#end);
    return this;
  }

  null(): this {
    this.#field(0);
    this.#buffer.writeInt32BE(-1, this.#end - 4);
    return this;
  }

  /** @param bytes as of {@link uuidBytes} */
  uuid(bytes: Buffer): this {
    this.#field(UUID_BYTES);
    this.#end += bytes.copy(this.#buffer, this.#end);
    return this;
  }

  integer(value: number): this {
    this.#field(4);
    this.#end = this.#buffer.writeInt32BE(value, this.#end);
    return this;
  }

  /** @param value a safe integer */
  bigint(value: number): this {
    this.#field(8);
    this.#end = this.#buffer.writeInt32BE(Math.floor(value / 2 ** 32), this.#end);
    this.#end = this.#buffer.writeUInt32BE(value >>> 0, this.#end);
    return this;
  }

  /** @param bytes the eight of a bigint */
  bigintBytes(bytes: Buffer): this {
    this.#field(8);
    this.#end += bytes.copy(this.#buffer, this.#end, 0, 8);
    return this;
  }

  /** @param epochMs milliseconds since 1970 */
  timestamp(epochMs: number): this {
    return this.bigint((epochMs - POSTGRES_EPOCH_MS) * 1_000);
  }

  boolean(value: boolean): this {
    this.#field(1);
    this.#end = this.#buffer.writeInt8(value ? 1 : 0, this.#end);
    return this;
  }

  text(value: string): this {
    const bytes = Buffer.byteLength(value);
    this.#field(bytes);
    this.#end += this.#buffer.write(value, this.#end);
    return this;
  }

  /** @param json what Postgres takes as JSON */
  jsonb(json: string): this {
    const bytes = 1 + Buffer.byteLength(json);
    this.#field(bytes);
    this.#end = this.#buffer.writeInt8(1, this.#end); // the version of the format
    this.#end += this.#buffer.write(json, this.#end);
    return this;
  }

  /** @param value a whole number that is not negative */
  numeric(value: bigint): this {
    const digits: number[] = [];
    for (let rest = value; rest > 0n; rest /= NUMERIC_BASE) digits.unshift(Number(rest % NUMERIC_BASE));
    this.#field(8 + 2 * digits.length);
    for (const part of [digits.length, Math.max(0, digits.length - 1), 0, 0, ...digits]) {
      this.#end = this.#buffer.writeInt16BE(part, this.#end);
    }
    return this;
  }

  /** All that was written, ready to be sent; nothing may be added afterwards. */
  finish(): Buffer {
    this.#end = this.#buffer.writeInt16BE(-1, this.#end);
    return this.#buffer.subarray(0, this.#end);
  }

  #field(bytes: number): void {
    this.#reserve(4 + bytes);
    this.#end = this.#buffer.writeInt32BE(bytes, this.#end);
  }

  #reserve(bytes: number): void {
    const needed = this.#end + bytes + TRAILER_BYTES;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#buffer.length));
    this.#buffer.copy(larger, 0, 0, this.#end);
    this.#buffer = larger;
  }
}
