import { Chance } from "../../../src/seed/chance.ts";
import { BEFORE_OPENING, type RehearsalPlan } from "../plan.ts";

/** How somebody pays. */
export type Paying = "at-once" | "slowly" | "declined-first";

/** What somebody does whose turn has come. */
export type InTheShop =
  | { readonly does: "looks-only" }
  /** @param thenMs before paying, or whatever else becomes of it */
  | { readonly does: "reserves"; readonly then: Paying | "gives-back" | "lets-it-lapse"; readonly thenMs: number };

/** One buyer, as he will be whatever happens. Times in milliseconds. */
export interface Persona {
  /** From the opening; negative: before. */
  readonly arrivesMs: number;
  /** Enters so often more, as who reloads the page. */
  readonly reloads: number;
  /** Goes away after so long in the line, without a word; null: stays until he is in or all is over. */
  readonly patienceMs: number | null;
  /** He looks so much more often than the page proposes, or less: 0.7 to 1.3. */
  readonly restlessness: number;
  readonly tickets: number;
  /** Between the turn and the first deed in the shop. */
  readonly thinksMs: number;
  readonly inTheShop: InTheShop;
}

const QUANTITIES = [1, 1, 1, 1, 1, 2, 2, 2, 3, 4];

/** The n-th buyer of a rehearsal: the same for the same seed. */
export function personaOf(plan: Pick<RehearsalPlan, "seed" | "arrivalMs">, n: number): Persona {
  const chance = new Chance(`rehearsal/${plan.seed}/${n}`);
  const isBefore = chance.isSo(BEFORE_OPENING);
  // Before the opening ever more come, after it ever fewer.
  const away = (isBefore ? 1 - Math.sqrt(chance.share()) : chance.share() ** 2) * plan.arrivalMs;
  return {
    arrivesMs: Math.round(isBefore ? -away - 1 : away),
    reloads: chance.isSo(0.1) ? chance.between(1, 3) : 0,
    patienceMs: chance.isSo(0.12) ? Math.round(plan.arrivalMs * (0.2 + 3 * chance.share())) : null,
    restlessness: 0.7 + 0.6 * chance.share(),
    tickets: chance.one(QUANTITIES),
    thinksMs: thinking(chance, 6_000),
    inTheShop: inTheShop(chance),
  };
}

function inTheShop(chance: Chance): InTheShop {
  if (chance.isSo(0.05)) return { does: "looks-only" };
  const what = chance.share();
  const then =
    what < 0.03
      ? "lets-it-lapse"
      : what < 0.06
        ? "gives-back"
        : what < 0.09
          ? "declined-first"
          : what < 0.11
            ? "slowly"
            : "at-once";
  return { does: "reserves", then, thenMs: thinking(chance, 5_000) };
}

/** Mostly short, sometimes six times as long. */
const thinking = (chance: Chance, typicalMs: number): number =>
  Math.round(Math.min(6, 0.2 - Math.log(1 - chance.share())) * typicalMs);
