import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";

/** Where pictures for the docs go; without it none are taken: `PICTURES=docs/images npm run test:pages`. */
const folder = process.env.PICTURES;

/** What the page shows now, for the docs. */
export async function picture(page: Page, name: string): Promise<void> {
  if (folder === undefined) return;
  await page.evaluate("scrollTo(0, 0)");
  await writeFile(join(folder, `${name}.png`), await page.screenshot({ animations: "disabled" }));
}
