import type { Readable } from "node:stream";
import { setImmediate as otherWork } from "node:timers/promises";
import { stringify } from "csv-stringify/sync";
import type { FastifyRequest } from "fastify";
import Negotiator from "negotiator";
import { z } from "zod";
import { streamedText } from "./streamed-text.ts";

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

/**
 * A table as CSV (RFC 4180, UTF-8, a header line), as {@link streamedText}. A text that a spreadsheet would run as a
 * formula has an apostrophe before it.
 * @param fileName without characters that would have to be quoted
 */
export const csvReply = (
  request: Pick<FastifyRequest, "method">,
  reply: HeaderReply,
  table: {
    readonly fileName: string;
    readonly columns: readonly string[];
    readonly rows: AsyncIterable<readonly Cell[]>;
  },
): Promise<Readable> =>
  streamedText(request, reply, {
    name: table.fileName,
    type: `${CSV_TYPE}; charset=utf-8; header=present`,
    pieces: piecesOf(table.columns, table.rows),
  });

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
