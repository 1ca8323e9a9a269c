import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ROOT } from "../system/child.ts";

const root = join(ROOT, "src");
const sources = readdirSync(root, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => ({ file, code: withoutComments(readFileSync(join(root, file), "utf8")) }));

/** Comments may say what code must not do. */
function withoutComments(code: string): string {
  return code.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}

const filesWith = (pattern: RegExp) => sources.filter(({ code }) => pattern.test(code)).map(({ file }) => file);

/** All that opens connections, with where the address comes from. None of them is given one by a request. */
const CALLS_OUT: Readonly<Record<string, string>> = {
  "api/accounts/password-reset-page.ts": "in the browser, to the address of the page itself",
  "payments/sandbox/client.ts": "SANDBOX_URL, or the address that the sandbox wrote into DATA_DIR",
  "payments/sandbox/connection.ts": "the same",
  "payments/sandbox/webhook-post.ts":
    "from the sandbox to the node that told it its own address, with the sandbox's secret",
  "payments/stripe/client.ts": "Stripe's own library, to Stripe",
};

it("nothing fetches an address that somebody sent (SSRF): all that calls out is listed, with whose address it is", () => {
  const calls =
    /(?<![\w.#])fetch\(|import \{[^}]*\b(?:request|get|Agent|connect)\b[^}]*\} from "node:(?:https?|net)"|from "(?:node:(?:dgram|http2|tls)|undici|axios|got)"/;
  expect(filesWith(calls).toSorted()).toEqual(Object.keys(CALLS_OUT).toSorted());
});

it("no field that may be sent is an address to be called", () => {
  const urls = /z\.(?:url|httpUrl)\(|z\.string\(\)\.url\(/;
  expect(filesWith(urls).filter((file) => !file.startsWith("payments/sandbox/"))).toEqual([]); // see above
});

it("nothing runs text as code, and programs are started by Postgres's and the sandbox's launchers alone", () => {
  expect(filesWith(/\beval\(|new Function\(|from "node:vm"|\bawait import\(\s*[^"\s]/)).toEqual([]);
  expect(filesWith(/from "node:child_process"/).toSorted()).toEqual([
    "embedded/account.ts",
    "embedded/launch.ts",
    "embedded/process-state.ts",
    "payments/sandbox/provider-process.ts",
  ]);
  expect(filesWith(/\bshell:|\bexecSync\(|import \{[^}]*\bexec\b/)).toEqual([]);
});

/** Comparisons that look like one of a secret, and why they are none. */
const NO_SECRETS: Readonly<Record<string, string>> = {
  'bytes.toString("base64url") !== token':
    "whether the token is written in the one right way; the proof is compared below it",
};

it("no secret is compared with === or !==, which tells by its time how much of it was right", () => {
  const name =
    /(?:[sS]ecret|[tT]oken|[pP]assword|[sS]ignature|[pP]roof|[dD]igest|[hH]mac|[cC]redential|[tT]icketCode)s?/.source;
  const compared = new RegExp(
    `${name}(?:\\([^)]*\\))? [!=]==? (?!null|undefined|")|[!=]==? [\\w.?]*${name}\\b(?! [!=]==? null)`,
  );
  const found = sources.flatMap(({ file, code }) =>
    code
      .split("\n")
      .filter((line) => compared.test(line) && !Object.keys(NO_SECRETS).some((one) => line.includes(one)))
      .map((line) => `${file}: ${line.trim()}`),
  );
  expect(found).toEqual([]);
});

it("what proves something is compared in constant time where it is checked", () => {
  expect(filesWith(/timingSafeEqual\(/).toSorted()).toEqual([
    "accounts/reset-tokens.ts",
    "api/metrics/routes.ts",
    "commands/hold-tokens.ts",
    "payments/sandbox/charge.ts",
    "payments/sandbox/http-server.ts",
    "waiting-room/tokens.ts",
  ]);
});
