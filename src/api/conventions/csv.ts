import { Readable } from "node:stream";
import { setImmediate as otherWork } from "node:timers/promises";
import { stringify } from "csv-stringify/sync";
import type { FastifyRequest } from "fastify";
import Negotiator from "negotiator";
import { z } from "zod";

const JSON_TYPE = "application/json";
const CSV_TYPE = "text/csv";

/** Whether `Accept` asks for CSV rather than for JSON. What asks for neither gets JSON, as everywhere else. */
export const prefersCsv = ({ headers }: Pick<FastifyRequest, "headers">): boolean =>
  new Negotiator({ headers }).mediaType([JSON_TYPE, CSV_TYPE, `${CSV_TYPE};charset=utf-8`])?.startsWith(CSV_TYPE) ===
  true;

/** For `schema.response[200]` of a route that has both. */
export const jsonOrCsv = <Json extends z.ZodType>(json: Json, csv: { readonly example: string }) => ({
  description: "As JSON, or as CSV where `Accept` prefers `text/csv`",
  content: {
    [JSON_TYPE]: { schema: json },
    // What goes out is text; what a handler gives for it is a stream, which no serializer looks at.
    [CSV_TYPE]: { schema: z.string().meta({ examples: [csv.example] }) as unknown as z.ZodType<Readable> },
  },
});

/** What a cell takes; null is an empty one. */
export type Cell = string | number | null;

/** Only what this needs of a reply, so that it takes replies of every route's own type. */
interface HeaderReply {
  header(name: string, value: string): unknown;
  getHeader(name: string): number | string | string[] | undefined;
}

/** As many are put into text at once: below a millisecond or two. */
const ROWS_AT_ONCE = 250;
/** Pieces of text that wait for a reader who is slow; then nothing more is read for him. */
const PIECES_AHEAD = 2;

/**
 * A table as CSV (RFC 4180, UTF-8, a header line), written while it is read: however long it is, only a few hundred rows
 * are in memory. A text that a spreadsheet would run as a formula has an apostrophe before it. What can go wrong with the
 * first rows goes wrong before anything is sent; a later failure breaks the connection, so that nobody takes half a table
 * for a whole one.
 * @param fileName without characters that would have to be quoted
 */
export async function csvReply(
  request: Pick<FastifyRequest, "method">,
  reply: HeaderReply,
  table: {
    readonly fileName: string;
    readonly columns: readonly string[];
    readonly rows: AsyncIterable<readonly Cell[]>;
  },
): Promise<Readable> {
  const pieces = piecesOf(table.columns, table.rows);
  const first = await pieces.next();
  reply.header("content-type", `${CSV_TYPE}; charset=utf-8; header=present`);
  reply.header("content-disposition", `attachment; filename="${table.fileName}"`);
  if (request.method === "HEAD") {
    await pieces.return();
    return Readable.from([]);
  }
  const whole = async function* () {
    if (first.done !== true) yield first.value;
    yield* pieces;
  };
  return Readable.from(whole(), { objectMode: true, highWaterMark: PIECES_AHEAD });
}

/** Says that the answer depends on `Accept`, to caches; beside what it depends on already. */
export function varyByAccept(reply: HeaderReply): void {
  const known = reply.getHeader("vary");
  reply.header("vary", known === undefined ? "Accept" : `${String(known)}, Accept`);
}

async function* piecesOf(
  columns: readonly string[],
  rows: AsyncIterable<readonly Cell[]>,
): AsyncGenerator<string, void, undefined> {
  let waiting: (readonly Cell[])[] = [columns];
  for await (const row of rows) {
    waiting.push(row);
    if (waiting.length < ROWS_AT_ONCE) continue;
    yield textOf(waiting);
    waiting = [];
    await otherWork();
  }
  if (waiting.length > 0) yield textOf(waiting);
}

const textOf = (rows: readonly (readonly Cell[])[]): string =>
  stringify(rows as Cell[][], { escape_formulas: true, record_delimiter: "windows" });
