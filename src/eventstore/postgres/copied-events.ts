import { EventPage } from "../event-page.ts";
import type { Position } from "../port.ts";

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
export function pageInCopy(bytes: Buffer): EventPage {
  const positions: Position[] = [];
  const bounds: number[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let written = 0;
  for (let at = HEADER_BYTES; isWholeRow(view, at); ) {
    at += 2 + 4;
    positions.push(view.getBigInt64(at));
    at += POSITION_BYTES;
    for (let field = 1; field < FIELDS; field += 1) {
      const length = view.getInt32(at);
      at += 4;
      bounds.push(written);
      bytes.copyWithin(written, at, at + length);
      at += length;
      written += length;
      if (field === FIELDS - 1) bounds.push(written);
      else bytes[written++] = LINE_BREAK;
    }
  }
  return new EventPage(bytes, positions, bounds);
}

/** Not the trailer, and not cut off. */
function isWholeRow(view: DataView, row: number): boolean {
  let at = row + 2;
  if (at > view.byteLength || view.getInt16(row) !== FIELDS) return false;
  for (let field = 0; field < FIELDS; field += 1) {
    if (at + 4 > view.byteLength) return false;
    at += 4 + view.getInt32(at);
  }
  return at <= view.byteLength;
}
