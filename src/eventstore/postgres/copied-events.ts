import { EventPage } from "../event-page.ts";

/** Signature, flags and the length of an extension that there is none of (COPY's binary format, Postgres's manual). */
const HEADER_BYTES = 19;
/** Position and the six parts of a record. */
const FIELDS = 7;
const POSITION_BYTES = 8;
const LINE_BREAK = 10;

/**
 * The events in what COPY sent in binary: position (`int8`), and the parts of a record as texts. What is not there whole
 * at the end is left out. Records are put together within the same bytes: each is shorter than the row that it was.
 */
export function pageInCopy(bytes: Buffer<ArrayBuffer>): EventPage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const count = wholeRows(view);
  const positions = new BigInt64Array(count);
  const bounds = new Uint32Array(FIELDS * count);
  let [at, bound, written] = [HEADER_BYTES, 0, 0];
  for (let row = 0; row < count; row += 1) {
    at += 2 + 4;
    positions[row] = view.getBigInt64(at);
    at += POSITION_BYTES;
    for (let field = 1; field < FIELDS; field += 1) {
      const length = view.getInt32(at);
      at += 4;
      bounds[bound++] = written;
      bytes.copyWithin(written, at, at + length);
      at += length;
      written += length;
      if (field < FIELDS - 1) bytes[written++] = LINE_BREAK;
    }
    bounds[bound++] = written;
  }
  return new EventPage(bytes, positions, bounds);
}

/** Up to the trailer, or to the one that was cut off. */
function wholeRows(view: DataView): number {
  let count = 0;
  for (let at = HEADER_BYTES; at + 2 <= view.byteLength && view.getInt16(at) === FIELDS; count += 1) {
    at += 2;
    for (let field = 0; field < FIELDS; field += 1) {
      if (at + 4 > view.byteLength) return count;
      at += 4 + view.getInt32(at);
    }
    if (at > view.byteLength) return count;
  }
  return count;
}
