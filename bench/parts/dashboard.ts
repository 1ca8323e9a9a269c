import type { Browser } from "playwright-core";
import { openPostgresEventStore } from "../../src/eventstore/postgres/index.ts";
import { browserHere, NO_BROWSER, startBrowser } from "../../test/support/browser.ts";
import { picture } from "../../test/support/picture.ts";
import { visit } from "../../test/support/visitor.ts";
import { createHttpClient } from "../../test/system/http-client.ts";
import { startProduct } from "../../test/system/product.ts";
import { expectStatus } from "../../test/system/shop.ts";
import { rounded, shown, spreadOf } from "../support/figures.ts";
import { manySales } from "../support/many-sales.ts";
import type { Part } from "../support/part.ts";
import { query } from "../support/postgres-server.ts";

const SALES = 1_000_000;
const QUICK_SALES = 20_000;
const WITHIN_MS = 1_000;
const PASSWORD = "a good password";
const DRAWN = `(async () => {
  while (performance.getEntriesByName("figures").length === 0) await new Promise(requestAnimationFrame);
  await new Promise(requestAnimationFrame);
  return {
    drawnMs: performance.now(),
    firstPaintMs: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Number.NaN,
  };
})()`;

interface Drawn {
  /** From the beginning of the navigation until charts, bars and tables are there. */
  readonly drawnMs: number;
  /** Until the browser painted anything of the page. */
  readonly firstPaintMs: number;
}

/** Figures of one event; each time a browser that has nothing of the page yet, but somebody is signed in. */
export const dashboard: Part = {
  name: "dashboard",
  about: "the dashboard's first paint, of an event with a million sales",
  async run({ options, workDir, postgres, say }) {
    const executable = browserHere();
    if (executable === undefined) throw new Error(NO_BROWSER);
    const sales = options.quick ? QUICK_SALES : SALES;
    const databaseUrl = await (await postgres()).freshDatabase();
    const product = await startProduct({ databaseUrl, dataDir: workDir, roles: "api,projector" });
    const client = createHttpClient(product.port, 1);
    const browser = await startBrowser(executable);
    try {
      const person = { email: "ada@example.org", password: PASSWORD };
      await expectStatus(201, client.call("POST", "/accounts", { body: { ...person, name: "Ada" } }));
      const session = (await expectStatus(201, client.call("POST", "/sessions", { body: person }))).body as Session;
      const price = { amount: 4_500, currency: "EUR" };
      const ticketTypes = ["Stalls", "Circle", "Gallery", "Standing"].map((name) => ({
        name,
        capacity: 500_000,
        price,
      }));
      const event = { name: "Rigoletto", timeZone: "Europe/Berlin", ticketTypes };
      const { body } = await expectStatus(201, client.call("POST", "/events", { token: session.token, body: event }));
      const { eventId } = body as { eventId: string };
      await projected(databaseUrl);
      const began = performance.now();
      await manySales(databaseUrl, eventId, sales);
      say(`${sales} sales are in the tables after ${rounded((performance.now() - began) / 1_000)} s`);
      const address = `http://127.0.0.1:${product.port}/pages/dashboard?event=${eventId}`;
      const runs: Drawn[] = [];
      for (let round = 0; round <= options.repeats; round += 1) {
        const drawn = await visited(browser, address, session);
        if (round > 0) runs.push(drawn); // the first is the server's, too
        say(
          `round ${round}: drawn after ${rounded(drawn.drawnMs)} ms, first paint after ${rounded(drawn.firstPaintMs)} ms`,
        );
      }
      const drawn = spreadOf(runs.map(({ drawnMs }) => drawnMs));
      const painted = spreadOf(runs.map(({ firstPaintMs }) => firstPaintMs));
      return {
        table: [
          ["sales", "first paint, ms", "charts drawn, ms"],
          [String(sales), shown(painted), shown(drawn)],
        ],
        checks: [
          {
            what: "charts drawn, ms",
            figure: shown(drawn),
            floor: `under ${WITHIN_MS}`,
            met: drawn.median < WITHIN_MS,
          },
        ],
        measurements: runs,
      };
    } finally {
      await browser.close();
      client.close();
      await product.stop(60_000);
    }
  },
};

interface Session {
  readonly token: string;
  readonly accountId: string;
  readonly expiresAt: string;
}

async function visited(browser: Browser, address: string, session: Session): Promise<Drawn> {
  const { origin } = new URL(address);
  const visitor = await visit(browser, `${origin}/pages/events`, { width: 1_180, height: 1_060 });
  const kept = JSON.stringify({ ...session, name: "Ada" });
  await visitor.page.evaluate(`localStorage.setItem("boxoffice.session", ${JSON.stringify(kept)})`);
  await visitor.page.goto(address);
  const drawn = await visitor.page.evaluate<Drawn>(DRAWN);
  await visitor.page.locator("#figures dd").first().waitFor();
  await visitor.page.waitForFunction(`document.querySelector("#event").options.length > 1`);
  await picture(visitor.page, "dashboard");
  await visitor.close();
  if (visitor.complaints.length > 0) throw new Error(visitor.complaints.join("\n"));
  return drawn;
}

/** Until the event is known to the read model that the sales are put into. */
async function projected(databaseUrl: string): Promise<void> {
  const store = await openPostgresEventStore({ connectionString: databaseUrl });
  const head = await store.head(["listing-", "inventory-"]);
  await store.close();
  for (;;) {
    const [row] = await query<{ checkpoint: string | null }>(
      databaseUrl,
      "select checkpoint::text from readmodels.projections where name = 'analytics'",
    );
    if (row?.checkpoint != null && head !== null && BigInt(row.checkpoint) >= head) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
