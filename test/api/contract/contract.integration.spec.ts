import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { RoutePlugin } from "../../../src/api/conventions/route-config.ts";
import { type ApiUnderTest, startApi } from "../harness.ts";
import { ContractBroken } from "./keeping.ts";

const promised = z.strictObject({ count: z.number() });
const policy = {
  "GET /promises": { who: "public", key: null },
  "POST /promises": { who: "public", key: null },
} as const;

/** How the route answers next; it promises `{count}` with 200, and a position when something is made. */
let answer: { status: number; type?: string; headers?: Record<string, string>; body: string };
const promises: RoutePlugin = (api) => {
  api.route({
    method: "GET",
    url: "/promises",
    schema: { response: { 200: promised } },
    handler: (_request, reply) => {
      const { status, type = "application/json", headers = {}, body } = answer;
      reply.serializer(String); // past the check of `strict`, which knows the zod schema
      void reply
        .code(status as 200)
        .headers(headers)
        .type(type)
        .send(body as never);
    },
  });
  api.route({
    method: "POST",
    url: "/promises",
    schema: { response: { 200: promised } },
    config: { idempotent: true },
    handler: () => ({ count: 1 }),
  });
};

let app: ApiUnderTest;
beforeAll(async () => {
  app = await startApi({ routes: [promises], policy });
});
afterEach(() => {
  answer = { status: 200, body: '{"count":1}' };
});
afterAll(() => expect(app.close()).rejects.toThrow("GET /promises: it/count must be number"));

const problem = (more: object) =>
  JSON.stringify({
    type: "/problems/x",
    title: "X",
    status: 400,
    detail: "x",
    code: "invalid",
    requestId: "r",
    ...more,
  });
const asProblem = { type: "application/problem+json" };

describe("a reply that is not as the document has it fails the spec", () => {
  it.each([
    ["another body", { status: 200, body: '{"count":"1"}' }, "it/count must be number"],
    ["a member too many", { status: 200, body: '{"count":1,"more":2}' }, "must NOT have additional properties"],
    ["no JSON", { status: 200, body: "{" }, "the body is not JSON"],
    ["another type", { status: 200, type: "text/html", body: "<p>1</p>" }, "200 as text/html is not in the document"],
    ["a status that is not there", { status: 201, body: '{"count":1}' }, "201 is not in the document"],
    ["a header that is not there", { status: 200, headers: { etag: '"x"' }, body: '{"count":1}' }, "the header etag"],
    [
      "an error of others",
      { status: 400, ...asProblem, body: problem({ code: "sold-out" }) },
      "sold-out is not in the",
    ],
    ["an error without its title", { status: 400, ...asProblem, body: problem({ title: undefined }) }, "'title'"],
  ])("%s", async (_, next, complaint) => {
    answer = next;
    await expect(app.call("GET", "/promises")).rejects.toThrow(ContractBroken);
    answer = next;
    await expect(app.call("GET", "/promises")).rejects.toThrow(complaint);
    expect((await app.unchecked("GET", "/promises")).statusCode).toBe(next.status);
  });

  it("a header that is missing", async () => {
    await expect(app.call("POST", "/promises")).rejects.toThrow("the header Boxoffice-Position is missing");
  });

  it("and passes when it is", async () => {
    expect((await app.call("GET", "/promises")).json()).toEqual({ count: 1 });
    expect((await app.call("HEAD", "/promises")).statusCode).toBe(200);
    answer = { status: 400, ...asProblem, body: problem({ errors: [] }) };
    expect((await app.call("GET", "/promises")).statusCode).toBe(400);
    expect((await app.call("GET", "/docs")).statusCode).toBe(200);
    expect((await app.call("GET", "/nowhere")).statusCode).toBe(404);
  });

  it("at the end, when it went over a socket", async () => {
    const address = await app.api.listen({ host: "127.0.0.1", port: 0 });
    expect((await fetch(`${address}/promises`)).status).toBe(200);
    answer = { status: 200, body: '{"count":"1"}' };
    expect((await fetch(`${address}/promises`)).status).toBe(200);
  });
});
