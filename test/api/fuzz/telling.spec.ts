import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import type { Request } from "./asking.ts";
import { curl, quoted } from "./curl.ts";
import { shortened } from "./shorter.ts";

const request: Request = {
  route: "POST /things",
  method: "POST",
  url: "/things?a=1&b=2",
  headers: { "content-type": "application/json", accept: "" },
  payload: JSON.stringify({ name: "x".repeat(100), list: [1, 2, 3], bad: { deep: null, other: true } }),
  remoteAddress: "10.0.0.1",
};

describe("a failing request", () => {
  it("is told as a line for a shell", () => {
    expect(curl({ ...request, payload: "{}" })).toBe(
      "curl -sSi --path-as-is -X POST 'http://127.0.0.1:3000/things?a=1&b=2' -H 'content-type: application/json' -H 'accept;' --data-binary '{}'",
    );
  });

  it.each(["plain", "it's", "two\nlines\ttabs", "ünï 中", "back\\slash", '$HOME `x` "y"'])(
    "means what it says to a shell: %j",
    (word) => {
      expect(execFileSync("bash", ["-c", `printf %s ${quoted(word)}`]).toString()).toBe(word);
    },
  );

  it("means what it says where it is no text", () => {
    const bytes = Buffer.from([0x22, 0xff, 0xfe, 0x27, 0x80, 0x0a]);
    expect(execFileSync("bash", ["-c", `printf %s ${quoted(bytes)}`])).toEqual(bytes);
  });

  it("is made as short as it can be while it fails in the same way", async () => {
    const fails = async ({ payload }: Request) => String(payload).includes('"deep":null');
    expect(await shortened(request, fails)).toEqual({
      ...request,
      url: "/things",
      headers: {},
      payload: '{"bad":{"deep":null}}',
    });
  });
});
