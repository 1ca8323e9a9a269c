import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sandboxRoutes } from "../../src/api/sandbox/routes.ts";
import { type ClockMover, clockMover } from "../../src/commands/clock-moves.ts";
import { type PostgresClock, postgresClock } from "../../src/commands/postgres-clock.ts";
import { prepareCommands } from "../../src/commands/prepare.ts";
import { collectedLog } from "../commands/running.ts";
import { type ApiUnderTest, startApi } from "./harness.ts";

let app: ApiUnderTest;
let clock: PostgresClock;
let mover: ClockMover;
let token: string;
beforeAll(async () => {
  app = await startApi({ routes: [sandboxRoutes({ mover: { advance: (...args) => mover.advance(...args) } })] });
  await prepareCommands(app.pool);
  clock = await postgresClock(app.pool, collectedLog());
  mover = clockMover({ pool: app.pool, clock, log: collectedLog(), onMoved: () => undefined });
  token = (await app.admin()).token;
});
afterAll(async () => {
  await mover.close();
  clock.close();
  await app.close();
});

const advance = (body: unknown, headers: Record<string, string> = {}) =>
  app.call("POST", "/sandbox/clock/advance", { token, body, headers });

describe("POST /sandbox/clock/advance", () => {
  it("moves the clock on and says what it says now", async () => {
    const before = clock.nowMs();
    const moved = await advance({ seconds: 900 });
    expect(moved.statusCode).toBe(200);
    expect(moved.json()).toEqual({ now: expect.any(String), offsetSeconds: 900 });
    expect(Date.parse(moved.json().now)).toBeGreaterThanOrEqual(before + 900_000);
    expect(clock.nowMs()).toBeGreaterThanOrEqual(Date.parse(moved.json().now));
  });

  it("leaves tokens as they are: they go by the time of the world", async () => {
    await advance({ seconds: 10 * 86_400 });
    expect((await app.call("GET", "/accounts/me", { token })).statusCode).toBe(200);
  });

  it("counts once for an Idempotency-Key", async () => {
    const headers = { "idempotency-key": "once" };
    const first = await advance({ seconds: 60 }, headers);
    const again = await advance({ seconds: 60 }, headers);
    expect(again.json()).toEqual(first.json());
    expect(again.headers["idempotency-replayed"]).toBe("true");
    expect((await advance({ seconds: 61 }, headers)).json().code).toBe("idempotency-key-reused");
  });

  it.each([0, -1, 1.5, 31_536_001, "60", null])("refuses %j seconds", async (seconds) => {
    const refused = await advance({ seconds });
    expect([refused.statusCode, refused.json().errors[0].path]).toEqual([400, "/seconds"]);
  });

  it("goes so far and no further", async () => {
    for (let years = 0; years < 99; years += 1) await advance({ seconds: 31_536_000 });
    const refused = await advance({ seconds: 31_536_000 });
    expect([refused.statusCode, refused.json().errors[0].path]).toEqual([400, "/seconds"]);
  });

  it("is for administrators", async () => {
    const { token: other } = await app.signUp();
    const refused = await app.call("POST", "/sandbox/clock/advance", { token: other, body: { seconds: 1 } });
    expect(refused.json().code).toBe("forbidden");
    expect((await app.call("POST", "/sandbox/clock/advance", { body: { seconds: 1 } })).statusCode).toBe(401);
  });
});
