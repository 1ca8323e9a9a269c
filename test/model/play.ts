import { cartLineId } from "../../src/commands/cart-lines.ts";
import type { StoredEvent } from "../../src/eventstore/port.ts";
import { MemoryEventStore } from "../support/memory-event-store.ts";
import { ScriptedProvider } from "../support/scripted-provider.ts";
import { START_MS } from "../support/surroundings.ts";
import { type Action, nthOf, type Scene } from "./actions.ts";
import { comparedAnswers, told } from "./answers.ts";
import { faultsAtRest } from "./at-rest.ts";
import { buyingAction } from "./buying.ts";
import { beginning } from "./expected/begin.ts";
import { granted, refused } from "./expected/office.ts";
import { nextDueMs } from "./expected/time.ts";
import { memoriesOf } from "./memories.ts";
import { OnRecord } from "./on-record.ts";
import { organizingAction } from "./organizing.ts";
import { differences, pictureOf } from "./picture.ts";
import { type Node, node, openWorld } from "./product.ts";
import { ReadModels } from "./read-models.ts";
import { reservingAction } from "./reserving.ts";
import type { Step, What } from "./steps.ts";
import { type RunClock, runClock, surroundingsOf } from "./surroundings.ts";
import type { World } from "./world.ts";

/** How a sequence of steps went. */
export interface Played {
  /** What was done and answered, a line each. */
  readonly story: readonly string[];
  /** What went wrong with the last of them, or when all was over; none: nothing. */
  readonly faults: readonly string[];
  /** How often each answer was given, e.g. `reserve: sold-out`. */
  readonly answers: ReadonlyMap<string, number>;
  /** Types of events that stand in the log. */
  readonly recorded: ReadonlySet<string>;
  /** The whole log. */
  readonly log: readonly StoredEvent[];
}

const NODES = 2;

/**
 * Has the product and the model do the same, one step after the other, and compares after each: how it was answered, and
 * how everything stands on record. In the end all is brought to rest and the books have to balance.
 */
export async function play(world: World, steps: readonly Step[]): Promise<Played> {
  const run = await Run.begin(world);
  try {
    for (const step of steps) {
      if (run.faults.length > 0) return run;
      await run.take(step);
    }
    await run.end();
  } catch (error) {
    run.faults = [error instanceof Error ? (error.stack ?? error.message) : String(error)];
  }
  return run;
}

/** A keyed command that was sent before. */
interface Sent {
  readonly action: Action;
  readonly key: string;
  body: string;
  /** Under which id it was granted and recorded; null: it was refused, and is decided afresh. */
  grantedAs: string | null;
}

class Run implements Played {
  readonly story: string[] = [];
  faults: readonly string[] = [];
  readonly answers = new Map<string, number>();
  recorded: ReadonlySet<string> = new Set();
  log: readonly StoredEvent[] = [];
  readonly #clock: RunClock;
  readonly #store: MemoryEventStore;
  readonly #provider: ScriptedProvider;
  readonly #nodes: readonly Node[];
  readonly #scene: Scene;
  readonly #sent: Sent[] = [];

  static async begin(world: World): Promise<Run> {
    const clock = runClock();
    const store = new MemoryEventStore();
    const provider = new ScriptedProvider();
    let readModels: ReadModels | null = null;
    const asked = () => {
      if (readModels === null) throw new Error("nothing can be asked before the world is there");
      return readModels;
    };
    const nodes = Array.from({ length: NODES }, (_, n) => node(store, provider, surroundingsOf(clock, n + 1), asked));
    const opened = await openWorld(nodes[0] as Node, world);
    const types = opened.flatMap(({ eventId, ticketTypeIds }) =>
      ticketTypeIds.map((ticketTypeId) => ({ eventId, ticketTypeId })),
    );
    readModels = new ReadModels(store, types);
    const accounts = world.users.map(({ account }) => account);
    const record = new OnRecord(store, provider, types, accounts);
    const typeIds = types.map(({ ticketTypeId }) => ticketTypeId);
    const scene: Scene = {
      office: beginning(world, opened, START_MS, cartLineId),
      users: world.users,
      record,
      provider,
      eventIds: opened.map(({ eventId }) => eventId),
      typeIds,
      addType(type) {
        types.push(type); // the read models look at it
        typeIds.push(type.ticketTypeId);
        const [fault] = record.addType(type);
        if (fault !== undefined) throw new Error(fault);
      },
      entries: new Map(),
    };
    return new Run(clock, store, provider, nodes, scene);
  }

  constructor(
    clock: RunClock,
    store: MemoryEventStore,
    provider: ScriptedProvider,
    nodes: readonly Node[],
    scene: Scene,
  ) {
    this.#clock = clock;
    this.#store = store;
    this.#provider = provider;
    this.#nodes = nodes;
    this.#scene = scene;
  }

  async take(step: Step): Promise<void> {
    const { office } = this.#scene;
    const { what, lost, faults } = step;
    if (what.do === "wait" || what.do === "wait-for-next") return this.#wait(what);
    for (const { call, fault } of faults) this.#provider.fail(call, fault);
    office.faults = [...faults];
    for (const fault of lost) this.#store.failNextAppend(fault);
    const on = this.#nodes[step.node % NODES] as Node;
    if (what.do === "again") await this.#again(what, on);
    else {
      const action = actionOf(what, this.#scene);
      if (action !== null) await this.#do(action, on);
    }
    this.#provider.heal();
    this.#store.heal();
    office.faults = [];
  }

  #wait(what: Extract<What, { do: "wait" | "wait-for-next" }>): void {
    const { office } = this.#scene;
    const toMs = what.do === "wait" ? office.nowMs + what.ms : (nextDueMs(office) ?? office.nowMs) + what.offMs;
    office.nowMs = Math.max(office.nowMs, toMs);
    this.story.push(`${(office.nowMs - this.#clock.ms) / 1_000} seconds pass`);
    this.#clock.ms = office.nowMs;
  }

  async #do(action: Action, on: Node): Promise<void> {
    const { key } = action;
    const sent = key === null ? null : { action, key: key.name, body: "body", grantedAs: null };
    if (sent !== null) this.#sent.push(sent);
    await this.#ask(action, on, sent);
  }

  async #again({ which, otherBody }: Extract<What, { do: "again" }>, on: Node): Promise<void> {
    const sent = nthOf(this.#sent, which);
    // Cancelling what is cancelled records nothing, and so no key.
    if (sent === undefined || (otherBody && sent.action.kind === "cancel")) return;
    const { action, grantedAs } = sent;
    const body = otherBody ? `${sent.body}'` : sent.body;
    if (grantedAs === null) {
      sent.body = body; // the key of what was refused is free
      await this.#ask(action, on, sent);
    } else if (otherBody) {
      await this.#ask(reused(action), on, { ...sent, body });
    } else {
      await this.#ask(repeated(action), on, sent, grantedAs);
    }
  }

  async #ask(action: Action, on: Node, sent: Sent | null, sameAs: string | null = null): Promise<void> {
    const { record, office } = this.#scene;
    const before = this.story.length;
    this.story.push(action.words);
    const answer = await action.ask(on, sent);
    this.story[before] = `${action.words}: ${told(answer)}`;
    const kind = `${action.kind}: ${answer.granted ? "granted" : answer.code}`;
    this.answers.set(kind, (this.answers.get(kind) ?? 0) + 1);
    const faults = [...record.catchUp()];
    const id = answer.granted ? (answer.id ?? "") : "";
    const verdict = action.expect(id);
    faults.push(...comparedAnswers(verdict, answer));
    if (sameAs !== null && id !== sameAs) faults.push(`the same key gave ${sameAs} first, now ${id}`);
    if (sent !== null && sameAs === null && answer.granted) sent.grantedAs = id;
    if (faults.length === 0) faults.push(...differences(pictureOf(office), record.picture()));
    this.faults = faults;
  }

  #decideAll(): void {
    const { office, record } = this.#scene;
    for (const [id, charge] of office.charges) {
      if (charge.status !== "pending" && charge.status !== "requires-action") continue;
      charge.status = "authorized";
      this.#provider.decide(record.bookings.get(id)?.attempt ?? "", "authorized");
    }
  }

  #types() {
    const { types } = this.#scene.office;
    return [...types.values()].map(({ id, eventId }) => ({ eventId, ticketTypeId: id }));
  }

  /** All that is pending is decided and all that is due is seen to, until nothing is left; then the books are closed. */
  async end(): Promise<void> {
    const { office, record } = this.#scene;
    const on = this.#nodes[0] as Node;
    for (let round = 0; round < 4 && this.faults.length === 0; round += 1) {
      this.#decideAll();
      await this.#do(actionOf({ do: "see-to-all" }, this.#scene) as Action, on);
      this.#wait({ do: "wait", ms: 3_600_000 });
    }
    if (this.faults.length > 0) return;
    const fresh = node(this.#store, this.#provider, surroundingsOf(this.#clock, NODES + 1), () => {
      throw new Error("nothing is asked of read models by looking");
    });
    this.log = this.#store.events;
    this.recorded = new Set(this.#store.appends.flatMap(({ events }) => events.map(({ type }) => type)));
    this.faults = [
      ...faultsAtRest(record, this.#provider),
      ...(await memoriesOf([...this.#nodes, fresh], this.#types(), [...office.bookings.keys()])),
    ];
  }
}

function actionOf(what: Exclude<What, { do: "wait" | "wait-for-next" | "again" }>, scene: Scene): Action | null {
  switch (what.do) {
    case "reserve":
    case "extend":
    case "release":
    case "put":
    case "clear":
    case "join":
    case "leave":
      return reservingAction(what, scene);
    case "buy":
    case "buy-cart":
    case "decide":
    case "drive":
    case "cancel":
    case "goodwill":
      return buyingAction(what, scene);
    default:
      return organizingAction(what, scene, START_MS);
  }
}

/** The key stands for something else already. */
const reused = (action: Action): Action => ({
  ...action,
  words: `again with another body: ${action.words}`,
  expect: () => refused("key-reused"),
});

const repeated = (action: Action): Action => ({
  ...action,
  words: `again: ${action.words}`,
  expect: (id) => {
    action.key?.again(id);
    return granted;
  },
});
