import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { waitingRoomHands } from "../api/waiting-room-hands.ts";
import { browserHere, NO_BROWSER } from "../support/browser.ts";
import { picture } from "../support/picture.ts";
import { euro, OPERA } from "./halls.ts";
import { type PagesUnderTest, panelOf, press, reads, startPages } from "./pages-node.ts";

const executable = browserHere();
const WITHIN_MS = 120_000;
const HOUR_MS = 3_600_000;
const inMs = (ms: number) => new Date(Date.now() + ms).toISOString();

let pages: PagesUnderTest;
let hands: ReturnType<typeof waitingRoomHands>;
beforeAll(async () => {
  if (executable === undefined) return;
  pages = await startPages(executable);
  hands = waitingRoomHands(pages.node);
}, WITHIN_MS);
afterEach(() => pages?.allWasWell());
afterAll(() => pages?.close());

const seats = { name: "Seats", price: euro(40), seatMap: OPERA };

describe("the waiting room's page", { timeout: WITHIN_MS }, () => {
  it("takes people in line before the opening, draws, brings them in, and they buy", async (context) => {
    if (executable === undefined) return context.skip(NO_BROWSER);
    const { eventId } = await pages.onSale([seats]);
    await hands.setUp(eventId, pages.organizer, { opensAt: inMs(HOUR_MS) });

    // Who comes to buy is sent to the waiting room.
    const page = await pages.visitor(`events/${eventId}`);
    await page.waitForURL(`**/pages/events/${eventId}/waiting-room`);
    await reads(page, "Many want to buy. Who are you?");
    await press(page, "Go on as a guest");
    await press(page, "Stand in line");
    await reads(page, "You are in. It opens in");
    expect(await page.locator(".figure").innerText()).toMatch(/^(1:00:00|59:\d\d)$/);
    await page.getByText("How it is decided who comes first").click();
    const { commitment } = (await hands.look(eventId)).json();
    await page.getByText(commitment).waitFor();
    await picture(page, "waiting-room");

    await hands.setUp(eventId, pages.organizer, { opensAt: inMs(3_000), admitPerMinute: 60_000 });
    await page.reload(); // whoever comes back keeps the place
    await reads(page, "You are in");
    await page.waitForURL(`**/pages/events/${eventId}`);
    await page.getByText(/^It is your turn: you may hold tickets until \d\d:\d\d, once\.$/).waitFor();
    const tab = await page.context().newPage();
    await tab.goto(page.url());
    await reads(tab, "Your seats");
    await press(page, "Hold the best");
    await reads(page, "2 tickets are held for you");
    // The same turn in another tab finds what was held by it.
    await press(tab, "Hold the best");
    await reads(tab, "2 tickets are held for you");
    await page.reload();
    await reads(page, /^STALLS, row A, seat \d+/);
    await press(page, "Pay €180.00");
    await reads(page, "Your 2 tickets");
    await page.reload();
    await reads(page, "Your 2 tickets");

    // One reservation an admission: for more, one stands in line anew.
    await press(page, "Buy more");
    await press(page, "Hold the best");
    await page.waitForURL("**/waiting-room");
    await reads(page, "You have held tickets by that turn.");
    await page.getByRole("button", { name: "Stand in line" }).waitFor();
    await page.goto(tab.url());
    await reads(page, "Your 2 tickets");
    await press(page, "Buy more");
    await press(page, "Stand in line");
    await page.waitForURL("**/waiting-room");
  });

  it("shows place and wait, and a draw that anybody can check", async (context) => {
    if (executable === undefined) return context.skip(NO_BROWSER);
    const { eventId } = await pages.onSale([seats]);
    await hands.setUp(eventId, pages.organizer, { opensAt: inMs(HOUR_MS) });
    for (let person = 0; person < 30; person += 1) await hands.entered(eventId, await pages.node.guest());
    const page = await pages.visitor(`events/${eventId}/waiting-room`, { width: 760, height: 1_040 });
    await press(page, "Go on as a guest");
    await press(page, "Stand in line");
    await reads(page, "You are in. It opens in");
    await hands.setUp(eventId, pages.organizer, { admitPerMinute: 60, paused: true });
    await page.reload();
    await reads(page, "Your place in the line");
    await reads(page, "The organizer has paused the line.");
    expect(Number(await page.locator(".figure").innerText())).toBeGreaterThanOrEqual(1);
    expect(await page.title()).toMatch(/^\d+: Rigoletto$/);

    await page.getByText("How it is decided who comes first").click();
    await page.getByText("Checked in this browser: it is the seed that was fixed before.").waitFor();
    const room = (await hands.look(eventId)).json();
    await page.getByText(room.seed, { exact: true }).waitFor();

    // The command that the page tells prints the lot that the page tells.
    const command = await page.locator("pre", { hasText: "verify-draw" }).innerText();
    const [, account = "", committed = ""] = /room\.json (\S+) --committed (\S+)/.exec(command) ?? [];
    const lot = /Your lot is ([\d,]+) of/.exec(await page.locator("#fair").innerText())?.[1]?.replaceAll(",", "");
    const folder = await mkdtemp(join(tmpdir(), "boxoffice-draw-"));
    const file = join(folder, "room.json");
    await writeFile(file, JSON.stringify(room));
    const { stdout } = await promisify(execFile)(process.execPath, [
      "src/verify-draw.ts",
      file,
      account,
      "--committed",
      committed,
    ]);
    await rm(folder, { recursive: true });
    expect(stdout).toContain("the seed of the draw is the one that was committed to");
    expect(stdout).toContain(`second 0, lot ${lot} of`);

    await hands.setUp(eventId, pages.organizer, { admitPerMinute: 5 });
    await page.reload();
    await reads(page, /^It takes (less than a minute|about .* minutes?) until it is your turn\.$/);
    await page.getByText("How it is decided who comes first").click();
    await picture(page, "waiting-room-place");
    await hands.setUp(eventId, pages.organizer, { admitPerMinute: 60_000 });
    await page.reload();
    await page.waitForURL(`**/pages/events/${eventId}`);
    await reads(page, "Your seats");
  });

  it("tells those who wait that all tickets are gone, and is left by who wants to", async (context) => {
    if (executable === undefined) return context.skip(NO_BROWSER);
    const { eventId, types } = await pages.onSale([{ name: "Regular", capacity: 1 }]);
    await hands.setUp(eventId, pages.organizer);
    const first = await pages.node.guest();
    const admission = await hands.called(eventId, await hands.entered(eventId, first));
    const page = await pages.visitor(`events/${eventId}/waiting-room`);
    await press(page, "Go on as a guest");
    await press(page, "Stand in line");
    await reads(page, "Your place in the line");
    const reserved = await pages.node.call("POST", `/events/${eventId}/reservations`, {
      token: first.token,
      headers: { "admission-token": admission },
      body: { ticketTypeId: types[0], quantity: 1 },
    });
    expect(reserved.statusCode, reserved.body).toBe(201);
    await reads(page, "All tickets are in somebody's hands just now.");
    const { reservationId } = reserved.json();
    const bought = await pages.node.call("POST", "/purchases", {
      token: first.token,
      body: { reservationIds: [reservationId] },
    });
    expect(bought.json().status, bought.body).toBe("PAID");
    await reads(page, "All tickets are sold.");
    await press(page, "Leave the line");
    await reads(page, "You have left the line.");
    await page.reload();
    await page.getByRole("button", { name: "Stand in line" }).waitFor();
  });

  it("tells those who wait that the event was called off, and no place any more", async (context) => {
    if (executable === undefined) return context.skip(NO_BROWSER);
    const { eventId } = await pages.onSale([{ name: "Regular", capacity: 1 }]);
    await hands.setUp(eventId, pages.organizer, { paused: true });
    const page = await pages.visitor(`events/${eventId}/waiting-room`);
    await press(page, "Go on as a guest");
    await press(page, "Stand in line");
    await reads(page, "Your place in the line");
    await pages.node.call("POST", `/events/${eventId}/cancel`, { token: pages.organizer.token });
    await page.reload();
    await reads(page, "The sale is over");
    expect(await panelOf(page).innerText()).not.toMatch(/place in the line|paused/);
  });

  it("lets people in by a code, and says when it is wrong", async (context) => {
    if (executable === undefined) return context.skip(NO_BROWSER);
    const { eventId } = await pages.onSale([{ name: "Regular", capacity: 10 }]);
    const classes = [{ name: "presale", share: 50, code: "friends" }];
    await hands.setUp(eventId, pages.organizer, { opensAt: inMs(HOUR_MS), classes });
    const page = await pages.visitor(`events/${eventId}/waiting-room`);
    await press(page, "Go on as a guest");
    await page.getByRole("radio", { name: "by presale" }).check();
    await page.getByLabel("Code").fill("enemies");
    await press(page, "Stand in line");
    await panelOf(page).getByRole("alert").filter({ hasText: /./ }).waitFor();
    await page.getByLabel("Code").fill("friends");
    await press(page, "Stand in line");
    await reads(page, "You are in. It opens in");
  });

  it("is left behind when the organizer closes it", async (context) => {
    if (executable === undefined) return context.skip(NO_BROWSER);
    const { eventId } = await pages.onSale([{ name: "Regular", capacity: 10 }]);
    await hands.setUp(eventId, pages.organizer, { paused: true });
    const page = await pages.visitor(`events/${eventId}/waiting-room`);
    await press(page, "Go on as a guest");
    await press(page, "Stand in line");
    await reads(page, "Your place in the line");
    await hands.setUp(eventId, pages.organizer, { enabled: false });
    await page.waitForURL(`**/pages/events/${eventId}`);
    await reads(page, "Your tickets");
  });
});
