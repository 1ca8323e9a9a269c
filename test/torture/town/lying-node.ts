// Loaded ahead of a node that is to be caught: every few reservations it says that one was made, in the words in which it
// said so the last time, and has done nothing at all.
import { type IncomingMessage, Server, type ServerResponse } from "node:http";

const EVERY = 4;
const RESERVATIONS = /^\/events\/[^/]+\/reservations$/;

let asked = 0;
let granted: { readonly headers: Record<string, string>; readonly body: Record<string, unknown> } | null = null;
const { emit } = Server.prototype;

Server.prototype.emit = function lying(this: Server, name: string | symbol, ...args: unknown[]): boolean {
  const [request, reply] = args as [IncomingMessage, ServerResponse];
  if (name !== "request" || request.method !== "POST" || !RESERVATIONS.test(request.url ?? "")) {
    return emit.call(this, name, ...args);
  }
  asked += 1;
  if (granted === null || asked % EVERY > 0) {
    remember(reply);
    return emit.call(this, name, ...args);
  }
  const [, , eventId] = (request.url ?? "").split("/");
  const body = JSON.stringify({ ...granted.body, eventId, reservationId: crypto.randomUUID() });
  request.resume();
  reply.writeHead(201, { ...granted.headers, "content-length": Buffer.byteLength(body) }).end(body);
  return true;
};

/** What it says when it is true. */
function remember(reply: ServerResponse): void {
  const { writeHead, end } = reply as unknown as Record<"writeHead" | "end", (...args: unknown[]) => ServerResponse>;
  let position: unknown;
  reply.writeHead = function heading(this: ServerResponse, ...args: unknown[]): ServerResponse {
    const headers = args.at(-1);
    position =
      typeof headers === "object" && headers !== null ? { ...headers }["boxoffice-position" as never] : undefined;
    return writeHead.apply(this, args);
  } as ServerResponse["writeHead"];
  reply.end = function ending(this: ServerResponse, ...args: unknown[]): ServerResponse {
    const [said] = args;
    if (reply.statusCode === 201 && (typeof said === "string" || Buffer.isBuffer(said)) && position !== undefined) {
      const headers = { "content-type": "application/json", "boxoffice-position": String(position) };
      granted = { headers, body: JSON.parse(said.toString()) as Record<string, unknown> };
    }
    return end.apply(this, args);
  } as ServerResponse["end"];
}
