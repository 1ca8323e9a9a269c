import { setImmediate as turn } from "node:timers/promises";
import { Busy } from "../../src/commands/outcome.ts";
import type { StoredEvent } from "../../src/eventstore/port.ts";
import { MemoryEventStore } from "../support/memory-event-store.ts";
import { ScriptedProvider } from "../support/scripted-provider.ts";
import type { Answer } from "./answers.ts";
import { faultsAtRest } from "./at-rest.ts";
import { Chance } from "./chance.ts";
import { memoriesOf } from "./memories.ts";
import { MOODS, type Mood } from "./moods.ts";
import { OnRecord } from "./on-record.ts";
import type { Played } from "./play.ts";
import { type Node, node, openWorld } from "./product.ts";
import { ReadModels } from "./read-models.ts";
import { Lifeline, shakyProvider, shakyStore } from "./shaky.ts";
import { type Deed, type Ground, randomDeed } from "./storm-deeds.ts";
import { type RunClock, runClock, surroundingsOf } from "./surroundings.ts";
import { Timers } from "./timers.ts";
import { randomWorld, type World } from "./world.ts";

/**
 * Several at the same time, on two nodes, of which one ends in the middle now and then; calls take as long as they like,
 * and time passes while they are under way. Nobody can tell what each should be answered. What has to hold at every
 * event is looked at all the same, and in the end the books have to balance.
 */
export interface StormScript {
  readonly world: World;
  readonly mood: Mood;
  /** A seed for each burst, so that the others stay what they are when one is left out. */
  readonly bursts: readonly number[];
}

const BURSTS = 14;
const NODES = 2;
/** More than are asked for in one burst. */
const MOST_REFUNDS = 1_000;
/** Turns of the event loop in which everything that is under way has to come to an end. */
const MAX_TURNS = 20_000;

export function stormOf(seed: number): StormScript {
  const chance = new Chance(seed);
  const mood = chance.of(MOODS);
  const world = mood.worldOf(randomWorld(chance));
  return { world, mood, bursts: Array.from({ length: BURSTS }, () => chance.below(2 ** 31)) };
}

export async function playStorm({ world, mood, bursts }: StormScript): Promise<Played> {
  const storm = await Storm.begin(world);
  try {
    for (const seed of bursts) {
      if (storm.faults.length > 0) return storm;
      await storm.burst(new Chance(seed), mood);
    }
    await storm.end(new Chance(bursts.length));
  } catch (error) {
    storm.faults = [error instanceof Error ? (error.stack ?? error.message) : String(error)];
  }
  return storm;
}

interface Alive {
  readonly on: Node;
  readonly line: Lifeline;
}

class Storm implements Played {
  readonly story: string[] = [];
  faults: readonly string[] = [];
  readonly answers = new Map<string, number>();
  recorded: ReadonlySet<string> = new Set();
  log: readonly StoredEvent[] = [];
  readonly #clock: RunClock;
  readonly #store: MemoryEventStore;
  readonly #provider: ScriptedProvider;
  readonly #ground: Ground;
  #nodes: Alive[] = [];
  #made = 0;

  static async begin(world: World): Promise<Storm> {
    const clock = runClock();
    const store = new MemoryEventStore();
    const provider = new ScriptedProvider();
    const unasked = () => {
      throw new Error("nothing can be asked before the world is there");
    };
    const maker = node(store, provider, surroundingsOf(clock, 99), unasked);
    const opened = await openWorld(maker, world);
    const types = opened.flatMap(({ eventId, ticketTypeIds }) =>
      ticketTypeIds.map((ticketTypeId) => ({ eventId, ticketTypeId })),
    );
    const accounts = world.users.map(({ account }) => account);
    const ground: Ground = {
      users: world.users,
      types,
      eventIds: opened.map(({ eventId }) => eventId),
      record: new OnRecord(store, provider, types, accounts),
      readModels: new ReadModels(store, types),
      entries: new Map(),
      keys: 0,
    };
    return new Storm(clock, store, provider, ground);
  }

  constructor(clock: RunClock, store: MemoryEventStore, provider: ScriptedProvider, ground: Ground) {
    this.#clock = clock;
    this.#store = store;
    this.#provider = provider;
    this.#ground = ground;
  }

  async burst(chance: Chance, mood: Mood): Promise<void> {
    const { record } = this.#ground;
    while (this.#nodes.length < NODES) {
      this.#nodes.push(this.#newNode(new Chance(chance.below(2 ** 31)), mood.stalls));
    }
    record.catchUp();
    for (let faults = chance.below(3); faults > 0; faults -= 1) {
      const call = chance.of(["authorize", "capture", "void", "refund", "lookUp"] as const);
      this.#provider.fail(call, chance.of(["away", "answer-lost"]));
    }
    for (let lost = mood.refundsAreLost ? MOST_REFUNDS : 0; lost > 0; lost -= 1) this.#provider.fail("refund");
    const under: Promise<void>[] = [];
    const faults: string[] = [];
    for (let deeds = 3 + chance.below(mood.mostDeeds - 2); deeds > 0; deeds -= 1) {
      const deed = randomDeed(chance, this.#ground, mood);
      if (deed === null) continue;
      const asked = deed.twice ? this.#nodes : [chance.of(this.#nodes)];
      under.push(this.#doAll(deed, asked, faults));
      for (let turns = chance.below(6); turns > 0; turns -= 1) await turn();
    }
    const passing = chance.is(0.3) ? chance.of(mood.passesMs) : 0;
    const ending = chance.is(0.25) ? chance.below(NODES) : null;
    const atTurn = chance.below(40);
    const all = Promise.all(under).then(() => "over" as const);
    for (let turns = 0; (await Promise.race([all, turn("on" as const)])) === "on"; turns += 1) {
      if (turns === atTurn && passing > 0) this.#pass(passing, "meanwhile");
      if (turns === atTurn && ending !== null) this.#crash(ending);
      if (turns > MAX_TURNS) {
        faults.push("something never ends");
        break;
      }
    }
    if (passing === 0) this.#pass(chance.of(mood.passesMs), "later");
    this.#decide(chance, mood.undecided);
    this.#provider.heal();
    faults.push(...record.catchUp());
    // What a process that ended had begun is made good by time alone.
    if (this.#made === NODES && this.#nodes.length === NODES) faults.push(...record.strayLines(this.#clock.ms));
    this.faults = faults;
  }

  #newNode(chance: Chance, stalls: number): Alive {
    const line = new Lifeline(stalls);
    this.#made += 1;
    const store = shakyStore(this.#store, line, chance);
    const provider = shakyProvider(this.#provider, line, chance);
    const on = node(store, provider, surroundingsOf(this.#clock, this.#made), () => this.#ground.readModels);
    return { on, line };
  }

  #crash(which: number): void {
    const [ended] = this.#nodes.splice(which, 1);
    if (ended === undefined) return;
    ended.line.end();
    this.story.push("a node ends");
  }

  #pass(ms: number, when: string): void {
    this.#clock.ms += ms;
    this.story.push(`${when}, ${ms / 1_000} seconds pass`);
  }

  /** The provider comes to decisions on what is pending. */
  #decide(chance: Chance, waits: number): void {
    for (const { attemptId, status } of this.#provider.charges.values()) {
      if ((status !== "pending" && status !== "requires-action") || chance.is(waits)) continue;
      const to = chance.of(["authorized", "authorized", "captured", "declined", "voided"] as const);
      this.#provider.decide(attemptId, to);
      this.story.push(`the provider finds ${attemptId} ${to}`);
    }
  }

  /** The same with the same key on several nodes is one thing, and each of them says so. */
  async #doAll(deed: Deed, asked: readonly Alive[], faults: string[]): Promise<void> {
    const told = await Promise.all(asked.map((one) => this.#do(deed, one)));
    const ids = new Set(told.flatMap((one) => (one?.granted && one.id !== null ? [one.id] : [])));
    if (deed.key !== null && ids.size > 1) faults.push(`${deed.words}: one key gave ${[...ids].join(" and ")}`);
  }

  /** @returns null when its node ended before it could answer, or had too much to do */
  async #do({ words, run, key }: Deed, { on, line }: Alive): Promise<Answer | null> {
    const at = this.story.push(`${words} ...`) - 1;
    const asked = run(on, key).catch((error: unknown) => {
      if (error instanceof Busy) return null;
      throw new Error(`${words}: ${error instanceof Error ? error.stack : String(error)}`);
    });
    const told = await Promise.race([asked, line.death]);
    const said = told === null ? "no answer" : told.granted ? `granted ${told.id ?? ""}` : told.code;
    this.story[at] = `${words}: ${said}`;
    const answer = `${words.split(" ")[0]}: ${told === null ? "no answer" : told.granted ? "granted" : told.code}`;
    this.answers.set(answer, (this.answers.get(answer) ?? 0) + 1);
    return told;
  }

  /** Nobody does anything any more: timers alone bring everything to rest, and then the books have to balance. */
  async end(chance: Chance): Promise<void> {
    if (this.faults.length > 0) return;
    const { record, readModels } = this.#ground;
    const last = node(this.#store, this.#provider, surroundingsOf(this.#clock, 98), () => readModels);
    const timers = new Timers(this.#store, this.#clock, this.#ground, chance);
    const restless = await timers.run(last, () => this.#decide(chance, 0));
    const faults = [...restless, ...record.catchUp(), ...faultsAtRest(record, this.#provider)];
    for (const [typeId, { held }] of record.types) {
      for (const id of Object.keys(held)) faults.push(`${typeId}: ${id} is held for ever`);
    }
    for (const { account } of this.#ground.users) {
      if (record.cartStatusOf(account) === "checkout") faults.push(`the cart of ${account} is still being bought`);
    }
    this.log = this.#store.events;
    this.recorded = new Set(this.#store.appends.flatMap(({ events }) => events.map(({ type }) => type)));
    const fresh = node(this.#store, this.#provider, surroundingsOf(this.#clock, 97), () => readModels);
    this.faults = [...faults, ...(await memoriesOf([last, fresh], this.#ground.types, [...record.bookings.keys()]))];
  }
}
