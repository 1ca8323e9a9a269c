import type { Chance } from "../../model/chance.ts";
import type { Link } from "../town/links.ts";
import type { RunningTown } from "../town/running-town.ts";
import { type Fault, over, type Struck } from "./fault.ts";

const SLOWEST_MS = 300;

/** Connections between any two that are cut, refused, stalled or slow. */
export function connections({ links }: RunningTown): readonly Fault[] {
  const fault = (
    name: string,
    weight: number,
    lastsMs: readonly [number, number],
    strike: (link: Link, chance: Chance) => Promise<Struck>,
  ): Fault => ({
    group: "connections",
    name: `connections ${name}`,
    weight,
    lastsMs,
    overlaps: true,
    async strike(chance) {
      const whole = links.filter(({ isBroken }) => !isBroken);
      return whole.length === 0 ? null : strike(chance.of(whole), chance);
    },
  });

  /** One thing at a time is wrong with a link. */
  const broken = (link: Link, how: string, mend: () => Promise<void> | void): Struck => {
    link.isBroken = true;
    return {
      what: `${link.from} -> ${link.to} ${how}`,
      async undo() {
        await mend();
        link.isBroken = false;
      },
    };
  };

  return [
    fault("cut", 4, [0, 0], async ({ from, to, proxy }) => {
      proxy.cut();
      return over(`${from} -> ${to} cut`);
    }),
    fault("refused", 2, [500, 4_000], async (link) => {
      await link.proxy.close();
      return broken(link, "refused", () => link.proxy.open());
    }),
    fault("stalled", 4, [1_000, 8_000], async (link, chance) => {
      const ways = chance.is(0.5) ? "both" : "replies";
      link.proxy.stall(ways);
      return broken(link, `stalled (${ways})`, () => link.proxy.resume());
    }),
    fault("slow", 3, [2_000, 8_000], async (link, chance) => {
      const ms = 20 + chance.below(SLOWEST_MS - 20);
      link.proxy.delay(ms);
      return broken(link, `slower by ${ms} ms`, () => link.proxy.delay(0));
    }),
  ];
}
