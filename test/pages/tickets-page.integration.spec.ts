import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { browserHere, NO_BROWSER } from "../support/browser.ts";
import { picture } from "../support/picture.ts";
import { arenaOf, euro, OPERA } from "./halls.ts";
import { type PagesUnderTest, panelOf, press, reads, startPages } from "./pages-node.ts";

const executable = browserHere();
const WITHIN_MS = 120_000;

let pages: PagesUnderTest;
beforeAll(async () => {
  if (executable !== undefined) pages = await startPages(executable);
}, WITHIN_MS);
afterEach(() => pages?.allWasWell());
afterAll(() => pages?.close());

const seats = (seatMap: object) => ({ name: "Seats", price: euro(40), seatMap, maxPerOrder: 8 });

const comesTo = (eventId: string) => pages.visitor(`events/${eventId}`);

/** Shows a row in the list, which somebody uses who uses no map. */
async function looksAt(page: Page, section: string, row: string): Promise<void> {
  if ((await page.locator("details[open]").count()) === 0) await page.getByText("Choose from a list instead").click();
  await page.locator("#list-section").selectOption({ label: section });
  await page.locator("#list-row").selectOption(row);
}

const seatBox = (page: Page, name: string) => page.getByRole("checkbox", { name: new RegExp(`^${name} `) });

async function chooses(page: Page, section: string, row: string, ...names: string[]): Promise<void> {
  await looksAt(page, section, row);
  for (const name of names) await seatBox(page, name).check();
}

const HOLD = "Hold these seats";

/** Somebody new, who is about to have the first seat of the opera held. */
async function holdsAsGuest(eventId: string): Promise<Page> {
  const page = await comesTo(eventId);
  await chooses(page, "STALLS, €90.00", "A", "1");
  await press(page, HOLD);
  await press(page, "Go on as a guest");
  return page;
}

describe("seats", { timeout: WITHIN_MS }, () => {
  it("are chosen on the map, and paid for with a new account, after a card that is declined", async (context) => {
    if (executable === undefined) return context.skip(NO_BROWSER);
    const { eventId } = await pages.onSale([seats(OPERA)]);
    const page = await comesTo(eventId);
    await page.getByText("€90.00").first().waitFor();

    const said = [];
    for (const share of [0.45, 0.48]) {
      const box = await page.locator("#map").boundingBox();
      if (box === null) throw new Error("there is no map");
      await page.mouse.move(box.x + box.width * share, box.y + box.height * 0.33);
      said.push((await page.locator("#about-seat").innerText()).split(":")[0] ?? "");
      await page.mouse.down();
      await page.mouse.up();
    }
    expect(said[0]).toMatch(/^STALLS, row [A-I], seat \d+$/);
    expect(said[1]).not.toBe(said[0]);
    await reads(page, "€180.00");
    await press(page, HOLD);

    await page.getByLabel("E-mail").fill("buyer@example.org");
    await page.getByLabel("Password").fill("a good password");
    await page.getByLabel("Your name").fill("Bea");
    await press(page, "Create an account");
    await reads(page, "2 tickets are held for you");
    expect(await page.getByText("Signed in as Bea").count()).toBe(1);
    expect(await page.locator(".countdown").innerText()).toMatch(/^(10:00|9:[0-5]\d)$/);
    for (const seat of said) expect(await panelOf(page).innerText()).toContain(seat);

    await page.getByLabel("Pay by").selectOption("a card that is declined");
    await press(page, "Pay €180.00");
    await reads(page, "The payment was declined.");
    await page.getByLabel("Pay by").selectOption("a card that takes three seconds");
    await press(page, "Pay €180.00");
    await reads(page, "Your 2 tickets");
    expect(await panelOf(page).locator("li").count()).toBe(2);
    for (const seat of said) expect(await panelOf(page).innerText()).toContain(seat);

    expect(await panelOf(page).innerText()).not.toContain("as a guest");

    const { token } = await pages.node.signIn("buyer@example.org");
    const { items } = (await pages.node.call("GET", "/bookings", { token })).json();
    const outcomes = items.map(({ status, tickets }: { status: string; tickets: unknown[] }) => [
      status,
      tickets.length,
    ]);
    expect(outcomes).toEqual([
      ["PAID", 2],
      ["DECLINED", 0],
    ]);
  });

  it("that somebody holds, buys and gives back are seen so by others at once", async (context) => {
    if (executable === undefined) return context.skip(NO_BROWSER);
    const { eventId } = await pages.onSale([seats(OPERA)]);
    const [bea, cem] = [await comesTo(eventId), await comesTo(eventId)];
    await chooses(bea, "CIRCLE, €60.00", "B", "7", "8");
    await chooses(cem, "CIRCLE, €60.00", "B", "8", "9");
    await press(bea, HOLD);
    await press(bea, "Go on as a guest");
    await reads(bea, "2 tickets are held for you");

    // What was chosen, and is somebody else's now, is given up at once, and named.
    await reads(cem, "Somebody else was faster: CIRCLE, row B, seat 8.");
    expect(await seatBox(cem, "8").isDisabled()).toBe(true);
    await cem.locator("#list-seats").getByText("held by somebody").first().waitFor();
    expect(await cem.locator("#list-seats").getByText("held by somebody").count()).toBe(2);
    await reads(cem, "1 seat");

    await press(bea, "Give them back");
    await reads(bea, "The tickets are free again.");
    await cem.locator("#list-seats label", { hasText: /^ 8 free$/ }).waitFor();

    await chooses(bea, "CIRCLE, €60.00", "B", "7");
    await press(bea, HOLD);
    await press(bea, "Pay €60.00");
    await reads(bea, "Your ticket");
    await cem.locator("#list-seats label", { hasText: /^ 7 sold$/ }).waitFor();
  });

  it("that were taken in the same moment are named, and the others stay chosen", async (context) => {
    if (executable === undefined) return context.skip(NO_BROWSER);
    const { eventId, types } = await pages.onSale([seats(OPERA)]);
    const faster = await pages.node.guest();
    for (const bestAvailable of [6, 8, 4, 5]) {
      const wish = { ticketTypeId: types[0], bestAvailable };
      await pages.node.call("POST", `/events/${eventId}/reservations`, { token: faster.token, body: wish });
    }
    const page = await comesTo(eventId);
    await chooses(page, "BALCONY, €40.00", "C", "3", "4", "5");
    await page.route(
      "**/reservations",
      async (route) => {
        const wish = { ticketTypeId: types[0], seats: ["BALCONY-C-4", "BALCONY-C-5"] };
        const held = await pages.node.call("POST", `/events/${eventId}/reservations`, {
          token: faster.token,
          body: wish,
        });
        expect(held.statusCode, held.body).toBe(201);
        await route.continue();
      },
      { times: 1 },
    );
    await press(page, HOLD);
    await press(page, "Go on as a guest");
    await reads(
      page,
      "Somebody else was faster: BALCONY, row C, seat 4; BALCONY, row C, seat 5. Nothing was held; your other seat is still chosen.",
    );
    await page.getByText("Choose from a list instead").click(); // folds it
    await picture(page, "seats");
    await press(page, HOLD);
    await reads(page, "1 ticket is held for you");
    expect(await panelOf(page).innerText()).toContain("BALCONY, row C, seat 3");
  });

  it("are found side by side by the page, accessible ones for who asks", async (context) => {
    if (executable === undefined) return context.skip(NO_BROWSER);
    const { eventId } = await pages.onSale([seats(OPERA)]);
    const page = await comesTo(eventId);
    await page.getByLabel("How many").fill("2");
    await page.getByLabel("Of them accessible").fill("1");
    await press(page, "Hold the best");
    await press(page, "Go on as a guest");
    await reads(page, "2 tickets are held for you");
    const held = (await panelOf(page).locator("li").allInnerTexts()).map((text) => text.split("\n")[0]);
    expect(held).toEqual(["STALLS, row I, seat 2", "STALLS, row I, seat 3"]);

    await press(page, "Give them back");
    await page.getByLabel("How many").fill("9");
    await press(page, "Hold the best");
    expect(await page.getByLabel("How many").evaluate((box) => box.matches(":invalid"))).toBe(true);
    await reads(page, "Choose seats on the map");
  });

  it("stay held over a reload, can be kept for longer, and go back when their time is over", async (context) => {
    if (executable === undefined) return context.skip(NO_BROWSER);
    const { eventId } = await pages.onSale([seats(OPERA)], { holdTtlSeconds: 4 });
    const page = await holdsAsGuest(eventId);
    await reads(page, "1 ticket is held for you");
    await press(page, "More time");
    await panelOf(page)
      .getByText(/^0:0[4-8]$/)
      .waitFor();
    await page.reload();
    await reads(page, "1 ticket is held for you");
    expect(await panelOf(page).innerText()).toContain("STALLS, row A, seat 1");
    await reads(page, "The time was over, and the tickets went back.");
    await looksAt(page, "STALLS, €90.00", "A");
    await page.locator("#list-seats label", { hasText: /^ 1 free$/ }).waitFor();
  });

  it("go on being paid for when the page is loaded again, and are shown whenever the buyer comes back", async (context) => {
    if (executable === undefined) return context.skip(NO_BROWSER);
    const { eventId } = await pages.onSale([seats(OPERA)]);
    const page = await holdsAsGuest(eventId);
    await page.getByLabel("Pay by").selectOption("a card that takes three seconds");
    await Promise.all([page.waitForRequest("**/purchases"), press(page, "Pay €90.00")]);
    await reads(page, "1 ticket is held for you");
    const tab = await page.context().newPage();
    await tab.goto(page.url());
    await reads(tab, "The payment is under way.");
    await page.reload();
    await reads(page, "Your ticket");
    await reads(tab, "Your ticket");
    const code = await page.locator(".code").innerText();
    await reads(page, "Keep the codes: as a guest you are known to this browser alone.");
    await page.reload();
    await reads(page, "STALLS, row A, seat 1");
    expect(await page.locator(".code").allInnerTexts()).toEqual([code]);
    await press(page, "Buy more");
    await reads(page, "Your seats");
  });

  it("that were bought in another tab are shown, and not said to be gone", async (context) => {
    if (executable === undefined) return context.skip(NO_BROWSER);
    const { eventId } = await pages.onSale([seats(OPERA)]);
    const page = await holdsAsGuest(eventId);
    await reads(page, "1 ticket is held for you");
    const tab = await page.context().newPage();
    await tab.goto(page.url());
    await press(tab, "Pay €90.00");
    await reads(tab, "Your ticket");
    await press(page, "Pay €90.00");
    await reads(page, "Your ticket");
  });

  it("are bought with the keyboard alone", async (context) => {
    if (executable === undefined) return context.skip(NO_BROWSER);
    const { eventId } = await pages.onSale([seats(OPERA)]);
    const page = await comesTo(eventId);
    await page.getByText("€90.00").first().waitFor();
    const focused = () => page.evaluate("document.activeElement.innerText || document.activeElement.ariaLabel");
    const tabTo = async (wanted: string | RegExp) => {
      for (let presses = 0; presses < 40; presses += 1) {
        await page.keyboard.press("Tab");
        const now = String(await focused());
        if (typeof wanted === "string" ? now === wanted : wanted.test(now)) return;
      }
      throw new Error(`no way by Tab to ${wanted}`);
    };
    await page.locator("#map-keyboard").waitFor();
    await page.evaluate("document.querySelector('header a').focus()");
    for (let presses = 0; presses < 40 && (await page.locator("#map-keyboard:focus").count()) === 0; presses += 1) {
      await page.keyboard.press("Tab");
    }
    expect(await page.locator("#about-seat").innerText()).toBe("STALLS, row A, seat 1: €90.00, free");
    for (const key of ["ArrowDown", "ArrowDown", "End", "ArrowLeft", "Enter", "ArrowRight", "Space"]) {
      await page.keyboard.press(key);
    }
    expect(await page.locator("#about-seat").innerText()).toBe("STALLS, row C, seat 20: €90.00, yours");
    await reads(page, "€180.00");
    await tabTo(HOLD);
    await page.keyboard.press("Enter");
    await reads(page, "Who is buying?");
    await tabTo("Go on as a guest");
    await page.keyboard.press("Enter");
    await reads(page, "2 tickets are held for you");
    expect(await focused()).toBe("2 tickets are held for you");
    await tabTo("Pay €180.00");
    await page.keyboard.press("Enter");
    await reads(page, "Your 2 tickets");
    expect(await focused()).toBe("Your 2 tickets");
  });

  it("can be looked at before the sale begins, and not held", async (context) => {
    if (executable === undefined) return context.skip(NO_BROWSER);
    const { eventId } = await pages.onSale([seats(OPERA)], { saleStartsAt: "2031-01-01T00:00:00Z" });
    const page = await comesTo(eventId);
    await reads(page, /The sale begins on .*1 January 2031/);
    await press(page, "Hold the best");
    await press(page, "Go on as a guest");
    await reads(page, "The sale has not begun yet.");
  });

  it("say from where to where their prices go, beside tickets of other kinds", async (context) => {
    if (executable === undefined) return context.skip(NO_BROWSER);
    const { eventId } = await pages.onSale([seats(OPERA), { name: "Standing", capacity: 5, price: euro(25) }]);
    const page = await comesTo(eventId);
    const said = await page
      .getByRole("group")
      .getByRole("radio")
      .evaluateAll((all) => all.map((one) => one.parentElement?.textContent));
    expect(said).toEqual(["Seats, €40.00 to €90.00", "Standing, €25.00"]);
  });

  it("are seen and chosen among 50,000", async (context) => {
    if (executable === undefined) return context.skip(NO_BROWSER);
    const { eventId } = await pages.onSale([seats(arenaOf(20))]);
    const page = await comesTo(eventId);
    await page.getByText("€120.00").first().waitFor();
    await press(page, "Hold the best");
    await press(page, "Go on as a guest");
    await reads(page, "2 tickets are held for you");
    await picture(page, "seats-arena");
    await press(page, "Give them back");
    // Seats are dots: the first click comes closer, the second chooses.
    const box = await page.locator("#map").boundingBox();
    if (box === null) throw new Error("there is no map");
    const at = [box.x + box.width * 0.5, box.y + box.height * 0.5] as const;
    await page.mouse.click(...at);
    await reads(page, "Choose seats on the map");
    await page.mouse.move(at[0] + 30, at[1]);
    const said = (await page.locator("#about-seat").innerText()).split(":")[0] ?? "";
    await page.mouse.click(at[0] + 30, at[1]);
    await reads(page, said);
  });
});

describe("tickets without seats", { timeout: WITHIN_MS }, () => {
  it("are bought by their number; kinds are chosen, and free ones cost nothing", async (context) => {
    if (executable === undefined) return context.skip(NO_BROWSER);
    const { eventId } = await pages.onSale([
      { name: "Regular", capacity: 10, price: euro(12), maxPerOrder: 4 },
      { name: "Children", capacity: 3, description: "Up to 12" },
      { name: "Later", capacity: 3, saleStartsAt: "2031-01-01T00:00:00Z" },
    ]);
    const page = await comesTo(eventId);
    await page.getByLabel("How many").fill("3");
    await press(page, "Hold them");
    await press(page, "Go on as a guest");
    await press(page, "Pay €36.00");
    await reads(page, "Your 3 tickets");
    await press(page, "Buy more");

    await page.getByRole("radio", { name: "Later" }).check();
    await reads(page, /The sale begins on .*1 January 2031/);
    await page.getByRole("radio", { name: "Children" }).check();
    await page.getByLabel("How many").fill("4");
    await press(page, "Hold them");
    await reads(page, "So many are not left: it is 3 now.");
    await page.getByLabel("How many").fill("1");
    await press(page, "Hold them");
    await press(page, "Take them");
    await reads(page, "They are yours.");
  });

  it("fit a narrow screen, whatever they are called", async (context) => {
    if (executable === undefined) return context.skip(NO_BROWSER);
    const long = { name: "Donaudampfschifffahrtsgesellschaft".repeat(2), description: "x".repeat(120), capacity: 5 };
    const { eventId } = await pages.onSale([long, { name: "Regular", capacity: 5 }], { name: "W".repeat(60) });
    const page = await pages.visitor(`events/${eventId}`, { width: 360, height: 740 });
    await reads(page, "Your tickets");
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(360);
  });

  it("of an event that was called off can't be bought, and that is why", async (context) => {
    if (executable === undefined) return context.skip(NO_BROWSER);
    const { eventId } = await pages.onSale([{ name: "Regular", capacity: 10 }]);
    await pages.node.call("POST", `/events/${eventId}/cancel`, { token: pages.organizer.token });
    const page = await comesTo(eventId);
    await reads(page, "This event was called off.");
  });

  it("of an event that is not there can't be bought", async (context) => {
    if (executable === undefined) return context.skip(NO_BROWSER);
    const page = await comesTo(crypto.randomUUID());
    await reads(page, "Not now");
  });
});
