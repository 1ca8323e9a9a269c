import { beforeEach, describe, expect, it } from "vitest";
import { type Rest, restWhileBusy } from "../../src/projections/patience.ts";

/** What others do while it rests, by shares of the time: of this process's event loop and of the machine's processors. */
let others: { loop: number; machine: number };
let rest: Rest;
let active: number;
let machine: { user: number; nice: number; sys: number; irq: number; idle: number };
beforeEach(() => {
  others = { loop: 0, machine: 0 };
  active = 0;
  machine = { user: 0, nice: 0, sys: 0, irq: 0, idle: 0 };
  const loop = {
    eventLoopUtilization: (now?: { active: number }, before?: { active: number }) =>
      now === undefined || before === undefined
        ? { idle: 0, active, utilization: 0 }
        : { idle: 0, active, utilization: (now.active - before.active) / 250 },
  };
  rest = restWhileBusy({ loop: loop as never, cpus: () => [{ times: { ...machine } }] });
});

/** @param onPause told how long it has rested. @returns how long it rested in all */
async function restedAfter(
  ms: number,
  { onPause = (_restedMs: number) => {}, hasMuchToDo = true } = {},
): Promise<number> {
  let rested = 0;
  await rest({ ms, hasMuchToDo }, async (ms) => {
    rested += ms;
    onPause(rested);
    active += ms * others.loop;
    machine.user += ms * others.machine;
    machine.idle += ms * (1 - others.machine);
  });
  return rested;
}

describe("who projects patiently", () => {
  it.each([
    ["its process", { loop: 0.9, machine: 0 }],
    ["the machine", { loop: 0, machine: 0.9 }],
  ])("takes a tenth of the time while %s is busy with something else", async (_, busy) => {
    others = busy;
    expect(await restedAfter(1_000)).toBe(9_000);
  });

  it("takes most of the time while nobody else needs it, whatever it did itself", async () => {
    active += 1_000;
    machine.user += 1_000;
    expect(await restedAfter(1_000)).toBe(500);
  });

  it("rests a little after every piece of work", async () => {
    expect(await restedAfter(1)).toBe(250);
    others = { loop: 1, machine: 1 };
    expect(await restedAfter(1)).toBe(250);
  });

  it("keeps nobody waiting for long while it has little to do, however busy others are", async () => {
    others = { loop: 1, machine: 1 };
    expect(await restedAfter(1_000, { hasMuchToDo: false })).toBe(500);
  });

  it("goes on when a rush is over", async () => {
    others = { loop: 0.9, machine: 0.9 };
    const onPause = (restedMs: number) => {
      if (restedMs > 2_000) others = { loop: 0.1, machine: 0.1 };
    };
    expect(await restedAfter(1_000, { onPause })).toBe(2_250);
  });

  it("does without processors whose clock stands still", async () => {
    expect(await rest({ ms: 1_000, hasMuchToDo: true }, async () => {})).toBeUndefined();
  });
});
