import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { PageFile } from "./files.ts";

/** What pages use of packages, by its path under `/pages/`: given out by this server, as it was installed. */
const OF_PACKAGES = [
  { path: "vendor/uPlot.js", file: "uplot/dist/uPlot.esm.js", type: "text/javascript; charset=utf-8" },
  { path: "vendor/uPlot.css", file: "uplot/dist/uPlot.min.css", type: "text/css; charset=utf-8" },
] as const;

/** Read once, like all that browsers are given. @throws Error a package is not installed */
export const packageFiles = (): readonly PageFile[] =>
  OF_PACKAGES.map(({ path, file, type }) => ({
    path,
    type,
    text: readFileSync(fileURLToPath(import.meta.resolve(file)), "utf8"),
  }));
