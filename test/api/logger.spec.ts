import { expect, it } from "vitest";
import { createLogger } from "../../src/api/server/logger.ts";

function logging(level = "info") {
  const lines: string[] = [];
  return { lines, log: createLogger(level, { write: (line) => void lines.push(line) }) };
}

it("takes secrets out, wherever they stand, and leaves the rest", () => {
  const { lines, log } = logging();
  const fields = {
    Password: "s3cret",
    req: { headers: { authorization: "Bearer s3cret" }, bodies: [{ token: "s3cret" }] },
  };
  log.child({ requestId: "r1" }).info({ ...fields, count: 3, list: [1, { a: null }] }, "said");
  expect(lines[0]).not.toContain("s3cret");
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    requestId: "r1",
    Password: "[redacted]",
    req: { headers: { authorization: "[redacted]" }, bodies: [{ token: "[redacted]" }] },
    count: 3,
    list: [1, { a: null }],
    msg: "said",
  });
});

it("writes errors with their stack, and what is endless only so deep", () => {
  const { lines, log } = logging();
  log.error({ err: new TypeError("broken") }, "failed");
  expect(JSON.parse(lines[0] ?? "").err).toMatchObject({ type: "TypeError", message: "broken" });
  const endless: Record<string, unknown> = {};
  endless.self = endless;
  log.info({ endless }, "round");
  expect(lines[1]).toContain("[deep]");
});

it("writes nothing below its level", () => {
  const { lines, log } = logging("warn");
  log.info("quiet");
  expect(lines).toEqual([]);
});
