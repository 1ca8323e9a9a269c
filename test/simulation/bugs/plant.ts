import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";
import type { Bug, Edit } from "./planted.ts";

const root = new URL("../../../", import.meta.url);

/** Has this process load the code with the bug in it. To be called before any of the product is. */
export function plant({ edits }: Bug): void {
  const byUrl = Map.groupBy(edits, ({ file }) => new URL(file, root).href);
  registerHooks({
    load(url, context, nextLoad) {
      const here = byUrl.get(url);
      if (here === undefined) return nextLoad(url, context);
      const text = readFileSync(fileURLToPath(url), "utf8");
      return { format: "module-typescript", shortCircuit: true, source: here.reduce(edited, text) };
    },
  });
}

/** @throws when the code is no longer what the bug was made for */
export function edited(text: string, { file, find, replace }: Edit): string {
  const [before, after, ...more] = text.split(find);
  if (before === undefined || after === undefined || more.length > 0) {
    throw new Error(`${file} no longer has this once, to plant a bug there:\n${find}`);
  }
  return `${before}${replace}${after}`;
}
