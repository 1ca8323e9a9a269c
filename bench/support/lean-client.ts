import { connect, type Socket } from "node:net";
import type { HttpCall, HttpClient, HttpMethod, HttpReply } from "../../test/system/http-client.ts";

/** A request that waits for a connection, or for its answer. */
interface Wanted {
  readonly bytes: string;
  readonly patienceMs: number;
  readonly answered: (reply: HttpReply) => void;
  readonly failed: (error: Error) => void;
}

/** Served requests are taken out of the list of those that wait when there are so many. */
const TIDY_EVERY = 10_000;
const NO_LIMIT_MS = 2 ** 31 - 1;

/**
 * An HTTP/1.1 client of one server for a crowd: a fifth of the work of Node's own, so that the crowd leaves the processor to
 * what it looks at. Requests wait in order for one of so many connections. Of an answer's headers it keeps `Retry-After`.
 */
export function createLeanClient(port: number, connections: number, host = "127.0.0.1"): HttpClient {
  const free: Connection[] = [];
  const all = new Set<Connection>();
  let waiting: Wanted[] = [];
  let served = 0;

  const next = (): Wanted | undefined => {
    const wanted = waiting[served];
    if (wanted === undefined) return undefined;
    served += 1;
    if (served >= TIDY_EVERY) {
      waiting = waiting.slice(served);
      served = 0;
    }
    return wanted;
  };
  const open = (): Connection => {
    const connection: Connection = new Connection(port, host, {
      idle() {
        const wanted = next();
        if (wanted === undefined) free.push(connection);
        else connection.send(wanted);
      },
      ended() {
        all.delete(connection);
        const index = free.indexOf(connection);
        if (index >= 0) free.splice(index, 1);
        const wanted = next();
        if (wanted !== undefined) open().send(wanted);
      },
    });
    all.add(connection);
    return connection;
  };
  return {
    call: (method, path, call = {}) =>
      new Promise((answered, failed) => {
        const bytes = requestOf(`${host}:${port}`, method, path, call);
        const wanted: Wanted = { bytes, patienceMs: call.patienceMs ?? NO_LIMIT_MS, answered, failed };
        const connection = free.pop();
        if (connection !== undefined) connection.send(wanted);
        else if (all.size < connections) open().send(wanted);
        else waiting.push(wanted);
      }),
    close() {
      for (const connection of all) connection.destroy();
    },
  };
}

function requestOf(host: string, method: HttpMethod, path: string, call: HttpCall): string {
  const payload = call.body === undefined ? "" : JSON.stringify(call.body);
  let head = `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\n`;
  if (call.token !== undefined) head += `authorization: Bearer ${call.token}\r\n`;
  if (call.key !== undefined) head += `idempotency-key: ${call.key}\r\n`;
  for (const [name, value] of Object.entries(call.headers ?? {})) head += `${name}: ${value}\r\n`;
  if (call.body !== undefined) head += "content-type: application/json\r\n";
  if (call.body !== undefined || method === "POST") head += `content-length: ${Buffer.byteLength(payload)}\r\n`;
  return `${head}\r\n${payload}`;
}

interface Events {
  /** It may take another request. */
  readonly idle: () => void;
  readonly ended: () => void;
}

/** One request at a time. */
class Connection {
  readonly #socket: Socket;
  readonly #events: Events;
  #wanted: Wanted | null = null;
  #received: Buffer = EMPTY;

  constructor(port: number, host: string, events: Events) {
    this.#events = events;
    this.#socket = connect({ port, host, noDelay: true });
    this.#socket.on("data", (chunk: Buffer) => this.#receive(chunk));
    this.#socket.on("timeout", () => this.#socket.destroy(new Error("no answer in time")));
    this.#socket.on("error", (error) => this.#fail(error));
    this.#socket.on("close", () => {
      this.#fail(new Error("the connection broke"));
      events.ended();
    });
  }

  send(wanted: Wanted): void {
    this.#wanted = wanted;
    this.#socket.setTimeout(wanted.patienceMs === NO_LIMIT_MS ? 0 : wanted.patienceMs);
    this.#socket.write(wanted.bytes);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #fail(error: Error): void {
    const wanted = this.#wanted;
    this.#wanted = null;
    wanted?.failed(error);
  }

  #receive(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    const headEnd = this.#received.indexOf("\r\n\r\n");
    if (headEnd < 0) return;
    const head = this.#received.toString("latin1", 0, headEnd);
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
    if (/\r\ntransfer-encoding:/i.test(head)) {
      this.#socket.destroy(new Error("answers in chunks are not understood here"));
      return;
    }
    const end = headEnd + 4 + length;
    if (this.#received.length < end) return;
    const text = this.#received.toString("utf8", headEnd + 4, end);
    this.#received = EMPTY;
    const wanted = this.#wanted;
    this.#wanted = null;
    const retryAfter = /\r\nretry-after: *(\d+)/i.exec(head)?.[1];
    const headers = retryAfter === undefined ? {} : { "retry-after": retryAfter };
    wanted?.answered({ status: Number(head.slice(9, 12)), headers, body: text === "" ? null : JSON.parse(text) });
    if (/\r\nconnection: *close/i.test(head)) this.#socket.destroy();
    else this.#events.idle();
  }
}

const EMPTY: Buffer = Buffer.alloc(0);
