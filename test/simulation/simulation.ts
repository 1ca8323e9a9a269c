import { timers } from "../../src/projections/timers/projector.ts";
import { Chance } from "../model/chance.ts";
import { ReadModels } from "../model/read-models.ts";
import { ScriptedProvider } from "../support/scripted-provider.ts";
import type { TypeRef } from "./asks.ts";
import { PROJECTIONS, startBackground } from "./background.ts";
import { memoriesOf } from "./checks/memories.ts";
import { Client, type Ground } from "./clients.ts";
import { type Climate, climateOf } from "./climate.ts";
import { CANCELLATIONS } from "./database/cancellation-statements.ts";
import { NO_DATABASE_FAULTS, poolLink } from "./database/pool.ts";
import { prepareStandings, STANDINGS } from "./database/projection-statements.ts";
import { DatabaseServer } from "./database/server.ts";
import { TIMERS } from "./database/timer-statements.ts";
import { accountOf, eventOf, ORGANIZER } from "./event.ts";
import { Host } from "./host.ts";
import { Journal } from "./journal.ts";
import { keepDeciding, planMishaps } from "./mishaps.ts";
import { CALM, roundTrip } from "./network.ts";
import { type Node, nodeOn, requestContext, SnapshotServer, snapshotLink } from "./node.ts";
import { NO_PROVIDER_FAULTS, providerLink } from "./provider.ts";
import { Scheduler } from "./scheduler.ts";
import { NO_STORE_FAULTS, StoreServer, storeLink } from "./store.ts";
import type { Evidence } from "./verdict.ts";

/** More than any run takes. */
const LONGEST_MS = 1_800_000;
/** So long nothing has happened when all is at rest. */
const QUIET_MS = 2_000;
/** It takes a while to see whether all is at rest. */
const TASKS_BETWEEN_LOOKS = 64;

/** A node that is at work. */
interface Up {
  readonly node: Node;
  readonly background: ReturnType<typeof startBackground>;
}

/** One run: an event on sale, nodes that sell it, clients who come for it, and what goes wrong meanwhile. */
export class Simulation {
  readonly #chance: Chance;
  readonly #climate: Climate;
  readonly #scheduler: Scheduler;
  readonly #store: StoreServer;
  readonly #database: DatabaseServer;
  readonly #provider = new ScriptedProvider();
  readonly #snapshots = new SnapshotServer();
  readonly #journal = new Journal();
  readonly #nodes = new Map<number, Up>();
  #types: readonly TypeRef[] = [];
  #readModels: ReadModels;
  #starts = 0;
  /** Nothing goes wrong before the event is on sale, nor in the end. */
  #isHealed = true;
  #healedMs = Number.POSITIVE_INFINITY;
  #isAtRest = false;

  constructor(seed: number, trace: ((line: string) => void) | null) {
    this.#chance = new Chance(seed);
    this.#climate = climateOf(this.#fork());
    this.#scheduler = new Scheduler(this.#fork(), trace);
    this.#store = new StoreServer(this.#scheduler);
    this.#database = new DatabaseServer(this.#scheduler);
    this.#readModels = new ReadModels(this.#store.memory, []);
    prepareStandings(this.#database.table(STANDINGS), PROJECTIONS);
  }

  /** Runs until nothing is left to do. @returns what never comes to its end */
  async run(): Promise<readonly string[]> {
    const scheduler = this.#scheduler;
    const isTooLong = () => scheduler.nowMs > LONGEST_MS;
    await this.#open();
    this.#isHealed = false;
    for (let slot = 0; slot < this.#climate.nodes; slot += 1) this.#start(slot);
    let haveLeft = false;
    void this.#clients().then(() => {
      haveLeft = true;
    });
    this.#plan();
    await scheduler.run(() => (haveLeft && this.#isHealed) || isTooLong());
    if (!haveLeft) return [`clients have not left after ${LONGEST_MS / 1_000} s`];
    this.#goHome();
    await scheduler.run(() => this.#looksAtRest() || isTooLong());
    this.#isAtRest = !isTooLong();
    if (this.#isAtRest) return this.#memories();
    return [`not at rest after ${LONGEST_MS / 1_000} s, due: ${[...this.#database.table(TIMERS).keys()].join(", ")}`];
  }

  /** What is wrong with what the node that is left has in memory: another one reads it all from the log. */
  async #memories(): Promise<readonly string[]> {
    const [left] = this.#nodes.values();
    if (left === undefined) return ["no node is left"];
    let faults: readonly string[] | null = null;
    this.#snapshots.texts.clear();
    void memoriesOf([left.node, this.#newNode("fresh")], this.#types, this.#readModels.bookings()).then((found) => {
      faults = found;
    });
    await this.#scheduler.run(() => faults !== null);
    return faults ?? [];
  }

  evidence(): Evidence {
    return {
      journal: this.#journal,
      store: this.#store,
      database: this.#database,
      provider: this.#provider,
      types: this.#types,
      climate: this.#climate,
      healedMs: this.#healedMs,
      isAtRest: this.#isAtRest,
    };
  }

  figures() {
    const { hash, ran: tasks, nowMs: simulatedMs } = this.#scheduler;
    const events = this.#store.log.length;
    return { hash, tasks, simulatedMs, events, asked: this.#journal.entries.length, climate: this.#climate };
  }

  /** Chance of its own for a part, so that what it uses up changes nothing elsewhere. */
  #fork(): Chance {
    return new Chance(this.#chance.below(2 ** 31));
  }

  async #open(): Promise<void> {
    const maker = this.#newNode("maker");
    const context = requestContext(maker, ORGANIZER, "opening", null, "");
    void maker.events.create(eventOf(this.#climate.sale), context).then((created) => {
      if (!created.accepted) throw new Error(`the event can't be made: ${created.code}`);
      const { eventId, ticketTypes } = created.listing;
      this.#types = ticketTypes.map(({ ticketTypeId }) => ({ eventId, ticketTypeId }));
    });
    await this.#scheduler.run(() => this.#types.length > 0);
    maker.host.end();
    this.#readModels = new ReadModels(this.#store.memory, this.#types);
  }

  #start(slot: number): void {
    const node = this.#newNode(`node${slot}`);
    const { host } = node;
    const weather = this.#weather;
    const pool = poolLink(host, this.#database, weather, () => this.#or(NO_DATABASE_FAULTS, this.#climate.database));
    const note = (what: string) => this.#scheduler.note(what);
    const ask = <Value>(what: string, read: () => Value) => roundTrip(host, weather(), what, read);
    const around = { store: this.#storeOf(host), pool, readModels: this.#readModels, ask };
    this.#nodes.set(slot, { node, background: startBackground(node, around, this.#climate, note) });
  }

  #newNode(name: string): Node {
    this.#starts += 1;
    const host = new Host(`${name}.${this.#starts}`, this.#starts, this.#scheduler, this.#fork(), this.#climate.skewMs);
    const weather = this.#weather;
    const faults = () => this.#or(NO_PROVIDER_FAULTS, this.#climate.provider);
    const around = {
      store: this.#storeOf(host),
      provider: providerLink(host, this.#provider, weather, faults),
      snapshots: snapshotLink(host, this.#snapshots, weather),
      readModels: this.#readModels,
      weather,
    };
    return nodeOn(host, around, this.#climate);
  }

  #storeOf(host: Host) {
    return storeLink(host, this.#store, this.#weather, () => this.#or(NO_STORE_FAULTS, this.#climate.store));
  }

  readonly #weather = () => this.#or(CALM, this.#climate.weather);

  /** What there is when all has healed, and what before. */
  #or<One>(healed: One, before: One): One {
    return this.#isHealed ? healed : before;
  }

  async #clients(): Promise<void> {
    const { sale, lostReplies } = this.#climate;
    const ground: Ground = {
      scheduler: this.#scheduler,
      journal: this.#journal,
      sale,
      types: this.#types,
      nodes: () => [...this.#nodes.values()].map(({ node }) => node),
      lostReplies: () => this.#or(0, lostReplies),
      isHealed: () => this.#isHealed,
    };
    const clients = Array.from(
      { length: sale.clients },
      (_, number) => new Client(number, accountOf(number, sale), ground, this.#fork()),
    );
    await Promise.all(clients.map((client) => client.live()));
  }

  #plan(): void {
    const victims = {
      scheduler: this.#scheduler,
      store: this.#store,
      database: this.#database,
      kill: (slot: number, forMs: number) => this.#kill(slot, forMs),
      freeze: (slot: number, forMs: number) => this.#nodes.get(slot)?.node.host.freeze(forMs),
      loseClock: (slot: number, forMs: number) => this.#nodes.get(slot)?.node.host.loseClock(forMs),
      heal: () => this.#heal(),
    };
    planMishaps(victims, this.#climate, this.#fork());
    keepDeciding(this.#provider, this.#scheduler, () => this.#isHealed, this.#fork());
  }

  #kill(slot: number, forMs: number): void {
    const up = this.#nodes.get(slot);
    if (up === undefined) return;
    this.#scheduler.note(`${up.node.host.name} ends`);
    up.node.host.end();
    this.#nodes.delete(slot);
    this.#scheduler.after(forMs, "somebody starts", null, () => {
      if (!this.#nodes.has(slot)) this.#start(slot);
    });
  }

  #heal(): void {
    this.#isHealed = true;
    this.#healedMs = this.#scheduler.nowMs;
    this.#store.comeBack();
    this.#database.comeBack();
    for (let slot = 0; slot < this.#climate.nodes; slot += 1) {
      if (this.#nodes.has(slot)) this.#nodes.get(slot)?.node.host.recover();
      else this.#start(slot);
    }
  }

  /** One node alone sees to what is left: the others end, or stop in order. */
  #goHome(): void {
    const chance = this.#fork();
    const stays = chance.below(this.#climate.nodes);
    for (const [slot, { node, background }] of this.#nodes) {
      if (slot === stays) continue;
      this.#nodes.delete(slot);
      this.#scheduler.note(`${node.host.name} goes home`);
      if (chance.is(0.5)) void background.stop().then(() => node.host.end());
      else node.host.end();
    }
  }

  #looksAtRest(): boolean {
    if (this.#scheduler.ran % TASKS_BETWEEN_LOOKS !== 0) return false;
    const quietSinceMs = this.#store.recordedAtMs.at(-1) ?? 0;
    const checkpoint = this.#database.table(STANDINGS).get(timers.name)?.checkpoint;
    return (
      this.#scheduler.nowMs - quietSinceMs > QUIET_MS &&
      this.#database.table(TIMERS).size === 0 &&
      [...this.#database.table(CANCELLATIONS).values()].every(({ isDone }) => isDone) &&
      checkpoint === String(this.#store.log.length)
    );
  }
}
