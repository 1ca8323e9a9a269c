import { readdirSync, readFileSync } from "node:fs";
import { extname, join, sep } from "node:path";

const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

export interface PageFile {
  /** From the folder, with slashes: `shared/page.css`. */
  readonly path: string;
  readonly type: string;
  readonly text: string;
}

/**
 * All that browsers are given, read once: no request's path is ever looked up on the disk. What has no type above (the
 * settings of the type check) is not for them.
 */
export function pageFiles(folder: string): readonly PageFile[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).flatMap((name) => {
    const type = TYPES[extname(name)];
    if (type === undefined) return [];
    return [{ path: name.split(sep).join("/"), type, text: readFileSync(join(folder, name), "utf8") }];
  });
}
