import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { checkExport } from "./verifier/check-export.ts";
import { headsIn, publicKeysIn } from "./verifier/key-files.ts";

const USAGE =
  "npm run verify-export -- EXPORT.ndjson --key KEYS [--head HEADS]... [--after HEAD] [--some-streams]; - is standard input";

/**
 * `npm run verify-export -- export.ndjson --key keys.json --head heads.json`: checks an export of the log without asking
 * anybody: no network, no database. Ends with 1 where something was found, with 2 where it could not be checked.
 */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      key: { type: "string", multiple: true, default: [] },
      head: { type: "string", multiple: true, default: [] },
      after: { type: "string" },
      "some-streams": { type: "boolean", default: false },
    },
  });
  const [file] = positionals;
  if (file === undefined || positionals.length > 1) throw new Error(USAGE);
  const keys = new Map((await Promise.all(values.key.map(read))).flatMap((text) => [...publicKeysIn(text)]));
  const heads = (await Promise.all(values.head.map(read))).flatMap(headsIn);
  const after = values.after === undefined ? [] : headsIn(await read(values.after));
  if (after.length > 1) throw new Error("--after takes one head");
  const input = file === "-" ? process.stdin : createReadStream(file);
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  const report = await checkExport(lines, {
    keys,
    heads,
    ...(after[0] === undefined ? {} : { after: after[0] }),
    someStreams: values["some-streams"],
  });
  for (const { line, position, stream, problem } of report.findings) {
    const where = [line && `line ${line}`, position && `position ${position}`, stream].filter(Boolean).join(", ");
    console.log(`${where}: ${problem}`);
  }
  const { events, head, headsAgreed, findings } = report;
  const upTo = head === null ? "" : `, up to position ${head.position} with the head ${head.hash}`;
  console.log(`${events} events${upTo}; ${headsAgreed} signed heads agree; ${findings.length} findings`);
  if (heads.length + after.length === 0)
    console.log("No head was given: who could change the log could also write this export.");
  if (findings.length > 0) process.exitCode = 1;
}

const read = (path: string): Promise<string> => readFile(path, "utf8");

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
});
