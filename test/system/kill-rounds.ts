import { setImmediate } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { createHttpClient, type HttpClient, type HttpReply } from "./http-client.ts";
import type { Installation } from "./installation.ts";
import type { Proof } from "./proof.ts";
import { codeOf, guests, type OnSale, openSale, reservationIdOf, reserve } from "./shop.ts";

export interface KillRoundsOptions {
  readonly rounds: number;
  /** Reservations acknowledged between a start and the next kill. */
  readonly acknowledgedPerRound: number;
  /** Buyers at once; each repeats a request with its key until it is answered, then goes on to the next. */
  readonly buyers: number;
  readonly onRound?: (round: number, acknowledged: number) => void;
}

/** A reservation that a buyer was told of. */
export interface Acknowledged {
  readonly token: string;
  readonly key: string;
  readonly reply: HttpReply;
}

/** What buyers were told. */
export interface KillRoundsReport {
  readonly sale: OnSale;
  readonly capacity: number;
  /** The first answer to each key that was answered by 201. */
  readonly acknowledged: readonly Acknowledged[];
  /** Requests whose answer was lost to a kill, each repeated with the same key. */
  readonly broken: number;
  /** Answers to repeated keys that were given as the first answer again. */
  readonly replayed: number;
}

/** Sells a ticket type out while the whole installation is killed and started again, so many times. */
export async function runKillRounds(installation: Installation, options: KillRoundsOptions): Promise<KillRoundsReport> {
  await installation.start();
  const clients = installation.ports.map((port) => createHttpClient(port, options.buyers));
  try {
    return await new KillRounds(installation, clients, options).run();
  } finally {
    for (const client of clients) client.close();
  }
}

/**
 * Holds what buyers were told against the log.
 * @throws Error naming what is missing, or there without having been answered
 */
export function compareWithLog({ acknowledged, capacity }: KillRoundsReport, proof: Proof): void {
  const recorded = new Set(proof.reservationIds);
  for (const { key, reply } of acknowledged) {
    const id = reservationIdOf(reply) as string;
    if (!recorded.delete(id)) throw new Error(`${key}: reservation ${id} was acknowledged and is not in the log`);
  }
  // Every key was asked for until it was answered, so what is left over was recorded and never acknowledged.
  if (recorded.size > 0) throw new Error(`${recorded.size} reservations are in the log that no key was answered with`);
  if (proof.held !== capacity) throw new Error(`${proof.held} of ${capacity} held after the sale was sold out`);
}

class KillRounds {
  readonly #installation: Installation;
  readonly #clients: readonly HttpClient[];
  readonly #options: KillRoundsOptions;
  readonly #acknowledged: Acknowledged[] = [];
  #broken = 0;
  #replayed = 0;
  #keys = 0;
  #soldOut = false;
  /** Resolves when the nodes take requests. */
  #up: Promise<void> = Promise.resolve();
  #next = { at: Number.POSITIVE_INFINITY, reached: () => {} };

  constructor(installation: Installation, clients: readonly HttpClient[], options: KillRoundsOptions) {
    this.#installation = installation;
    this.#clients = clients;
    this.#options = options;
  }

  async run(): Promise<KillRoundsReport> {
    const { rounds, acknowledgedPerRound, buyers, onRound } = this.#options;
    const capacity = (rounds + 1) * acknowledgedPerRound + rounds * buyers * 2; // some are sold while the kill is sent
    const [client] = this.#clients as [HttpClient];
    const sale = await openSale(client, capacity);
    const tokens = await guests(client, buyers);
    const crowd = Promise.all(tokens.map((token) => this.#buy(sale, token)));
    for (let round = 1; round <= rounds; round += 1) {
      await Promise.race([this.#acknowledge(acknowledgedPerRound), crowd]);
      if (this.#soldOut) throw new Error(`sold out before kill ${round}: nothing is tested`);
      await this.#killAndStart();
      onRound?.(round, this.#acknowledged.length);
    }
    await crowd;
    await this.#repeatAll(sale);
    return { sale, capacity, acknowledged: this.#acknowledged, broken: this.#broken, replayed: this.#replayed };
  }

  /** One buyer takes one ticket after the other, until there is none. */
  async #buy(sale: OnSale, token: string): Promise<void> {
    while (!this.#soldOut) {
      this.#keys += 1;
      const key = `key ${this.#keys}`;
      const reply = await this.#untilAnswered(sale, token, key);
      if (codeOf(reply) === "sold-out") this.#soldOut = true;
      else if (reply.status === 201) this.#acknowledgedNow({ token, key, reply });
      else throw new Error(`${key}: ${reply.status} ${JSON.stringify(reply.body)}`);
    }
  }

  /** Asks with the same key until there is an answer, of whatever node; 503 is none. */
  async #untilAnswered(sale: OnSale, token: string, key: string): Promise<HttpReply> {
    for (let attempt = 0; ; attempt += 1) {
      await this.#up;
      const client = this.#clients[(this.#keys + attempt) % this.#clients.length] as HttpClient;
      const reply = await reserve(client, sale, token, key).catch(() => null);
      if (reply === null) this.#broken += 1;
      else if (reply.status !== 503) return reply;
      await setImmediate(); // the kill that broke the connection is noticed first
    }
  }

  #acknowledgedNow(one: Acknowledged): void {
    this.#acknowledged.push(one);
    if (this.#acknowledged.length >= this.#next.at) this.#next.reached();
  }

  #acknowledge(more: number): Promise<void> {
    return new Promise((reached) => {
      this.#next = { at: this.#acknowledged.length + more, reached };
    });
  }

  async #killAndStart(): Promise<void> {
    this.#up = this.#installation.kill().then(() => this.#installation.start());
    await this.#up;
  }

  /** Every key again, each buyer one after the other: the first answer, word for word, whichever node is asked. */
  async #repeatAll(sale: OnSale): Promise<void> {
    const byBuyer = Map.groupBy(this.#acknowledged, ({ token }) => token);
    await Promise.all(
      [...byBuyer.values()].map(async (ones) => {
        for (const [index, one] of ones.entries()) await this.#repeat(sale, one, index);
      }),
    );
  }

  async #repeat(sale: OnSale, { token, key, reply }: Acknowledged, index: number): Promise<void> {
    const again = await reserve(this.#clients[index % this.#clients.length] as HttpClient, sale, token, key);
    const same = again.status === 201 && isDeepStrictEqual(again.body, reply.body);
    if (!same || again.headers["idempotency-replayed"] !== "true") {
      throw new Error(
        `${key}: first ${JSON.stringify(reply.body)}, then ${again.status} ${JSON.stringify(again.body)}`,
      );
    }
    this.#replayed += 1;
  }
}
