import { describe, expect, it } from "vitest";
import { restAfter, restWhileBusy } from "../../src/projections/patience.ts";

describe("who projects patiently", () => {
  it("takes a tenth of the time while others need it, most of it while nobody does", () => {
    expect(restAfter(1_000, 0.9)).toBe(9_000);
    expect(restAfter(1_000, 0.1)).toBeCloseTo(428.6, 1);
  });

  it("rests a little after every piece of work", () => {
    expect(restAfter(1, 0.1)).toBe(250);
    expect(restAfter(1, 1)).toBe(250);
  });

  it("goes by how busy the process was since it looked last, or the machine's processors", () => {
    let active = 0;
    const machine = { user: 0, nice: 0, sys: 0, irq: 0, idle: 0 };
    const loop = {
      eventLoopUtilization: (now?: { active: number }, before?: { active: number }) =>
        now === undefined || before === undefined
          ? { idle: 0, active, utilization: 0 }
          : { idle: 0, active, utilization: (now.active - before.active) / 10 },
    };
    const rest = restWhileBusy({ loop: loop as never, cpus: () => [{ times: { ...machine } }] });
    active = 9;
    machine.idle += 1_000;
    expect(rest(1_000)).toBe(9_000);
    active += 1;
    machine.idle += 1_000;
    expect(rest(1_000)).toBeLessThan(1_000);
    machine.idle += 400;
    machine.user += 300;
    machine.sys += 300;
    expect(rest(1_000)).toBe(9_000);
    machine.idle += 1_000;
    expect(rest(1_000)).toBeLessThan(1_000);
    expect(rest(1_000)).toBeLessThan(1_000); // the clock of processors is coarse
  });
});
