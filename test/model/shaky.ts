import { setImmediate as turn } from "node:timers/promises";
import type { EventStore } from "../../src/eventstore/port.ts";
import type { PaymentProvider } from "../../src/payments/port.ts";
import type { ScriptedProvider } from "../support/scripted-provider.ts";
import type { Chance } from "./chance.ts";

/** A node's way to the world: every call takes a while, and when the process has ended none ever comes back. */
export class Lifeline {
  /** How likely a call stalls. */
  readonly stalls: number;
  readonly #death = Promise.withResolvers<null>();
  #isDead = false;

  constructor(stalls: number) {
    this.stalls = stalls;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** Resolves when the process ends. */
  get death(): Promise<null> {
    return this.#death.promise;
  }

  end(): void {
    this.#isDead = true;
    this.#death.resolve(null);
  }
}

const never = (): Promise<never> => new Promise(() => {});

/** Mostly a moment; sometimes so long that others have gone far by then. */
const turnsOf = (chance: Chance, stalls: number): number =>
  chance.is(stalls) ? 10 + chance.below(150) : chance.below(4);

async function pass(line: Lifeline, chance: Chance): Promise<void> {
  for (let turns = turnsOf(chance, line.stalls); turns > 0; turns -= 1) await turn();
  if (line.isDead) await never();
}

/** What was done before the process ended is done, though it never heard of it. */
const throughBy =
  (line: Lifeline, chance: Chance) =>
  async <Value>(call: () => Promise<Value>): Promise<Value> => {
    await pass(line, chance);
    const value = call();
    value.catch(() => {}); // it may be the answer to a process that is dead by then
    await pass(line, chance);
    return value;
  };

export function shakyStore(store: EventStore, line: Lifeline, chance: Chance): EventStore {
  const through = throughBy(line, chance);
  return {
    name: store.name,
    append: (stream, events, expected) => through(() => store.append(stream, events, expected)),
    read: (stream, options) => through(() => store.read(stream, options)),
    head: (prefixes) => store.head(prefixes),
    subscribe: (options) => store.subscribe(options),
    scan: (options) => store.scan(options),
    close: async () => {},
  };
}

export function shakyProvider(provider: ScriptedProvider, line: Lifeline, chance: Chance): PaymentProvider {
  const through = throughBy(line, chance);
  return {
    name: provider.name,
    accepts: (method) => provider.accepts(method),
    authorize: (request) => through(() => provider.authorize(request)),
    capture: (charge) => through(() => provider.capture(charge)),
    void: (charge) => through(() => provider.void(charge)),
    refund: (request) => through(() => provider.refund(request)),
    lookUp: (attemptId) => through(() => provider.lookUp(attemptId)),
    chargesSince: () => provider.chargesSince(),
    webhook: () => null,
    close: async () => {},
  };
}
