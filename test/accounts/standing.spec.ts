import { setImmediate as turnsEnd } from "node:timers/promises";
import type pg from "pg";
import { describe, expect, it } from "vitest";
import { createStandings } from "../../src/accounts/standing.ts";

interface Row {
  roles: string[];
  guest: boolean;
  suspended: boolean;
}

/** A pool whose answers are given when the spec says so. */
function database() {
  const asked: ((row: Row | undefined) => void)[] = [];
  const query = ({ values: [sessionIds, accountIds] }: { values: [string[], string[]] }) =>
    new Promise((resolve) =>
      asked.push((row) => {
        const found = sessionIds.map((session_id, n) => ({ ...row, session_id, account_id: accountIds[n] }));
        resolve({ rows: row === undefined ? [] : found });
      }),
    );
  return { pool: { query } as unknown as pg.Pool, asked };
}

const customer: Row = { roles: ["customer"], guest: false, suspended: false };

function listening() {
  const { pool, asked } = database();
  const standings = createStandings(pool);
  standings.hearing(true);
  return { standings, asked };
}

async function remembered({ standings, asked }: ReturnType<typeof listening>, sessionId = "s", accountId = "a") {
  const standing = standings.of(sessionId, accountId);
  await turnsEnd();
  asked.pop()?.(customer);
  await standing;
}

describe("the standing of a session", () => {
  it("is asked for once, and then answered at once", async () => {
    const setup = listening();
    await remembered(setup);
    expect(setup.standings.of("s", "a")).toMatchObject({ accountId: "a", roles: ["customer"] });
    expect(setup.asked).toHaveLength(0);
  });

  it("is asked for anew after a change of the session or of the account, and of no other", async () => {
    for (const change of ["session", "account"] as const) {
      const setup = listening();
      await remembered(setup);
      await remembered(setup, "other session", "other account");
      if (change === "session") setup.standings.sessionChanged("s");
      else setup.standings.accountChanged("a");
      expect(setup.standings.of("s", "a")).toBeInstanceOf(Promise);
      expect(setup.standings.of("other session", "other account")).not.toBeInstanceOf(Promise);
    }
  });

  it("that was read while a change came in is not remembered: it may be from before it", async () => {
    const { standings, asked } = listening();
    const first = standings.of("s", "a");
    await turnsEnd();
    standings.accountChanged("a");
    asked.pop()?.(customer);
    await first;
    expect(standings.of("s", "a")).toBeInstanceOf(Promise);
  });

  it("is asked for by one question with those of others who come in the same turn, each with an answer of its own", async () => {
    const { standings, asked } = listening();
    const both = Promise.all([standings.of("s", "a"), standings.of("other session", "other account")]);
    await turnsEnd();
    expect(asked).toHaveLength(1);
    asked.pop()?.(customer);
    expect(await both).toMatchObject([{ accountId: "a" }, { accountId: "other account" }]);
  });

  it("is told as it is after a change that comes between the wish and the question", async () => {
    const { standings, asked } = listening();
    const standing = standings.of("s", "a");
    standings.sessionChanged("s");
    expect(asked).toHaveLength(0);
    await turnsEnd();
    asked.pop()?.(undefined);
    expect(await standing).toBe("session-ended");
    await remembered({ standings, asked });
    expect(standings.of("s", "a")).toMatchObject({ accountId: "a" });
  });

  it("is asked for once by many at once, but not by those who come after a change", async () => {
    const { standings, asked } = listening();
    const before = [standings.of("s", "a"), standings.of("s", "a")];
    await turnsEnd();
    expect(asked).toHaveLength(1);
    standings.sessionChanged("s");
    const after = standings.of("s", "a");
    await turnsEnd();
    expect(asked).toHaveLength(2);
    asked[1]?.(undefined);
    asked[0]?.(customer);
    expect(await Promise.all(before)).toEqual([expect.objectContaining({ accountId: "a" }), expect.anything()]);
    expect(await after).toBe("session-ended");
    standings.hearing(false);
    for (const count of [3, 4]) {
      standings.of("s", "a");
      await turnsEnd();
      expect(asked).toHaveLength(count);
    }
  });

  it("is not remembered while changes can't be heard of", async () => {
    const setup = listening();
    await remembered(setup);
    setup.standings.hearing(false);
    await remembered(setup);
    expect(setup.standings.of("s", "a")).toBeInstanceOf(Promise);
    setup.standings.hearing(true);
    expect(setup.standings.of("s", "a")).toBeInstanceOf(Promise);
  });

  it("that was asked for before the ear was lost and answered after it is back is not remembered", async () => {
    const { standings, asked } = listening();
    const first = standings.of("s", "a");
    await turnsEnd();
    standings.hearing(false);
    standings.hearing(true);
    asked.pop()?.(customer);
    await first;
    expect(standings.of("s", "a")).toBeInstanceOf(Promise);
  });

  it("is never remembered when it is no good", async () => {
    const { standings, asked } = listening();
    for (const [row, standing] of [
      [undefined, "session-ended"],
      [{ ...customer, suspended: true }, "account-suspended"],
    ] as const) {
      const answer = standings.of("s", "a");
      await turnsEnd();
      asked.pop()?.(row);
      expect(await answer).toBe(standing);
      expect(standings.of("s", "a")).toBeInstanceOf(Promise);
    }
  });
});
