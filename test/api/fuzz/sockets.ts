import { connect } from "node:net";
import fc from "fast-check";

const oneOf = (...lines: string[]): fc.Arbitrary<string> => fc.constantFrom(...lines);

const STARTS = oneOf(
  ...["GET /events/search HTTP/1.1", "POST /sessions/guest HTTP/1.1", "GET / HTTP/1.0", "GET /events/search HTTP/2.0"],
  ...[
    "get /events/search HTTP/1.1",
    "GET  /events/search  HTTP/1.1",
    "GET /events/search",
    "GET",
    "PURGE / HTTP/1.1",
    "",
  ],
  ...["GET /events/\u00e9 HTTP/1.1", "GET /events/\u0000 HTTP/1.1", "GET http://example.org/events/search HTTP/1.1"],
  ...[
    "OPTIONS * HTTP/1.1",
    "CONNECT example.org:80 HTTP/1.1",
    `GET /${"x".repeat(20_000)} HTTP/1.1`,
    "\u0016\u0003\u0001",
  ],
  ...[
    "GET //events//search HTTP/1.1",
    "GET /events/../search HTTP/1.1",
    "GET /events/search?a=%zz HTTP/1.1",
    "GET ? HTTP/1.1",
  ],
);

const HEADERS = oneOf(
  ...["Content-Length: 2", "Content-Length: 0", "Content-Length: 1", "Content-Length: 99", "Content-Length: -1"],
  ...["Content-Length: 0x2", "Content-Length: 2, 2", "Content-Length: 2000000", "Transfer-Encoding: chunked"],
  ...[
    "Transfer-Encoding: gzip, chunked",
    "Transfer-Encoding: x",
    "Expect: 100-continue",
    "Expect: x",
    "Connection: close",
  ],
  ...[
    "Connection: upgrade\r\nUpgrade: websocket",
    "Connection: upgrade\r\nUpgrade: h2c",
    "Host: other",
    "Host:",
    "no colon",
  ],
  ...[
    "X: a\u0000b",
    "X: \u00ff",
    "X : y",
    " folded",
    "\tfolded",
    ": empty",
    `X: ${"y".repeat(20_000)}`,
    "X: a\rb",
    "X: a\nb",
  ],
  ...["Authorization: Bearer x", "Content-Type: application/json", "Accept: text/event-stream", "Cookie: a=b"],
  `${"X: y\r\n".repeat(3_000)}Z: z`,
);

const BODIES = oneOf(
  "{}",
  "",
  "{",
  "2\r\n{}\r\n0\r\n\r\n",
  "zz\r\n{}\r\n",
  "2\r\n{}",
  "ffffffffffffffff\r\n{}",
  "\u0000".repeat(100),
);

/** What comes over a socket when the other end is no client, or a broken one. */
export const rawMessages: fc.Arbitrary<string> = fc
  .tuple(STARTS, fc.array(HEADERS, { maxLength: 4 }), BODIES, oneOf("Host: localhost\r\n", "Host: localhost\r\n", ""))
  .map(
    ([start, headers, body, host]) =>
      `${start}\r\n${host}${headers.join("\r\n")}${headers.length > 0 ? "\r\n" : ""}\r\n${body}`,
  );

/** Longer than a server takes to see that nothing more comes. */
const CLOSED_WITHIN_MS = 10_000;

/**
 * Sends bytes over a connection of their own, ends it, and reads what comes back until it is closed.
 * @throws Error the server does not close it
 */
export function exchange(port: number, message: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let received = "";
  const socket = connect({ port, host: "127.0.0.1" }, () => socket.end(message, "latin1"));
  socket.setEncoding("latin1");
  socket.setTimeout(CLOSED_WITHIN_MS, () => {
    reject(new Error(`the connection is left open after ${JSON.stringify(message.slice(0, 500))}`));
    socket.destroy();
  });
  socket.on("data", (text: string) => {
    received += text;
  });
  socket.on("error", () => {}); // it may be reset while we still send
  socket.on("close", () => resolve(received));
  return promise;
}

/** Statuses of the answers to a message; more than one where it was taken for several. */
export const statusesIn = (received: string): number[] =>
  [...received.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status));
