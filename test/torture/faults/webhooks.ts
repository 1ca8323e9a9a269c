import { Chance } from "../../model/chance.ts";
import type { RunningTown } from "../town/running-town.ts";
import type { Fault } from "./fault.ts";

/** Below the time after which the provider takes a message for lost. */
const HOLD_BACK_MS = 3_000;

/** Webhooks arrive twice, late, and in another order. */
export const unrulyWebhooks = ({ webhooks }: RunningTown): readonly Fault[] => [
  {
    group: "webhooks",
    name: "webhooks repeated and reordered",
    weight: 2,
    lastsMs: [3_000, 10_000],
    overlaps: false,
    async strike(chance) {
      for (const webhook of webhooks) {
        webhook.setUnruly({
          chance: new Chance(chance.below(2 ** 31)),
          repeat: 0.5,
          repeatWithinMs: 3_000,
          holdBack: 0.5,
          holdBackMs: HOLD_BACK_MS,
        });
      }
      return {
        what: "webhooks repeated and reordered",
        undo() {
          for (const webhook of webhooks) webhook.setUnruly(null);
        },
      };
    },
  },
];
