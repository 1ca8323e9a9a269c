import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import type { Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, it } from "vitest";
import { leaveHttp } from "../../../src/api/streams/leave-http.ts";

const cleanUp: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const undo of cleanUp.splice(0).toReversed()) await undo();
});

/** A server whose replies leave HTTP, and one client of it. */
async function answering(handle: (connection: Writable) => void, hidesParser = false) {
  const answer: RequestListener = (request, response) => {
    const socket: Socket & { parser?: unknown } = request.socket;
    const { parser } = socket;
    if (hidesParser) socket.parser = {};
    const connection = leaveHttp(response, 200, ["x-request-id", "abc", "vary", "Authorization"]);
    if (hidesParser) socket.parser = parser;
    handle(connection);
  };
  const server: Server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanUp.push(() => server.close());
  const client = connect((server.address() as AddressInfo).port, "127.0.0.1");
  cleanUp.push(() => client.destroy());
  let text = "";
  client.setEncoding("utf8").on("data", (some) => {
    text += some;
  });
  client.write("GET / HTTP/1.1\r\nHost: here\r\n\r\n");
  return { server, client, text: () => text };
}

const until = async (holds: () => boolean): Promise<void> => {
  for (const startedMs = performance.now(); !holds(); await sleep(2)) {
    if (performance.now() - startedMs > 5_000) throw new Error("it does not come about");
  }
};

it("writes the head, what is said, and ends with the connection", async () => {
  let connection: Writable | undefined;
  const { server, client, text } = await answering((given) => {
    connection = given;
    given.write("one ");
  });
  await until(() => text().endsWith("one "));
  expect(text()).toMatch(/^HTTP\/1\.1 200 OK\r\nconnection: close\r\ndate: .*\r\nx-request-id: abc\r\nvary: /);
  expect(text()).not.toMatch(/transfer-encoding|content-length/i);
  await sleep(20); // HTTP has let go of it
  connection?.end("two");
  await once(client, "close");
  expect(text()).toMatch(/\r\n\r\none two$/);
  server.close();
  await once(server, "close");
});

it("tells when the client has gone, and throws away what it still says", async () => {
  let closed = false;
  const { client, text } = await answering((connection) => {
    connection.on("close", () => {
      closed = true;
    });
    connection.write("said");
  });
  await until(() => text().endsWith("said"));
  client.write("GET /another HTTP/1.1\r\nHost: here\r\n\r\n");
  await sleep(30);
  expect(text().match(/HTTP\/1\.1/g)).toHaveLength(1);
  expect(closed).toBe(false);
  client.end();
  await until(() => closed);
});

it("stays with HTTP where Node has no such parser", async () => {
  const { text } = await answering((connection) => connection.end("said"), true);
  await until(() => text().includes("said"));
  expect(text()).toMatch(/^HTTP\/1\.1 200 OK\r\nx-request-id: abc\r\n/);
});

it("writes no header that would end the head", async () => {
  const server = createServer((_request, response) => {
    expect(() => leaveHttp(response, 200, ["x", "a\r\nset-cookie: b"])).toThrow();
    response.end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanUp.push(() => server.close());
  expect((await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)).status).toBe(200);
});
