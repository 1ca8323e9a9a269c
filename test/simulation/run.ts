import { inventoryStream } from "../../src/eventstore/streams.ts";
import { Chance } from "../model/chance.ts";
import { ReadModels } from "../model/read-models.ts";
import { ScriptedProvider } from "../support/scripted-provider.ts";
import type { TypeRef } from "./asks.ts";
import { falseAnswer } from "./checks/answers.ts";
import { brokenKeys } from "./checks/keys.ts";
import { brokenRequests } from "./checks/requests.ts";
import { brokenStream } from "./checks/stream-laws.ts";
import { Timeline } from "./checks/timeline.ts";
import { Client, type Ground } from "./clients.ts";
import { type Climate, climateOf } from "./climate.ts";
import { Host } from "./host.ts";
import { Journal } from "./journal.ts";
import { CALM } from "./network.ts";
import { type Node, nodeOn, requestContext, SnapshotServer, snapshotLink } from "./node.ts";
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
const LONGEST_MS = 600_000;

/** Runs a seed from beginning to end, and checks what came of it. */
export async function simulate(seed: number, trace: ((line: string) => void) | null = null): Promise<Ran> {
  const simulation = new Simulation(seed, trace);
  const unhandled: string[] = [];
  const onUnhandled = (error: unknown) => void unhandled.push(`nobody handles ${stackOf(error)}`);
  process.on("unhandledRejection", onUnhandled);
  try {
    const faults = [...(await simulation.run()), ...unhandled];
    return { ...simulation.figures(), seed, faults };
  } finally {
    process.off("unhandledRejection", onUnhandled);
  }
}

const stackOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));

class Simulation {
  readonly #chance: Chance;
  readonly #climate: Climate;
  readonly #scheduler: Scheduler;
  readonly #server: StoreServer;
  readonly #provider = new ScriptedProvider();
  readonly #snapshots = new SnapshotServer();
  readonly #journal = new Journal();
  readonly #nodes = new Map<number, Node>();
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
    return isDone ? this.#faults() : [`not at its end after ${LONGEST_MS / 1_000} s`, ...this.#faults()];
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
    this.#nodes.set(slot, this.#newNode(`node${slot}`));
  }

  #newNode(name: string): Node {
    this.#starts += 1;
    const host = new Host(`${name}.${this.#starts}`, this.#starts, this.#scheduler, this.#fork());
    const weather = () => (this.#isHealed ? CALM : this.#climate.weather);
    const store = storeLink(host, this.#server, weather, () =>
      this.#isHealed ? NO_STORE_FAULTS : this.#climate.store,
    );
    const snapshots = snapshotLink(host, this.#snapshots, weather);
    const around = { store, provider: this.#provider, snapshots, readModels: this.#readModels, weather };
    return nodeOn(host, around, this.#climate);
  }

  async #clients(): Promise<void> {
    const { sale, lostReplies } = this.#climate;
    const ground: Ground = {
      scheduler: this.#scheduler,
      journal: this.#journal,
      sale,
      types: this.#types,
      nodes: () => [...this.#nodes.values()],
      lostReplies: () => (this.#isHealed ? 0 : lostReplies),
      isHealed: () => this.#isHealed,
    };
    const clients = Array.from({ length: sale.clients }, (_, number) => {
      const account = `account${Math.floor(number / sale.clientsAnAccount)}`;
      return new Client(number, account, ground, this.#fork());
    });
    await Promise.all(clients.map((client) => client.live()));
  }

  /** What goes wrong, and when it is over. */
  #plan(): void {
    const { kills, freezes, outages, awayMs, sale } = this.#climate;
    const chance = this.#fork();
    const untilMs = (sale.asksEach * sale.thinkMs * (0.2 + chance.next())) / 2 + 500;
    const often = (times: number, what: string, happen: (forMs: number) => void) => {
      for (let time = 0; time < times; time += 1) {
        const forMs = chance.next() * awayMs;
        this.#scheduler.after(chance.next() * untilMs, what, null, () => happen(forMs));
      }
    };
    const anyOne = () => chance.below(this.#climate.nodes);
    often(kills, "somebody ends", (forMs) => this.#kill(anyOne(), forMs));
    often(freezes, "somebody freezes", (forMs) => this.#nodes.get(anyOne())?.host.freeze(forMs));
    often(outages, "the store ends", (forMs) => {
      this.#server.goDown();
      this.#scheduler.after(forMs, "the store is back", null, () => this.#server.comeBack());
    });
    this.#scheduler.after(untilMs, "all heals", null, () => this.#heal());
  }

  #kill(slot: number, forMs: number): void {
    const node = this.#nodes.get(slot);
    if (node === undefined) return;
    this.#scheduler.note(`${node.host.name} ends`);
    node.host.end();
    this.#nodes.delete(slot);
    this.#scheduler.after(forMs, "somebody starts", null, () => {
      if (!this.#nodes.has(slot)) this.#start(slot);
    });
  }

  #heal(): void {
    this.#isHealed = true;
    this.#healedMs = this.#scheduler.nowMs;
    this.#server.comeBack();
    for (let slot = 0; slot < this.#climate.nodes; slot += 1) {
      if (this.#nodes.has(slot)) this.#nodes.get(slot)?.host.thaw();
      else this.#start(slot);
    }
  }

  #faults(): readonly string[] {
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
      if (isUnanswered && beganMs > this.#healedMs + RECOVERY_MS)
        faults.push(`${when}: ${answer.why}, though all was well`);
    }
    return [...faults, ...brokenKeys(this.#journal, log), ...brokenRequests(this.#journal, log)];
  }
}

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
