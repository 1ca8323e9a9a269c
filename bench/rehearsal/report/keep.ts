import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { RehearsalResult } from "../rehearsal.ts";
import { pageOf } from "./page.ts";

/** Writes a rehearsal's report. @param path of the HTML file */
export async function keepReport(result: RehearsalResult, command: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, pageOf(result, command));
}
