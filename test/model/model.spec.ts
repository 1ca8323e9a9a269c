import { describe, expect, it } from "vitest";
import { declaredTypes } from "../fixtures/kept-events.ts";
import { playRun, type RunResult, shrunk } from "./runs.ts";

const RUNS = 200;

/** What puts right that somebody reserved in the moment between two steps; here one thing is done after the other. */
const ONLY_IN_RACES: ReadonlySet<string> = new Set(["TicketTypeCapacityListed", "TicketTypeRestored"]);

/** The world of these runs has no seat maps: what is wished for of numbered seats is in test/domain/seats-laws.spec.ts. */
const OF_SEATS: ReadonlySet<string> = new Set(["SeatsBlocked", "SeatsUnblocked"]);

/** Nor waiting rooms: those are in test/domain/waiting-room. */
const OF_WAITING_ROOMS: ReadonlySet<string> = new Set([
  "WaitingRoomSetUp",
  "WaitingRoomChanged",
  "SeedRevealed",
  "WaitingRoomClosed",
]);

describe("random sequences of everything that can be asked", () => {
  it("are answered and recorded as a simple model expects, and the books balance", { timeout: 60_000 }, async () => {
    const recorded = new Set<string>();
    const answers = new Set<string>();
    for (let seed = 1; seed <= RUNS; seed += 1) {
      const run = await playRun(seed);
      if (run.faults.length > 0) throw new Error(await told(run));
      for (const type of run.recorded) recorded.add(type);
      for (const answer of run.answers.keys()) answers.add(answer);
    }
    // Else there is something that these runs no longer come by.
    const isElsewhere = (type: string) => [ONLY_IN_RACES, OF_SEATS, OF_WAITING_ROOMS].some((types) => types.has(type));
    expect(declaredTypes().filter((type) => !recorded.has(type) && !isElsewhere(type))).toEqual([]);
    expect(answers.size).toBeGreaterThan(80);
  });

  it("go the same way each time", async () => {
    for (const seed of [3, 4]) {
      const [first, second] = [await playRun(seed), await playRun(seed)];
      expect(second.story).toEqual(first.story);
    }
  });
});

async function told(run: RunResult): Promise<string> {
  const { played } = await shrunk(run);
  return [`npm run model -- --seed ${run.seed}`, ...played.story, ...played.faults].join("\n");
}
