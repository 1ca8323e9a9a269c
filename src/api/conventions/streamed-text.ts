import { Readable } from "node:stream";
import type { FastifyRequest } from "fastify";

/** Only what this needs of a reply, so that it takes replies of every route's own type. */
interface HeaderReply {
  header(name: string, value: string): unknown;
}

/** Pieces of text that wait for a reader who is slow; then nothing more is read for him. */
const PIECES_AHEAD = 2;

/**
 * A file that is written while it is read: however long it is, only a few pieces are in memory. What can go wrong with the
 * first piece goes wrong before anything is sent; a later failure breaks the connection, so that nobody takes a part for
 * the whole.
 * @param file `name` without characters that would have to be quoted
 */
export async function streamedText(
  request: Pick<FastifyRequest, "method">,
  reply: HeaderReply,
  file: {
    readonly name: string;
    /** Its media type. */
    readonly type: string;
    /** Bytes are UTF-8. */
    readonly pieces: AsyncGenerator<string | Uint8Array, void, undefined>;
  },
): Promise<Readable> {
  const { name, type, pieces } = file;
  const first = await pieces.next();
  reply.header("content-type", type);
  reply.header("content-disposition", `attachment; filename="${name}"`);
  if (request.method === "HEAD") {
    await pieces.return();
    return Readable.from([]);
  }
  const whole = async function* () {
    try {
      if (first.done !== true) yield first.value;
      yield* pieces;
    } finally {
      await pieces.return(); // also when somebody leaves at the first piece
    }
  };
  return Readable.from(whole(), { objectMode: true, highWaterMark: PIECES_AHEAD });
}
