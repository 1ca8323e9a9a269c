import type { Browser, BrowserContext, Page } from "playwright-core";
import { PAGE_WITHIN_MS } from "./browser.ts";

/** Somebody at a browser of their own: nothing is shared with other visitors, not even who is signed in. */
export interface Visitor {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Errors on the console, exceptions, and what the Content-Security-Policy stopped. */
  readonly complaints: string[];
  /** Origins that anything was asked of. */
  readonly asked: Set<string>;
  close(): Promise<void>;
}

export interface VisitorOptions {
  readonly width?: number;
  readonly height?: number;
}

/** A problem that a page expects and says in its own words is told on the console by Chromium too. */
const REFUSED = /^Failed to load resource: the server responded with a status of (401|402|403|404|409|503)/;

export async function visit(browser: Browser, url: string, options: VisitorOptions = {}): Promise<Visitor> {
  const { width = 980, height = 700 } = options;
  const context = await browser.newContext({ locale: "en-GB", viewport: { width, height } });
  context.setDefaultTimeout(PAGE_WITHIN_MS);
  const page = await context.newPage();
  const complaints: string[] = [];
  const asked = new Set<string>();
  page.on("console", (message) => {
    const isComplaint = message.type() === "error" && !REFUSED.test(message.text());
    if (isComplaint) complaints.push(message.text());
  });
  page.on("pageerror", (error) => void complaints.push(error.message));
  page.on("request", (request) => void asked.add(new URL(request.url()).origin));
  await page.goto(url);
  return { page, context, complaints, asked, close: () => context.close() };
}
