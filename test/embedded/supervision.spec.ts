import { expect, it } from "vitest";
import type { Postmaster } from "../../src/embedded/postmaster.ts";
import type { StartError } from "../../src/embedded/start-error.ts";
import { keepRunning } from "../../src/embedded/supervision.ts";

/** A server that ends when it is told, or by itself at once. */
function server(life: "dies at once" | "lives"): Postmaster & { stops: number } {
  const { promise: ended, resolve } = Promise.withResolvers<string>();
  if (life === "dies at once") resolve("signal SIGKILL");
  return {
    pid: 1,
    ended,
    stops: 0,
    async stop() {
      this.stops++;
      resolve("exit code 0");
    },
  };
}

function watched(first: Postmaster, startAgain: () => Promise<Postmaster>) {
  const pauses: number[] = [];
  const lines: string[] = [];
  const down = Promise.withResolvers<StartError>();
  const log = { debug() {}, info: (line: string) => lines.push(line), warn: (line: string) => lines.push(line) };
  const supervision = keepRunning(first, {
    startAgain,
    log,
    onDown: down.resolve,
    pause: async (ms) => void pauses.push(ms),
  });
  return { supervision, pauses, lines, down: down.promise };
}

it("gives up after ten attempts, ever further apart, and says so", async () => {
  const { down, pauses, lines } = watched(server("dies at once"), () => Promise.reject(new Error("no space left")));
  expect((await down).message).toBe(
    "the embedded Postgres did not start (no space left), the last of 10 attempts to bring it back",
  );
  expect(pauses).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000, 5_000]);
  expect(lines).toHaveLength(11);
});

it("counts a server that starts and dies again as an attempt", async () => {
  let starts = 0;
  const { down, pauses } = watched(server("dies at once"), async () => {
    starts++;
    return server("dies at once");
  });
  await down;
  expect(starts).toBe(10);
  expect(pauses).toHaveLength(10);
});

it("starts nothing any more once it is stopped", async () => {
  const first = server("lives");
  const { supervision, pauses } = watched(first, () => Promise.reject(new Error("started again")));
  await supervision.stop();
  expect(first.stops).toBe(1);
  expect(pauses).toEqual([]);
});

it("stops also the server that was just being started", async () => {
  const again = server("lives");
  const starting = Promise.withResolvers<void>();
  const underWay = Promise.withResolvers<Postmaster>();
  const { supervision } = watched(server("dies at once"), () => {
    starting.resolve();
    return underWay.promise;
  });
  await starting.promise;
  const stopped = supervision.stop();
  underWay.resolve(again);
  await stopped;
  expect(again.stops).toBe(1);
});
