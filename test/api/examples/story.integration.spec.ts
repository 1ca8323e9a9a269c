import { afterAll, beforeAll, expect, it } from "vitest";
import recorded from "../../../src/api/documentation/recorded-replies.json" with { type: "json" };
import { type NodeUnderTest, startNode } from "../events-node.ts";
import { documentOf } from "../openapi-document.ts";
import { playStory } from "./story.ts";

let node: NodeUnderTest;
beforeAll(async () => {
  node = await startNode();
});
afterAll(() => node.close());

it("the story whose replies the document shows can still be played, and gives them (else: npm run examples)", async () => {
  const played = await playStory(node, await documentOf(node));
  const kinds = (replies: object) =>
    Object.entries(replies).map(([route, byStatus]) => `${route}: ${Object.keys(byStatus)}`);
  expect(kinds(played)).toEqual(kinds(recorded));
});
