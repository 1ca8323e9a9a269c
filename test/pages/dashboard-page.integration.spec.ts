import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { browserHere, NO_BROWSER } from "../support/browser.ts";
import { type PagesUnderTest, press, startPages } from "./pages-node.ts";

const executable = browserHere();
const WITHIN_MS = 120_000;
const PASSWORD = "a good password";

let pages: PagesUnderTest;
let eventId: string;
let types: readonly string[];

beforeAll(async () => {
  if (executable === undefined) return;
  pages = await startPages(executable);
  const price = (amount: number) => ({ amount, currency: "EUR" });
  ({ eventId, types } = await pages.onSale(
    [
      { name: "Stalls", capacity: 20, price: price(9_000) },
      { name: "Gallery", capacity: 50, price: price(2_500) },
    ],
    { name: "Rigoletto <i>live</i>" },
  ));
  await buy(types[0], 4, "sandbox-ok");
  await buy(types[1], 6, "sandbox-ok");
  await buy(types[1], 2, "sandbox-decline");
}, WITHIN_MS);
afterEach(() => pages?.allWasWell());
afterAll(() => pages?.close());

async function buy(ticketTypeId: string | undefined, quantity: number, method: string): Promise<void> {
  const { node } = pages;
  const { token } = await node.guest();
  const held = await node.call("POST", `/events/${eventId}/reservations`, { token, body: { ticketTypeId, quantity } });
  expect(held.statusCode, held.body).toBe(201);
  const body = { reservationIds: [held.json().reservationId], payment: { method } };
  await node.call("POST", "/purchases", { token, body });
}

async function signedIn(email: string, path = "dashboard"): Promise<Page> {
  const page = await pages.visitor(path, { width: 1180, height: 1000 });
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.keyboard.press("Enter");
  await page.getByText(`Signed in as ${email}`).waitFor();
  return page;
}

/** A selector: text that the page would have to evaluate again and again is refused by its Content-Security-Policy. */
const SHOWN_OR_SAID = "#figures > section:nth-of-type(4), #said:not(:empty)";
/** In the page. */
const FOCUSED = `document.activeElement?.getAttribute("aria-label") ?? document.activeElement?.textContent ?? ""`;

/** Until the figures are there; what is recorded is projected when nobody has much to do. */
async function showing(page: Page, text: string): Promise<void> {
  for (let looks = 0; looks < 40; looks += 1) {
    await page.getByRole("combobox", { name: "By" }).waitFor();
    await page.locator(SHOWN_OR_SAID).first().waitFor();
    if ((await page.locator("#figures").innerText()).includes(text)) return;
    await page.getByRole("combobox", { name: "By" }).selectOption("hour");
    await page.getByRole("combobox", { name: "By" }).selectOption("day");
  }
  throw new Error(`the figures do not say ${text}, but: ${await page.locator("#figures").innerText()}`);
}

describe("the dashboard", { timeout: WITHIN_MS }, () => {
  it("shows an organizer how an event sells, in charts and tables, and live what is left", async (context) => {
    if (executable === undefined) return context.skip(NO_BROWSER);
    const page = await signedIn(pages.organizer.email);
    await page.getByRole("combobox", { name: "Event" }).selectOption({ label: "Rigoletto <i>live</i>" });
    await showing(page, "4 of 20 (20 %)");
    expect(
      await page
        .getByRole("img", { name: /^10 tickets sold, by day/ })
        .locator("canvas")
        .count(),
    ).toBe(1);
    expect(await page.getByRole("img", { name: "€510.00 net, by day" }).locator("canvas").count()).toBe(1);
    // Nor does what a chart says below itself lie on what follows, where it takes two lines.
    await page.setViewportSize({ width: 360, height: 740 });
    const gap = `(({ bottom }, { top }) => top - bottom)(...["#figures .u-legend", "#figures .chart + *"]
      .map((place) => document.querySelector(place).getBoundingClientRect()))`;
    expect(await page.evaluate(gap)).toBeGreaterThanOrEqual(0);
    await page.setViewportSize({ width: 980, height: 700 });
    await page.getByText("Sales as a table").click();
    const sales = page.getByRole("table", { name: /Tickets sold by day/ });
    expect(await sales.getByRole("cell").allInnerTexts()).toEqual(["10", "0", "€510.00", "€0.00", "€510.00"]);
    await page.getByText("Funnel as a table").click();
    const funnel = page.getByRole("table", { name: /Reservations by what/ });
    expect(await funnel.getByRole("row").nth(2).getByRole("cell").allInnerTexts()).toEqual([
      "2",
      "1",
      "1",
      "0",
      "0",
      "0",
    ]);
    expect(await page.getByRole("progressbar", { name: "Stalls: 4 of 20 (20 %)" }).count()).toBe(1);

    const now = page.getByRole("region", { name: "Availability now" });
    await now.getByText("Stalls: left of 20").waitFor();
    expect(await now.locator("dd").allInnerTexts()).toEqual(["16", "42"]);
    await buy(types[0], 5, "sandbox-ok");
    await now.getByText("11", { exact: true }).waitFor();
  });

  it("saves what a chart shows as CSV", async (context) => {
    if (executable === undefined) return context.skip(NO_BROWSER);
    const page = await signedIn(pages.organizer.email, `dashboard?event=${eventId}`);
    await showing(page, "of 20");
    for (const [name, heading] of [
      ["sales", "from,to,tickets"],
      ["revenue", "eventId,ticketTypeId,tickets"],
      ["funnel", "eventId,ticketTypeId,reservations_made"],
      ["occupancy", "eventId,ticketTypeId,total"],
    ] as const) {
      const [download] = await Promise.all([page.waitForEvent("download"), press(page, `Save ${name} as CSV`)]);
      expect(download.suggestedFilename()).toBe(`${name}.csv`);
      expect(readFileSync(await download.path(), "utf8")).toContain(heading);
    }
  });

  it("is used by keyboard alone", async (context) => {
    if (executable === undefined) return context.skip(NO_BROWSER);
    const page = await signedIn(pages.organizer.email, `dashboard?event=${eventId}`);
    await showing(page, "of 20");
    await page.getByRole("combobox", { name: "By" }).focus();
    await page.keyboard.press("ArrowDown");
    await page.getByRole("img", { name: /sold, by week/ }).waitFor();
    const reached = new Set<string>();
    for (let presses = 0; presses < 14; presses += 1) {
      await page.keyboard.press("Tab");
      const focused = await page.evaluate<string>(FOCUSED);
      reached.add(focused);
      if (focused === "Occupancy as a table") {
        await page.keyboard.press("Enter");
        await page.getByRole("table", { name: "Tickets as recorded" }).waitFor();
      }
    }
    for (const name of ["Sales as a table", "Save sales as CSV", "Funnel as a table", "Occupancy as a table"]) {
      expect([...reached], name).toContain(name);
    }
  });

  it("shows strangers nothing of an event that is not theirs, and analysts all", async (context) => {
    if (executable === undefined) return context.skip(NO_BROWSER);
    const { node } = pages;
    const [stranger, analyst] = [await node.signUp(), await node.signUp()];
    const roles = { token: (await node.admin()).token, body: { roles: ["analyst"] } };
    await node.call("PUT", `/accounts/${analyst.accountId}/roles`, roles);
    const theirs = await signedIn(stranger.email, `dashboard?event=${eventId}`);
    await theirs
      .locator("#said")
      .getByText(/role does not allow/)
      .waitFor();
    expect(await theirs.locator("#figures > *").count()).toBe(0);
    await showing(await signedIn(analyst.email), "Sales pace");
  });
});
