import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { browserHere, NO_BROWSER, PAGE_WITHIN_MS, startBrowser } from "../../support/browser.ts";
import { type NodeUnderTest, startNode } from "../events-node.ts";
import type { Signed } from "../harness.ts";

const executable = browserHere();
const WITHIN_MS = 120_000;

let node: NodeUnderTest;
let browser: Browser;
let page: Page;
let organizer: Signed;
/** What the page was kept from, e.g. by its Content-Security-Policy, or failed at. */
const complaints: string[] = [];
/** Where it asked for anything. */
const asked = new Set<string>();

beforeAll(async () => {
  if (executable === undefined) return;
  node = await startNode();
  organizer = await node.signUp();
  const address = await node.boxoffice.api?.listen({ host: "127.0.0.1", port: 0 });
  browser = await startBrowser(executable);
  page = await browser.newPage();
  page.setDefaultTimeout(PAGE_WITHIN_MS);
  page.on("console", (message) => void (message.type() === "error" && complaints.push(message.text())));
  page.on("pageerror", (error) => void complaints.push(error.message));
  page.on("request", (request) => void asked.add(new URL(request.url()).origin));
  await page.goto(`${address}/docs`);
  await page.locator(".opblock").first().waitFor();
}, WITHIN_MS);
afterAll(async () => {
  await browser?.close();
  await node?.close();
});

/** Unfolds an operation, as a reader does. */
async function operation(method: string, path: string): Promise<Locator> {
  const block = page.locator(`.opblock-${method.toLowerCase()}`, {
    has: page.locator(`.opblock-summary-path[data-path="${path}"]`),
  });
  await block.locator(".opblock-summary").click();
  return block;
}

/** Sends what the form says. @returns status and body as the page shows them */
async function tried(block: Locator): Promise<{ status: string; body: string }> {
  await block.getByRole("button", { name: "Execute" }).click();
  const answer = block.locator(".live-responses-table");
  await answer.waitFor();
  return {
    status: (await answer.locator(".response-col_status").last().innerText()).trim(),
    body: await answer.locator(".microlight").first().innerText(),
  };
}

describe("the page where calls are tried", { timeout: WITHIN_MS }, () => {
  it("lists every operation, and tries them with a token", async (context) => {
    if (executable === undefined) return context.skip(NO_BROWSER);

    const document = await (await page.request.get(new URL("/openapi.json", page.url()).href)).json();
    const operations = Object.values(document.paths as Record<string, object>).flatMap((path) => Object.keys(path));
    expect(await page.locator(".opblock").count()).toBe(operations.length);

    const live = await tried(await operation("GET", "/health/live"));
    expect([live.status, JSON.parse(live.body)]).toEqual(["200", { status: "live" }]);

    const refused = await tried(await operation("GET", "/accounts/me"));
    expect([refused.status, JSON.parse(refused.body).code]).toEqual(["401", "token-missing"]);

    await page.locator(".btn.authorize").click();
    await page.locator(".auth-container input").fill(organizer.token);
    await page.locator(".auth-btn-wrapper .authorize").click();
    await page.locator(".btn-done").click();

    // The example is what is sent, as it stands.
    const made = await tried(await operation("POST", "/events"));
    expect([made.status, JSON.parse(made.body).organizerId]).toEqual(["201", organizer.accountId]);

    // By the document, whose examples are of no account here: what is shown is the API's own answer.
    expect(complaints.filter((text) => !/status of 401/.test(text))).toEqual([]);
    expect([...asked]).toEqual([new URL(page.url()).origin]);
  });
});
