import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type NodeUnderTest, startNode } from "../api/events-node.ts";
import { browserHere, NO_BROWSER, startBrowser } from "../support/browser.ts";
import { visit } from "../support/visitor.ts";

const executable = browserHere();
const WITHIN_MS = 120_000;

let node: NodeUnderTest;
let browser: Browser;
let address: string;
beforeAll(async () => {
  if (executable === undefined) return;
  node = await startNode();
  address = (await node.boxoffice.api?.listen({ host: "127.0.0.1", port: 0 })) ?? "";
  browser = await startBrowser(executable);
}, WITHIN_MS);
afterAll(async () => {
  await browser?.close();
  await node?.close();
});

it("lists what is on sale, finds by words, and leads to where it is bought", {
  timeout: WITHIN_MS,
}, async (context) => {
  if (executable === undefined) return context.skip(NO_BROWSER);
  const { token } = await node.signUp();
  const price = { amount: 4_500, currency: "EUR" };
  for (const name of ["Aurora <b>live</b>", "Chess Night"]) {
    const body = { name, startsAt: "2031-06-01T18:00:00Z", ticketTypes: [{ name: "Regular", capacity: 10, price }] };
    const made = await node.call("POST", "/events", { token, body });
    const seen = { headers: { "boxoffice-min-position": String(made.headers["boxoffice-position"]) } };
    expect((await node.call("GET", "/events/search", seen)).statusCode).toBe(200);
  }

  const visitor = await visit(browser, `${address}/pages/events`);
  const { page } = visitor;
  await page.getByText("2 events").waitFor();
  expect(await page.getByRole("link").allInnerTexts()).toEqual(["Aurora <b>live</b>", "Chess Night"]);
  expect(await page.getByText("from €45.00").count()).toBe(2);

  await page.getByRole("searchbox").fill("aurora");
  await page.keyboard.press("Enter");
  await page.getByText("1 event", { exact: true }).waitFor();
  expect(await page.getByRole("link").getAttribute("href")).toMatch(/^events\/[0-9a-f-]{36}$/);

  expect(visitor.complaints).toEqual([]);
  expect([...visitor.asked]).toEqual([address]);
});
