import { inventoryStream } from "../../src/eventstore/streams.ts";
import { timers } from "../../src/projections/timers/projector.ts";
import { Chance } from "../model/chance.ts";
import { ReadModels } from "../model/read-models.ts";
import { ScriptedProvider } from "../support/scripted-provider.ts";
import type { TypeRef } from "./asks.ts";
import { PROJECTIONS, startBackground } from "./background.ts";
import { falseAnswer } from "./checks/answers.ts";
import { brokenBooks, brokenTally, forgotten } from "./checks/at-rest.ts";
import { brokenBookings, brokenPurchases } from "./checks/bookings.ts";
import { brokenKeys } from "./checks/keys.ts";
import { brokenRequests } from "./checks/requests.ts";
import { brokenStream } from "./checks/stream-laws.ts";
import { Timeline } from "./checks/timeline.ts";
import { Client, type Ground } from "./clients.ts";
import { type Climate, climateOf, type Sale } from "./climate.ts";
import { CANCELLATIONS } from "./database/cancellation-statements.ts";
import { NO_DATABASE_FAULTS, poolLink } from "./database/pool.ts";
import { prepareStandings, STANDINGS } from "./database/projection-statements.ts";
import { DatabaseServer } from "./database/server.ts";
import { TIMERS } from "./database/timer-statements.ts";
import { Host } from "./host.ts";
import { Journal } from "./journal.ts";
import { CALM, roundTrip } from "./network.ts";
import { type Node, nodeOn, requestContext, SnapshotServer, snapshotLink } from "./node.ts";
import { NO_PROVIDER_FAULTS, providerLink } from "./provider.ts";
import { Scheduler } from "./scheduler.ts";
import { NO_STORE_FAULTS, StoreServer, storeLink } from "./store.ts";

export interface Ran {
  readonly seed: number;
  /** What must not be; none: all is well. */
  readonly faults: readonly string[];
  /** Equal for equal runs. */
  readonly hash: number;
  readonly tasks: number;
  readonly simulatedMs: number;
  readonly events: number;
  readonly asked: number;
  readonly climate: Climate;
}

/** More than any run takes. */
const LONGEST_MS = 1_800_000;
/** So long nothing has happened when all is at rest. */
const QUIET_MS = 2_000;
/** It takes a while to see whether all is at rest. */
const TASKS_BETWEEN_LOOKS = 64;

/** Runs a seed from beginning to end, and checks what came of it. */
export async function simulate(seed: number, trace: ((line: string) => void) | null = null): Promise<Ran> {
  const { stackTraceLimit } = Error;
  if (trace === null) Error.stackTraceLimit = 0; // thousands fail as they should, and stacks are dear
  const simulation = new Simulation(seed, trace);
  const unhandled: string[] = [];
  const onUnhandled = (error: unknown) => void unhandled.push(`nobody handles ${stackOf(error)}`);
  process.on("unhandledRejection", onUnhandled);
  try {
    const faults = [...(await simulation.run()), ...unhandled];
    return { ...simulation.figures(), seed, faults };
  } finally {
    process.off("unhandledRejection", onUnhandled);
    Error.stackTraceLimit = stackTraceLimit;
  }
}

const stackOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));

/** A node that is at work. */
interface Up {
  readonly node: Node;
  readonly background: ReturnType<typeof startBackground>;
}

class Simulation {
  readonly #chance: Chance;
  readonly #climate: Climate;
  readonly #scheduler: Scheduler;
  readonly #server: StoreServer;
  readonly #database: DatabaseServer;
  readonly #provider = new ScriptedProvider();
  readonly #snapshots = new SnapshotServer();
  readonly #journal = new Journal();
  readonly #nodes = new Map<number, Up>();
  #types: readonly TypeRef[] = [];
  #readModels!: ReadModels;
  #starts = 0;
  #isHealed = false;
  #healedMs = Number.POSITIVE_INFINITY;

  constructor(seed: number, trace: ((line: string) => void) | null) {
    this.#chance = new Chance(seed);
    this.#climate = climateOf(this.#fork());
    this.#scheduler = new Scheduler(this.#fork(), trace);
    this.#server = new StoreServer(this.#scheduler);
    this.#database = new DatabaseServer(this.#scheduler);
    prepareStandings(this.#database.table(STANDINGS), PROJECTIONS);
  }

  /** Chance of its own for a part, so that what it uses up changes nothing elsewhere. */
  #fork(): Chance {
    return new Chance(this.#chance.below(2 ** 31));
  }

  async run(): Promise<readonly string[]> {
    const scheduler = this.#scheduler;
    await this.#open();
    for (let slot = 0; slot < this.#climate.nodes; slot += 1) this.#start(slot);
    const living = this.#clients();
    this.#plan();
    let isDone = false;
    living.then(() => {
      isDone = true;
    });
    await scheduler.run(() => (isDone && this.#isHealed) || scheduler.nowMs > LONGEST_MS);
    if (!isDone) return [`clients are not at their end after ${LONGEST_MS / 1_000} s`, ...this.#faults(false)];
    this.#goHome();
    await scheduler.run(() => this.#isAtRest() || scheduler.nowMs > LONGEST_MS);
    if (scheduler.nowMs <= LONGEST_MS) return this.#faults(true);
    const due = [...this.#database.table(TIMERS).keys()].join(", ");
    return [`not at rest after ${LONGEST_MS / 1_000} s, due: ${due}`, ...this.#faults(false)];
  }

  /** One node alone sees to what is left: the others end, or stop in order. */
  #goHome(): void {
    const chance = this.#fork();
    const stays = chance.below(this.#climate.nodes);
    for (const [slot, up] of this.#nodes) {
      if (slot === stays) continue;
      this.#nodes.delete(slot);
      this.#scheduler.note(`${up.node.host.name} goes home`);
      if (chance.is(0.5)) void up.background.stop().then(() => up.node.host.end());
      else up.node.host.end();
    }
  }

  #isAtRest(): boolean {
    if (this.#scheduler.ran % TASKS_BETWEEN_LOOKS !== 0) return false;
    const quietSinceMs = this.#server.recordedAtMs.at(-1) ?? 0;
    const checkpoint = this.#database.table(STANDINGS).get(timers.name)?.checkpoint;
    return (
      this.#scheduler.nowMs - quietSinceMs > QUIET_MS &&
      this.#database.table(TIMERS).size === 0 &&
      [...this.#database.table(CANCELLATIONS).values()].every(({ isDone }) => isDone) &&
      checkpoint === String(this.#server.log.length)
    );
  }

  figures() {
    const { hash, ran: tasks, nowMs: simulatedMs } = this.#scheduler;
    const events = this.#server.log.length;
    return { hash, tasks, simulatedMs, events, asked: this.#journal.entries.length, climate: this.#climate };
  }

  /** Puts an event on sale, before anything can go wrong. */
  async #open(): Promise<void> {
    const { sale } = this.#climate;
    this.#readModels = new ReadModels(this.#server.memory, []);
    this.#isHealed = true;
    const maker = this.#newNode("maker");
    const opening = maker.events.create(newEvent(sale), requestContext(maker, "olga", "opening", null, ""));
    let eventId: string | null = null;
    opening.then((created) => {
      if (!created.accepted) throw new Error(`the event can't be made: ${created.code}`);
      eventId = created.listing.eventId;
      this.#types = created.listing.ticketTypes.map(({ ticketTypeId }) => ({
        eventId: eventId as string,
        ticketTypeId,
      }));
    });
    await this.#scheduler.run(() => eventId !== null);
    maker.host.end();
    this.#readModels = new ReadModels(this.#server.memory, this.#types);
    this.#isHealed = false;
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

  /** What there is when all has healed, and what before. */
  #or<One>(healed: One, before: One): One {
    return this.#isHealed ? healed : before;
  }

  readonly #weather = () => this.#or(CALM, this.#climate.weather);

  #storeOf(host: Host) {
    return storeLink(host, this.#server, this.#weather, () => this.#or(NO_STORE_FAULTS, this.#climate.store));
  }

  #newNode(name: string): Node {
    this.#starts += 1;
    const host = new Host(`${name}.${this.#starts}`, this.#starts, this.#scheduler, this.#fork());
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

  async #clients(): Promise<void> {
    const { sale, lostReplies } = this.#climate;
    const ground: Ground = {
      scheduler: this.#scheduler,
      journal: this.#journal,
      sale,
      types: this.#types,
      nodes: () => [...this.#nodes.values()].map(({ node }) => node),
      lostReplies: () => (this.#isHealed ? 0 : lostReplies),
      isHealed: () => this.#isHealed,
    };
    const clients = Array.from({ length: sale.clients }, (_, number) => {
      return new Client(number, accountOf(number, sale), ground, this.#fork());
    });
    await Promise.all(clients.map((client) => client.live()));
  }

  /** What goes wrong, and when it is over. */
  #plan(): void {
    const { kills, freezes, outages, crashes, awayMs, healsLateMs, sale } = this.#climate;
    const chance = this.#fork();
    const untilMs = (sale.asksEach * sale.thinkMs * (0.2 + chance.next())) / 2 + 500 + healsLateMs;
    const often = (times: number, what: string, happen: (forMs: number) => void) => {
      for (let time = 0; time < times; time += 1) {
        const forMs = chance.next() * awayMs;
        this.#scheduler.after(chance.next() * untilMs, what, null, () => happen(forMs));
      }
    };
    const anyOne = () => chance.below(this.#climate.nodes);
    often(kills, "somebody ends", (forMs) => this.#kill(anyOne(), forMs));
    often(freezes, "somebody freezes", (forMs) => this.#nodes.get(anyOne())?.node.host.freeze(forMs));
    often(outages, "the store ends", (forMs) => {
      this.#server.goDown();
      this.#scheduler.after(forMs, "the store is back", null, () => this.#server.comeBack());
    });
    often(crashes, "the database ends", (forMs) => {
      this.#database.crash();
      this.#scheduler.after(forMs, "the database is back", null, () => this.#database.comeBack());
    });
    this.#decideNow();
    this.#scheduler.after(untilMs, "all heals", null, () => this.#heal());
  }

  /** Every now and then the provider comes to a decision on what is pending. */
  #decideNow(): void {
    const chance = this.#fork();
    const decide = (): void => {
      for (const { attemptId, status } of this.#provider.charges.values()) {
        const isOpen = status === "pending" || status === "requires-action";
        if (!isOpen || chance.is(this.#isHealed ? 0.2 : 0.7)) continue;
        const to = chance.of(["authorized", "authorized", "captured", "declined", "voided"] as const);
        this.#provider.decide(attemptId, to);
        this.#scheduler.note(`the provider finds ${attemptId} ${to}`);
      }
      this.#scheduler.after(chance.next() * 5_000, "the provider decides", null, decide);
    };
    this.#scheduler.after(chance.next() * 5_000, "the provider decides", null, decide);
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
    this.#server.comeBack();
    this.#database.comeBack();
    for (let slot = 0; slot < this.#climate.nodes; slot += 1) {
      if (this.#nodes.has(slot)) this.#nodes.get(slot)?.node.host.thaw();
      else this.#start(slot);
    }
  }

  #faults(isAtRest: boolean): readonly string[] {
    const { memory, log, recordedAtMs } = this.#server;
    const faults = [...new Set(log.map(({ stream }) => stream))].flatMap((stream) =>
      brokenStream(stream, memory.eventsOf(stream)),
    );
    const timelines = new Map<string, Timeline>();
    for (const { eventId, ticketTypeId } of this.#types) {
      const events = memory.eventsOf(inventoryStream(eventId, ticketTypeId));
      const timeline = new Timeline(events, ({ position }) => recordedAtMs[Number(position) - 1] as number);
      faults.push(...timeline.faults);
      timelines.set(ticketTypeId, timeline);
    }
    for (const entry of this.#journal.entries) {
      const fault = falseAnswer(entry, timelines.get(entry.ask.type.ticketTypeId) as Timeline);
      const { client, ask, beganMs, endedMs, answer } = entry;
      const when = `client ${client}, ${beganMs.toFixed(3)} to ${endedMs.toFixed(3)}, ${ask.do} ${ask.key ?? ""}`;
      if (fault !== null) faults.push(`${when}: ${fault}`);
      const isUnanswered = answer?.told === "nothing" || answer?.told === "not-run";
      const isWell = this.#climate.isCalm || beganMs > this.#healedMs + RECOVERY_MS;
      if (isUnanswered && isWell) faults.push(`${when}: ${answer.why}, though all was well`);
    }
    const { sale } = this.#climate;
    const accounts = [...new Set(Array.from({ length: sale.clients }, (_, number) => accountOf(number, sale)))];
    return [
      ...faults,
      ...this.#database.faults,
      ...brokenKeys(this.#journal, log),
      ...brokenRequests(this.#journal, log),
      ...brokenBookings(this.#journal, this.#server),
      ...brokenPurchases(this.#server),
      ...brokenBooks(this.#server, this.#provider, this.#types, accounts, isAtRest),
      ...(isAtRest ? [...forgotten(timelines.values()), ...brokenTally(this.#database, this.#server)] : []),
    ];
  }
}

const accountOf = (client: number, { clientsAnAccount }: Sale): string =>
  `account${Math.floor(client / clientsAnAccount)}`;

/** How long after all has healed what hung may need to come to its end. */
const RECOVERY_MS = 10_000;

const newEvent = (sale: Climate["sale"]) => ({
  organizerId: "olga",
  code: null,
  currency: "EUR",
  draft: false,
  details: {
    name: "Concert",
    description: null,
    venue: null,
    performers: [],
    startsAt: null,
    endsAt: null,
    timeZone: null,
    saleStartsAt: null,
    saleEndsAt: null,
    capacity: null,
    additionalInfo: null,
    holdTtlSeconds: sale.holdTtlSeconds,
    guestsAllowed: true,
    refundPolicy: null,
  },
  ticketTypes: sale.capacities.map((capacity, ordinal) => ({
    capacity,
    terms: {
      name: `Class ${ordinal}`,
      description: null,
      price: { amount: sale.priceMinor, currency: "EUR" },
      saleStartsAt: null,
      saleEndsAt: null,
      maxPerUser: sale.maxPerUser,
      maxPerOrder: 100,
    },
  })),
});
