import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type NodeUnderTest, startNode } from "../api/events-node.ts";
import { browserHere, NO_BROWSER, startBrowser } from "../support/browser.ts";
import { visit } from "../support/visitor.ts";
import { OPERA } from "./halls.ts";

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
  const listed = [
    ["Aurora <b>live</b>", { name: "Seats", seatMap: OPERA, price }],
    ["Chess Night", { name: "Regular", capacity: 10, price }],
    ["Open Day", { name: "All", capacity: 10 }],
  ] as const;
  for (const [name, ticketType] of listed) {
    const body = { name, startsAt: "2031-06-01T18:00:00Z", ticketTypes: [ticketType] };
    const made = await node.call("POST", "/events", { token, body });
    const seen = { headers: { "boxoffice-min-position": String(made.headers["boxoffice-position"]) } };
    expect((await node.call("GET", "/events/search", seen)).statusCode).toBe(200);
  }

  const visitor = await visit(browser, `${address}/pages/events`);
  const { page } = visitor;
  await page.getByText("3 events").waitFor();
  const links = page.getByRole("listitem").getByRole("link");
  const prices = page.locator("#events li p:last-child");
  expect((await links.allInnerTexts()).toSorted()).toEqual(listed.map(([name]) => name));
  expect((await prices.allInnerTexts()).toSorted()).toEqual(["free", "€45.00", "€45.00 to €90.00"]);

  await page.getByRole("searchbox").fill("aurora");
  await page.keyboard.press("Enter");
  await page.getByText("1 event", { exact: true }).waitFor();
  expect(await page.getByRole("link").getAttribute("href")).toMatch(/^events\/[0-9a-f-]{36}$/);

  expect(visitor.complaints).toEqual([]);
  expect([...visitor.asked]).toEqual([address]);
});
