import { type ServerResponse, STATUS_CODES, validateHeaderName, validateHeaderValue } from "node:http";
import type { Socket } from "node:net";
import type { Writable } from "node:stream";

/** The parser that Node keeps with each connection for its next request. Nothing documents it; so it may be missing. */
interface RequestParser {
  _consumed: boolean;
  unconsume(): void;
  remove(): void;
  close(): void;
}

type ParsedSocket = Socket & { parser?: Partial<RequestParser> | null };

/** What Node's HTTP server listens to on a connection. */
const OF_HTTP = ["data", "end", "close", "drain", "error", "timeout", "pause", "resume"];

/**
 * Writes the head of a reply that ends with its connection, and takes the connection out of HTTP's hands as Node does
 * itself for an upgrade: no request will follow. A listener then costs 5 KiB in place of 16, most of which is Node's parser
 * (6 KiB) and what is left of request and reply. Where Node has it otherwise than expected, the reply goes on as usual.
 * @param headers names and values by turns
 */
export function leaveHttp(response: ServerResponse, status: number, headers: readonly string[]): Writable {
  const socket = response.socket as ParsedSocket | null;
  const parser = socket?.parser;
  if (socket === null || !isExpected(parser)) {
    response.writeHead(status, [...headers]);
    return response;
  }
  socket.write(headOf(status, headers));
  response.detachSocket(socket);
  for (const event of OF_HTTP) socket.removeAllListeners(event);
  socket.on("error", ignored); // a connection that breaks is closed, too
  socket.on("end", () => socket.destroy()); // who says no more has gone
  socket.on("finish", () => socket.destroy());
  socket.setTimeout(0);
  setImmediate(() => letGo(socket, parser)); // not while it parses what we answer
  return socket;
}

function letGo(socket: ParsedSocket, parser: RequestParser): void {
  if (socket.destroyed) return;
  if (parser._consumed) parser.unconsume();
  parser._consumed = false;
  parser.remove();
  parser.close();
  socket.parser = null;
  socket.resume(); // what comes is thrown away
}

function isExpected(parser: Partial<RequestParser> | null | undefined): parser is RequestParser {
  const { unconsume, remove, close } = parser ?? {};
  return [unconsume, remove, close].every((method) => typeof method === "function");
}

function headOf(status: number, headers: readonly string[]): string {
  let head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ndate: ${new Date().toUTCString()}\r\n`;
  for (let index = 0; index < headers.length; index += 2) {
    const [name = "", value = ""] = headers.slice(index, index + 2);
    validateHeaderName(name);
    validateHeaderValue(name, value);
    head += `${name}: ${value}\r\n`;
  }
  return `${head}\r\n`;
}

const ignored = (): void => undefined;
