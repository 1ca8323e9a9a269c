import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { freePort } from "../../../src/embedded/free-port.ts";
import { openPostgresEventStore } from "../../../src/eventstore/postgres/index.ts";
import { createHttpClient } from "../http-client.ts";
import { guests } from "../shop.ts";
import { Asking } from "./asking.ts";
import { Crowd } from "./crowd.ts";
import { KeptNode } from "./kept-node.ts";
import type { Killed, Killer } from "./kills.ts";
import { LogRecord } from "./log-record.ts";
import { type Faults, OutsideProvider } from "./provider.ts";
import { type ProviderRecord, readProviderRecord } from "./provider-record.ts";
import { HOLD_SECONDS, type Stage, setStage } from "./stage.ts";
import { type Finding, verdict } from "./verdict.ts";

export interface BuyUnderKillsOptions {
  readonly databaseUrl: string;
  readonly dataDir: string;
  readonly purchases: number;
  readonly buyers: number;
  /** Of the installation; what is not paid by then comes to nothing. */
  readonly paymentWindowSeconds: number;
  /** What goes wrong at the provider while buyers buy. */
  readonly faults: Faults;
  readonly killer: Killer;
  readonly killPostgres: (() => Promise<boolean>) | null;
  readonly say: (line: string) => void;
}

export interface BuyUnderKillsReport {
  readonly findings: readonly Finding[];
  readonly killed: Killed;
  /** What purchases were answered with, how often. */
  readonly told: ReadonlyMap<string, number>;
  /** How bookings ended, by the log. */
  readonly outcomes: ReadonlyMap<string, number>;
  /** Bookings that went a rarer way, by the event that says so. */
  readonly detours: ReadonlyMap<string, number>;
  /** Charges at the provider, by status. */
  readonly charges: ReadonlyMap<string, number>;
  readonly refunds: number;
  readonly cancellations: number;
  readonly refused: ReadonlyMap<string, number>;
  /** Requests whose answer was lost, or that were told to come again. */
  readonly lost: number;
  readonly events: number;
  /** How long buyers bought, and how long it then took until all was at rest, in seconds. */
  readonly boughtSeconds: number;
  readonly recoverySeconds: number;
  /** What reconciliation met, while it went on and at the end. */
  readonly reconciled: readonly string[];
}

const ADMIN = { email: "admin@example.org", password: "a long enough password" };
const RECONCILED_EVERY_SECONDS = 600;
const SAY_EVERY_MS = 5_000;
const REST_WITHIN_MS = 240_000;
/** Late payments come seconds after their deadlines; who waits longer has failed often, and rests until a time to come. */
const LATE_WITHIN_MS = 60_000;
const LOOK_MS = 500;

/**
 * Lets a crowd buy while processes are killed and the provider fails, heals everything, waits until all is at rest, and
 * holds the provider's own record, the log, and what buyers were told against each other.
 */
export async function buyUnderKills(options: BuyUnderKillsOptions): Promise<BuyUnderKillsReport> {
  const ports = [await freePort(undefined), await freePort(undefined)];
  const { databaseUrl, dataDir, paymentWindowSeconds } = options;
  const env = {
    PAYMENT_WINDOW_SECONDS: String(paymentWindowSeconds),
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
  };
  const nodes = ports.map((port) => new KeptNode({ databaseUrl, dataDir, port, env }));
  const provider = new OutsideProvider(dataDir);
  const asking = new Asking(ports, options.buyers * 2);
  try {
    await Promise.all(nodes.map((node) => node.start()));
    return await new Sale(options, nodes, provider, asking).run();
  } finally {
    asking.close();
    await provider.stop();
    await Promise.all(nodes.map((node) => node.stop()));
  }
}

const DETOURS = [
  "BookingAbandoned",
  "BookingTimedOut",
  "BookingRevived",
  "BookingWithdrawn",
  "RefundRequested",
] as const;

class Sale {
  readonly #options: BuyUnderKillsOptions;
  readonly #nodes: readonly KeptNode[];
  readonly #provider: OutsideProvider;
  readonly #asking: Asking;
  readonly #killed: Killed = new Map();
  readonly #log = new LogRecord();

  constructor(options: BuyUnderKillsOptions, nodes: readonly KeptNode[], provider: OutsideProvider, asking: Asking) {
    this.#options = options;
    this.#nodes = nodes;
    this.#provider = provider;
    this.#asking = asking;
  }

  async run(): Promise<BuyUnderKillsReport> {
    const { purchases, buyers } = this.#options;
    const { stage, tokens } = await this.#open(Math.ceil(purchases / 20), buyers);
    const crowd = new Crowd(this.#asking, stage, { purchases });

    const beganMs = performance.now();
    await this.#buy(crowd, stage, tokens);
    const boughtSeconds = (performance.now() - beganMs) / 1_000;
    const recoverySeconds = await this.#recover();
    const reconciled = await this.#reconcile();

    await Promise.all(this.#nodes.map((node) => node.stop()));
    await this.#catchUp();
    const record = readProviderRecord(this.#options.dataDir);
    return { ...this.#report(crowd, record), boughtSeconds, recoverySeconds, reconciled };
  }

  async #open(scarceCapacity: number, buyers: number): Promise<{ stage: Stage; tokens: readonly string[] }> {
    const client = createHttpClient((this.#nodes[0] as KeptNode).port, 16);
    try {
      return { stage: await setStage(client, scarceCapacity), tokens: await guests(client, buyers) };
    } finally {
      client.close();
    }
  }

  async #buy(crowd: Crowd, stage: Stage, tokens: readonly string[]): Promise<void> {
    const { purchases, killer, killPostgres, faults, say } = this.#options;
    const over = new AbortController();
    const bought = () => crowd.purchases.length;
    const saying = setInterval(() => say(this.#progress(crowd)), SAY_EVERY_MS);
    this.#provider.setFaults(faults);
    const ground = { nodes: this.#nodes, provider: this.#provider, killPostgres };
    const killing = killer(ground, this.#killed, bought, over.signal);
    const callingOff = this.#callOff(stage, () => bought() >= purchases / 2, over.signal);
    for (const beside of [killing, callingOff]) beside.catch(() => {}); // told at the end
    try {
      await crowd.buy(tokens);
    } finally {
      over.abort();
      clearInterval(saying);
    }
    await Promise.all([killing, callingOff]);
    say(this.#progress(crowd));
  }

  /** The organizer cancels an event in the middle of it all: its tickets and their money go back. */
  async #callOff({ calledOff }: Stage, isTime: () => boolean, stop: AbortSignal): Promise<void> {
    while (!isTime()) {
      if (stop.aborted) return;
      await pause(LOOK_MS, undefined, { signal: stop }).catch(() => {});
    }
    const { sale, organizerToken: token } = calledOff;
    const reply = await this.#asking.until("POST", `/events/${sale.eventId}/cancel`, { token, key: "off" });
    if (reply.status !== 202) throw new Error(`calling an event off: ${reply.status} ${JSON.stringify(reply.body)}`);
  }

  #progress({ purchases, cancellations }: Crowd): string {
    const killed = [...this.#killed].map(([victim, times]) => `${victim} ${times}`).join(", ");
    const told = `${purchases.length} purchases, ${cancellations.length} cancellations answered`;
    return `${told}; ${this.#asking.lost} answers lost or put off; killed: ${killed || "none"}`;
  }

  /** Ends faults and kills and waits for rest, an hour later by the clock. @returns seconds that it took */
  async #recover(): Promise<number> {
    const { say } = this.#options;
    const beganMs = performance.now();
    await Promise.all(this.#nodes.map((node) => node.up()));
    this.#provider.healFaults();
    // Late payments may come while their claims stand; only then are reservations that nobody bought let go by time.
    await this.#untilRest("bookings", LATE_WITHIN_MS, () => this.#log.notAtRest().length === 0);
    await this.#advanceClock(HOLD_SECONDS + 120, "all holds end");
    await this.#untilRest("everything", REST_WITHIN_MS, () => this.#isAtRest());
    const seconds = (performance.now() - beganMs) / 1_000;
    say(`at rest after ${seconds.toFixed(1)} s`);
    return seconds;
  }

  #isAtRest(): boolean {
    return this.#log.notAtRest().length === 0 && this.#log.held() === 0 && this.#log.cartsInCheckout().length === 0;
  }

  /** Bounded: what has not come to rest by then is for the verdict to name. */
  async #untilRest(what: string, withinMs: number, isAtRest: () => boolean): Promise<void> {
    const untilMs = performance.now() + withinMs;
    for (let looks = 0; performance.now() < untilMs; looks += 1) {
      await this.#catchUp();
      if (isAtRest()) return;
      if (looks % 10 === 9) this.#options.say(`waiting for ${what} to come to rest: ${this.#unrest()}`);
      await pause(LOOK_MS);
    }
    this.#options.say(`not at rest: ${this.#unrest()}`);
  }

  #unrest(): string {
    const open = this.#log.notAtRest().length;
    const checkouts = this.#log.cartsInCheckout().length;
    return `${open} bookings, ${this.#log.held()} tickets held, ${checkouts} carts in checkout`;
  }

  async #catchUp(): Promise<void> {
    const store = await openPostgresEventStore({ connectionString: this.#options.databaseUrl });
    try {
      await this.#log.catchUp(store);
    } finally {
      await store.close();
    }
  }

  async #advanceClock(seconds: number, key: string): Promise<void> {
    const session = await this.#asking.until("POST", "/sessions", { body: ADMIN });
    const { token } = session.body as { token: string };
    const reply = await this.#asking.until("POST", "/sandbox/clock/advance", { token, key, body: { seconds } });
    if (reply.status !== 200) throw new Error(`moving the clock: ${reply.status} ${JSON.stringify(reply.body)}`);
  }

  /**
   * A start runs reconciliation when the last one is ten minutes ago, which it is by the moved clock.
   * @returns what the runs met, the last one under its own name
   */
  async #reconcile(): Promise<readonly string[]> {
    const client = new pg.Client({ connectionString: this.#options.databaseUrl });
    await client.connect();
    const select = "select differences from processes.reconciliations order by began_at";
    try {
      const before = (await client.query(select)).rowCount ?? 0;
      await this.#advanceClock(RECONCILED_EVERY_SECONDS + 60, "reconciliation is due");
      await Promise.all(this.#nodes.map((node) => node.restart()));
      const untilMs = performance.now() + REST_WITHIN_MS;
      for (;;) {
        const { rows } = await client.query<{ differences: readonly { kind: string; done: string }[] }>(select);
        if (rows.length > before) {
          await this.#untilRest("what reconciliation met", REST_WITHIN_MS, () => this.#isAtRest());
          const last = rows.length - 1;
          return rows.flatMap(({ differences }, run) =>
            differences.map(({ kind, done }) => `${run === last ? "at the end" : "meanwhile"}: ${kind}, ${done}`),
          );
        }
        if (performance.now() > untilMs) return ["at the end: reconciliation did not run"];
        await pause(LOOK_MS);
      }
    } finally {
      await client.end();
    }
  }

  #report(crowd: Crowd, record: ProviderRecord) {
    const { failures, lost } = this.#asking;
    const ends = this.#nodes.flatMap((node) => node.ends);
    const surprises = [...crowd.surprises, ...failures];
    const { purchases, cancellations } = crowd;
    return {
      findings: [
        ...verdict(record, this.#log, { purchases, cancellations, surprises }),
        { what: "nodes that ended by themselves", violations: ends },
      ],
      killed: this.#killed,
      told: counted(purchases.map(({ status }) => status)),
      detours: counted(
        [...this.#log.bookings.values()].flatMap(({ types }) => DETOURS.filter((type) => types.has(type))),
      ),
      outcomes: counted([...this.#log.bookings.values()].map(({ outcome }) => outcome)),
      charges: counted(record.charges.map(({ status }) => status)),
      refunds: record.refunds.length,
      cancellations: cancellations.length,
      refused: crowd.refused,
      lost,
      events: this.#log.events,
    };
  }
}

function counted(all: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const one of all) counts.set(one, (counts.get(one) ?? 0) + 1);
  return counts;
}
