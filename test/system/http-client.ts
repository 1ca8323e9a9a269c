import { Agent, request } from "node:http";

export interface HttpReply {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  /** The parsed JSON; null for an empty reply. */
  readonly body: unknown;
}

export interface HttpCall {
  readonly token?: string;
  /** The `Idempotency-Key`. */
  readonly key?: string;
  /** `Boxoffice-Min-Position`: what the answer has to rest on. */
  readonly minPosition?: string;
  /** `If-Match`. */
  readonly ifMatch?: string;
  /** Further headers. */
  readonly headers?: Readonly<Record<string, string>>;
  /** How long there may be nothing to hear of the other side, in milliseconds; for ever without it. */
  readonly patienceMs?: number;
  readonly body?: unknown;
}

export type HttpMethod = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** A client of one server over a bounded number of connections that are kept. */
export interface HttpClient {
  /** @throws Error the connection could not be made or broke before the reply was complete */
  call(method: HttpMethod, path: string, call?: HttpCall): Promise<HttpReply>;
  close(): void;
}

export const createHttpClient = (port: number, connections: number, host = "127.0.0.1"): HttpClient => {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  return {
    call: (method, path, call = {}) => send({ agent, host, port }, method, path, call),
    close: () => agent.destroy(),
  };
};

interface Way {
  readonly agent: Agent;
  readonly host: string;
  readonly port: number;
}

function send(way: Way, method: string, path: string, call: HttpCall): Promise<HttpReply> {
  const payload = call.body === undefined ? undefined : JSON.stringify(call.body);
  const headers: Record<string, string | number> = { ...call.headers };
  if (call.token !== undefined) headers.authorization = `Bearer ${call.token}`;
  if (call.key !== undefined) headers["idempotency-key"] = call.key;
  if (call.minPosition !== undefined) headers["boxoffice-min-position"] = call.minPosition;
  if (call.ifMatch !== undefined) headers["if-match"] = call.ifMatch;
  if (payload !== undefined) {
    headers["content-type"] = "application/json";
    headers["content-length"] = Buffer.byteLength(payload);
  }
  return new Promise((resolve, reject) => {
    const sent = request({ ...way, method, path, headers }, (reply) => {
      const chunks: Buffer[] = [];
      reply.on("data", (chunk: Buffer) => chunks.push(chunk));
      reply.on("error", reject);
      reply.on("end", () => {
        if (!reply.complete) return reject(new Error("the connection broke in the middle of a reply"));
        const text = Buffer.concat(chunks).toString("utf8");
        const body: unknown = text === "" ? null : JSON.parse(text);
        resolve({ status: reply.statusCode ?? 0, headers: reply.headers, body });
      });
    });
    sent.on("error", reject);
    if (call.patienceMs !== undefined) {
      const patience = setTimeout(() => sent.destroy(new Error("no answer in time")), call.patienceMs);
      sent.once("close", () => clearTimeout(patience));
    }
    sent.end(payload);
  });
}
