import type { Chance } from "../model/chance.ts";
import type { ScriptedProvider } from "../support/scripted-provider.ts";
import type { Climate } from "./climate.ts";
import type { DatabaseServer } from "./database/server.ts";
import type { Scheduler } from "./scheduler.ts";
import type { StoreServer } from "./store.ts";

/** What can go wrong, besides what gets lost on its way. */
export interface Victims {
  readonly scheduler: Scheduler;
  readonly store: StoreServer;
  readonly database: DatabaseServer;
  /** The node of a slot ends, and another starts there so much later. */
  readonly kill: (slot: number, forMs: number) => void;
  readonly freeze: (slot: number, forMs: number) => void;
  readonly loseClock: (slot: number, forMs: number) => void;
  readonly heal: () => void;
}

/** Plans what goes wrong and when, and when all of it is over. */
export function planMishaps(
  { scheduler, store, database, kill, freeze, loseClock, heal }: Victims,
  climate: Climate,
  chance: Chance,
) {
  const { nodes, kills, freezes, lostClocks, outages, crashes, awayMs, healsLateMs, sale } = climate;
  const untilMs = (sale.asksEach * sale.thinkMs * (0.2 + chance.next())) / 2 + 500 + healsLateMs;
  const often = (times: number, what: string, happen: (forMs: number) => void) => {
    for (let time = 0; time < times; time += 1) {
      const forMs = chance.next() * awayMs;
      scheduler.after(chance.next() * untilMs, what, null, () => happen(forMs));
    }
  };
  const anyOne = () => chance.below(nodes);
  often(kills, "somebody ends", (forMs) => kill(anyOne(), forMs));
  often(freezes, "somebody freezes", (forMs) => freeze(anyOne(), forMs));
  often(lostClocks, "somebody loses the clock", (forMs) => loseClock(anyOne(), forMs));
  often(outages, "the store ends", (forMs) => {
    store.goDown();
    scheduler.after(forMs, "the store is back", null, () => store.comeBack());
  });
  often(crashes, "the database ends", (forMs) => {
    database.crash();
    scheduler.after(forMs, "the database is back", null, () => database.comeBack());
  });
  scheduler.after(untilMs, "all heals", null, heal);
}

const UNDECIDED = 0.7;
const UNDECIDED_WHEN_HEALED = 0.2;
const DECIDES_WITHIN_MS = 5_000;

/** Every now and then the provider comes to a decision on what is pending. */
export function keepDeciding(
  provider: ScriptedProvider,
  scheduler: Scheduler,
  isHealed: () => boolean,
  chance: Chance,
): void {
  const decide = (): void => {
    for (const { attemptId, status } of provider.charges.values()) {
      const isOpen = status === "pending" || status === "requires-action";
      if (!isOpen || chance.is(isHealed() ? UNDECIDED_WHEN_HEALED : UNDECIDED)) continue;
      const to = chance.of(["authorized", "authorized", "captured", "declined", "voided"] as const);
      provider.decide(attemptId, to);
      scheduler.note(`the provider finds ${attemptId} ${to}`);
    }
    scheduler.after(chance.next() * DECIDES_WITHIN_MS, "the provider decides", null, decide);
  };
  scheduler.after(chance.next() * DECIDES_WITHIN_MS, "the provider decides", null, decide);
}
