import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { z } from "zod";
import { ROOT } from "../system/child.ts";

const root = join(ROOT, "src");
const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));

/** An expression's text, where an expression may stand; what is found besides in templates is not taken for one. */
const LITERAL =
  /(?<=(?:[=(,:[!&|?{};]|=>|\breturn)\s*)\/(?![*/])((?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)\/([dgimsuvy]*)(?![\w$`{])/g;

interface Found {
  readonly where: string;
  readonly expression: RegExp;
}

const literals: readonly Found[] = files.flatMap((file) => {
  const code = readFileSync(join(root, file), "utf8").replace(/\/\*[\s\S]*?\*\//g, "");
  return [...code.matchAll(LITERAL)].flatMap(([, source = "", flags = ""]) => {
    try {
      return [{ where: `${file}: /${source}/`, expression: new RegExp(source, flags.replace("g", "")) }];
    } catch {
      return []; // a path in a template
    }
  });
});
/** Those that zod brings along for what requests have in them. */
const zods = Object.entries({ email: z.email(), uuid: z.uuid(), time: z.iso.datetime({ offset: true }) }).map(
  ([name, schema]): Found => ({ where: `zod's ${name}`, expression: schema._zod.def.pattern as RegExp }),
);

/** Made from texts at run time: those of the program, never of a request. */
const BUILT = [
  "api/server/shared-answers.ts",
  "api/server/unknown-routes.ts",
  "audit/export/cloud-event.ts",
  "projections/search/words.ts",
];

const SMALL = 1_000;
const TIMES = 8;
/** What takes less than this for 8,000 characters (headers have 16 KiB, fields mostly less) troubles nobody. */
const HARMLESS_MS = 10;

/** What an expression may go over and over: its own letters and what its classes stand for, and repeated pairs of them. */
function pumps({ source }: RegExp): string[] {
  const own = [...source.replace(/\\[bBdDsSwWpP]|[\^$.*+?()[\]{}|\\]/g, "")];
  const some = [...new Set([...own.slice(0, 12), "a", "0", " ", "-", "/", ".", ",", "@", "'", "é"])];
  return [...some, "a.", "a-", "0,", " ,", "a@", "//", "0-"];
}

/** The least of three: others keep the machine busy. */
function leastMs(expression: RegExp, text: string): number {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3 && least > HARMLESS_MS; round += 1) {
    const began = performance.now();
    expression.exec(text);
    least = Math.min(least, performance.now() - began);
  }
  return least;
}

/** How an expression takes a text that is so much longer: null, or that it takes more than its share. */
function growth(expression: RegExp): string | null {
  for (const pump of pumps(expression)) {
    for (const [before, after] of [
      ["", "\u0000"],
      ["0", "!"],
      ["a", "\n\n"],
    ] as const) {
      const text = (times: number) => before + pump.repeat(times) + after;
      const large = leastMs(expression, text(SMALL * TIMES));
      if (large <= HARMLESS_MS) continue;
      const ratio = large / leastMs(expression, text(SMALL));
      if (ratio > 3 * TIMES) return `${JSON.stringify(pump)} ${large.toFixed(0)} ms, ${ratio.toFixed(0)} times as long`;
    }
  }
  return null;
}

it("finds an expression that begins again at each place", () => {
  expect(growth(/\/+$/)).not.toBeNull();
  expect(growth(/\s+$/)).not.toBeNull();
});

it("every expression of the code takes time in proportion to the text, whatever the text", { timeout: 60_000 }, () => {
  expect(literals.length).toBeGreaterThan(60);
  const slow = [...literals, ...zods].flatMap(({ where, expression }) => {
    const grows = growth(expression);
    return grows === null ? [] : [`${where} takes ${grows}`];
  });
  expect(slow).toEqual([]);
});

it("no expression is made from what somebody sent", () => {
  const built = files.filter((file) => /new RegExp\(/.test(readFileSync(join(root, file), "utf8")));
  expect(built.toSorted()).toEqual(BUILT);
});
