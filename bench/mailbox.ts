/**
 * What running commands costs without a server behind it: reserves on one hot inventory through `CommandRunner`, on a
 * store in memory whose appends take as long as a commit does.
 *
 *     npx node bench/mailbox.ts
 *
 * The processor time of a command is what bounds a process; commands a second follow from it and the append's time. To
 * see where it goes: `npx node --cpu-prof --cpu-prof-dir=/tmp bench/mailbox.ts`.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { CommandRunner, type CommandRunnerOptions } from "../src/commands/command-runner.ts";
import type { CommandContext } from "../src/commands/outcome.ts";
import { type InventoryCommand, inventory } from "../src/domain/inventory.ts";
import type { InventoryEvent, InventoryOpened } from "../src/domain/inventory-events.ts";
import type { Inventory } from "../src/domain/inventory-state.ts";
import { sha256 } from "../src/eventstore/envelope.ts";
import type { EventStore } from "../src/eventstore/port.ts";
import { inventoryStream } from "../src/eventstore/streams.ts";

const APPEND_MS = 2;
const CLIENTS = 64;
const COMMANDS = 60_000;
const WARM_UP = 20_000;
const ROUNDS = 3;
const STREAM = inventoryStream("evt_bench", "hot");

export interface MailboxFigures {
  readonly commandsPerSecond: number;
  readonly commandsPerAppend: number;
  /** Processor time of a command, making its key and context included. */
  readonly microsecondsPerCommand: number;
}

/** Reserves of 64 clients, each sending the next when the last was answered; the median of three rounds. */
export async function benchMailbox(): Promise<MailboxFigures> {
  const rounds: MailboxFigures[] = [];
  for (let round = 0; round < ROUNDS; round += 1) rounds.push(await measure());
  const median = (of: (figures: MailboxFigures) => number): number =>
    rounds.map(of).sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] as number;
  return {
    commandsPerSecond: median((figures) => figures.commandsPerSecond),
    commandsPerAppend: median((figures) => figures.commandsPerAppend),
    microsecondsPerCommand: median((figures) => figures.microsecondsPerCommand),
  };
}

async function measure(): Promise<MailboxFigures> {
  const store = slowMemory();
  const runner = inventoryRunner(store);
  await runner.run(STREAM, { type: "OpenInventory", data: opened }, context(0));
  await reserveAll(runner, WARM_UP);
  const [began, processor, batches] = [performance.now(), process.cpuUsage(), runner.figures().batches];
  await reserveAll(runner, COMMANDS);
  const { user, system } = process.cpuUsage(processor);
  const seconds = (performance.now() - began) / 1000;
  await runner.close(0);
  return {
    commandsPerSecond: Math.round(COMMANDS / seconds),
    commandsPerAppend: Math.round(COMMANDS / (runner.figures().batches - batches)),
    microsecondsPerCommand: Math.round((10 * (user + system)) / COMMANDS) / 10,
  };
}

type Runner = CommandRunner<Inventory, InventoryCommand, InventoryEvent>;

async function reserveAll(runner: Runner, commands: number): Promise<void> {
  let left = commands;
  const client = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const account = left % 1_000;
      const outcome = await runner.run(
        STREAM,
        {
          type: "Reserve",
          reservationId: `res_${randomUUID()}`,
          accountId: `acc_${account}`,
          guest: false,
          quantity: 1,
          holdTtlSeconds: null,
        },
        context(account),
      );
      if (!outcome.accepted) throw new Error(outcome.code);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
}

function inventoryRunner(store: EventStore): Runner {
  const log = { info() {}, warn: console.warn, error: console.error };
  const surroundings: CommandRunnerOptions<Inventory, InventoryCommand, InventoryEvent>["surroundings"] = {
    clock: { nowMs: Date.now },
    newId: randomUUID,
    random: Math.random,
    pause,
    soon: setImmediate,
    monotonicMs: () => performance.now(),
  };
  return new CommandRunner({ store, surroundings, log, decider: inventory, housekeeping: { type: "LapseDue" } });
}

function context(account: number): CommandContext {
  const requestId = randomUUID();
  return {
    actor: { account: `acc_${account}`, role: "customer" },
    commandId: randomUUID(),
    correlationId: requestId,
    causationId: null,
    requestId,
    idempotency: { keyHash: sha256(requestId), bodyHash: sha256("{}") },
  };
}

/** Keeps nothing but how long each stream is: what a store does with an append is not what is measured here. */
function slowMemory(): EventStore {
  let revision = -1;
  const unused = (): never => {
    throw new Error("not used");
  };
  return {
    name: "memory",
    async append(_, events) {
      await pause(APPEND_MS);
      revision += events.length;
      return { revision, position: BigInt(revision) };
    },
    read: async () => [],
    head: unused,
    subscribe: unused,
    scan: unused,
    close: async () => {},
  };
}

const opened: InventoryOpened["data"] = {
  eventId: "evt_bench",
  ticketTypeId: "hot",
  organizerId: "acc_organizer",
  ordinal: 0,
  capacity: 1_000_000,
  draft: false,
  terms: {
    name: "Hot",
    description: null,
    price: { amount: 4500, currency: "EUR" },
    saleStartsAt: null,
    saleEndsAt: null,
    maxPerUser: null,
    maxPerOrder: 100,
  },
  eventTerms: {
    saleStartsAt: "2020-01-01T00:00:00.000Z",
    saleEndsAt: null,
    endsAt: null,
    holdTtlSeconds: 600,
    guestsAllowed: true,
  },
};

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) console.log(await benchMailbox());
