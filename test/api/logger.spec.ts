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

it("writes errors of the database without the rows that they are about, and those of others without their headers", () => {
  const { lines, log } = logging();
  const failed = new Error('new row for relation "account" violates check constraint "account_check"');
  const detail = "Failing row contains (1, ada@example.org, $argon2id$s3cret, Ada).";
  const config = { headers: { authorization: "Bearer s3cret" } };
  log.error({ err: Object.assign(failed, { code: "23514", detail, where: "s3cret", config }) }, "failed");
  expect(lines[0]).not.toMatch(/s3cret|ada@example/);
  expect(JSON.parse(lines[0] ?? "").err).toMatchObject({ code: "23514", message: failed.message, stack: failed.stack });
});

it("writes nothing below its level", () => {
  const { lines, log } = logging("warn");
  log.info("quiet");
  expect(lines).toEqual([]);
});
