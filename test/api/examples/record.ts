/**
 * Records the examples of replies that the OpenAPI document shows, by playing `story.ts` on a node of its own.
 *
 *   npm run examples
 */
import { writeFile } from "node:fs/promises";
import { databaseOn } from "../../support/postgres.ts";
import { temporaryPostgres } from "../../support/temporary-postgres.ts";
import { startNode } from "../events-node.ts";
import { documentOf } from "../openapi-document.ts";
import { playStory } from "./story.ts";

const FILE = new URL("../../../src/api/documentation/recorded-replies.json", import.meta.url);

const postgres = await temporaryPostgres();
const node = await startNode({}, "error", () => databaseOn(postgres.url));
try {
  const replies = await playStory(node, await documentOf(node));
  await writeFile(FILE, `${JSON.stringify(replies, null, 2)}\n`);
  console.log(`  ${Object.keys(replies).length} operations; npm run format puts the file into its form`);
} finally {
  await node.close();
  await postgres.stop();
}
