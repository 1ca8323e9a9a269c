import type { Browser, Page } from "playwright-core";
import { expect } from "vitest";
import { type NodeUnderTest, startNode } from "../api/events-node.ts";
import type { Signed } from "../api/harness.ts";
import { startBrowser } from "../support/browser.ts";
import { type Visitor, type VisitorOptions, visit } from "../support/visitor.ts";

/** A node that listens, a browser, and an organizer: what specs of pages need. */
export interface PagesUnderTest {
  readonly node: NodeUnderTest;
  readonly address: string;
  readonly organizer: Signed;
  /** Puts an event on sale. */
  onSale(ticketTypes: readonly object[], more?: object): Promise<{ eventId: string; types: readonly string[] }>;
  /** Somebody with a browser of their own. @param path in `/pages` */
  visitor(path: string, options?: VisitorOptions): Promise<Page>;
  /** After each spec: nobody had errors or violations of the policy, and nothing was asked of another server. */
  allWasWell(): Promise<void>;
  close(): Promise<void>;
}

export async function startPages(executable: string): Promise<PagesUnderTest> {
  const node = await startNode({ roles: new Set(["api", "projector", "processes"]) });
  const address = (await node.boxoffice.api?.listen({ host: "127.0.0.1", port: 0 })) ?? "";
  const browser: Browser = await startBrowser(executable);
  const organizer = await node.signUp();
  const visitors: Visitor[] = [];
  return {
    node,
    address,
    organizer,
    async onSale(ticketTypes, more = {}) {
      const body = { name: "Rigoletto", startsAt: "2031-06-01T18:00:00Z", ticketTypes, ...more };
      const made = await node.call("POST", "/events", { token: organizer.token, body });
      expect(made.statusCode, made.body).toBe(201);
      const { eventId, ticketTypes: types } = made.json();
      return { eventId, types: types.map(({ ticketTypeId }: { ticketTypeId: string }) => ticketTypeId) };
    },
    async visitor(path, options) {
      const visitor = await visit(browser, `${address}/pages/${path}`, options);
      visitors.push(visitor);
      return visitor.page;
    },
    async allWasWell() {
      const seen = visitors.splice(0);
      const complaints = seen.flatMap((visitor) => visitor.complaints);
      const elsewhere = seen.flatMap((visitor) => [...visitor.asked]).filter((origin) => origin !== address);
      await Promise.all(seen.map((visitor) => visitor.close()));
      expect(complaints).toEqual([]);
      expect(elsewhere).toEqual([]);
    },
    async close() {
      await browser.close();
      await node.close();
    },
  };
}

/** Presses a button by its whole name. */
export const press = (page: Page, name: string): Promise<void> =>
  page.getByRole("button", { name, exact: true }).click();

/** What the reader is at: the panel beside the map, or the one of the waiting room. */
export const panelOf = (page: Page) => page.locator("#panel");

/** Waits until the panel says it. */
export async function reads(page: Page, text: string | RegExp): Promise<void> {
  try {
    await panelOf(page).getByText(text).first().waitFor();
  } catch (error) {
    throw new Error(`the panel does not say ${text}, but: ${await panelOf(page).innerText()}`, { cause: error });
  }
}
