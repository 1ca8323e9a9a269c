import { ticketId } from "../../src/commands/tickets.ts";
import type { Chance } from "../model/chance.ts";
import { type Answer, type Ask, perform, type TypeRef } from "./asks.ts";
import type { Sale } from "./climate.ts";
import type { Entry, Journal } from "./journal.ts";
import type { Node } from "./node.ts";
import type { Scheduler } from "./scheduler.ts";

/** What clients find. */
export interface Ground {
  readonly scheduler: Scheduler;
  readonly journal: Journal;
  readonly sale: Sale;
  readonly types: readonly TypeRef[];
  /** Those that are up; one that is frozen is up. */
  readonly nodes: () => readonly Node[];
  readonly lostReplies: () => number;
  /** Whether nothing goes wrong any more: then what was not answered is asked until it is. */
  readonly isHealed: () => boolean;
}

/** Something that he was granted. */
interface Own {
  readonly id: string;
  readonly type: TypeRef;
  /** Of a booking, what he bought with it; null: a cart. */
  readonly bought: readonly string[] | null;
}

/** Times that the same is asked before all has healed; whoever gets no answer after that gives up. */
const TRIES = 4;
/** More than any wait of the product: nobody who is asked again after all has healed is left without an answer. */
const PATIENCE_MS = 20_000;
const IMPATIENCE_MS = 6_000;

/** A buyer: he asks, waits for the answer, asks again when there is none, thinks, and asks for the next thing. */
export class Client {
  readonly #number: number;
  readonly #account: string;
  readonly #ground: Ground;
  readonly #chance: Chance;
  /** What he was granted, the newest last. */
  readonly #own: (Own & { readonly kind: "reservation" | "entry" | "booking" })[] = [];
  readonly #asked: Ask[] = [];

  constructor(number: number, account: string, ground: Ground, chance: Chance) {
    this.#number = number;
    this.#account = account;
    this.#ground = ground;
    this.#chance = chance;
  }

  async live(): Promise<void> {
    const { scheduler, sale } = this.#ground;
    for (let asks = 0; asks < sale.asksEach; asks += 1) {
      await scheduler.wait(this.#chance.next() * sale.thinkMs, `client ${this.#number} thinks`);
      const ask = this.#wish();
      this.#asked.push(ask);
      const answer = await this.#askUntilAnswered(ask);
      this.#take(ask, answer);
    }
  }

  #take(ask: Ask, answer: Answer): void {
    if (answer.told !== "granted" || answer.facts.id === undefined) return;
    const { id } = answer.facts;
    const { type } = ask;
    if (ask.do === "reserve") this.#own.push({ id, type, kind: "reservation", bought: null });
    if (ask.do === "join") this.#own.push({ id, type, kind: "entry", bought: null });
    if (ask.do === "buy") this.#own.push({ id, type, kind: "booking", bought: ask.ids });
  }

  #wish(): Ask {
    const { types, sale } = this.#ground;
    const chance = this.#chance;
    const { wishes } = sale;
    const account = this.#account;
    const type = chance.of(types);
    const quantity = 1 + chance.below(chance.is(0.7) ? 2 : 4);
    const keyless = { account, type, key: null };
    const mine = chance.is(0.8) ? { ...keyless, key: `key-${this.#number}-${this.#asked.length}` } : keyless;
    const method = sale.priceMinor === 0 ? null : chance.weighted(sale.methods);
    const ofOwn = (kind: "reservation" | "entry" | "booking") => this.#own.filter((one) => one.kind === kind).slice(-3);
    const about = (kind: "reservation" | "entry" | "booking", weight: number, ask: (own: Own) => Ask) => {
      const own = ofOwn(kind);
      return own.length === 0 ? [] : ([[weight, () => ask(chance.of(own))]] as const);
    };
    return chance.weighted<() => Ask>([
      [wishes.reserve, () => ({ ...mine, do: "reserve", quantity })],
      [wishes.join, () => ({ ...mine, do: "join", quantity })],
      [wishes.look, () => ({ ...keyless, do: "look" })],
      [wishes.capacity, () => ({ ...keyless, do: "capacity", capacity: 1 + chance.below(8) })],
      [wishes.callOff, () => ({ ...keyless, do: "call-off" })],
      [wishes.cart, () => ({ ...keyless, do: "line", quantity: chance.below(4) })],
      [wishes.cart / 4, () => ({ ...keyless, do: "clear" })],
      [wishes.cart / 2, () => ({ ...mine, do: "buy", ids: null, method })],
      ...about("reservation", wishes.extend, ({ id, type }) => ({ ...mine, type, do: "extend", id })),
      ...about("reservation", wishes.release, ({ id, type }) => ({ ...keyless, type, do: "release", id })),
      ...about("reservation", wishes.buy, (own) => ({
        ...mine,
        type: own.type,
        do: "buy",
        ids: this.#some(own),
        method,
      })),
      ...about("entry", wishes.buy, ({ id, type }) => ({ ...mine, type, do: "buy", ids: [id], method })),
      ...about("entry", wishes.leave, ({ id, type }) => ({ ...keyless, type, do: "leave", id })),
      ...about("booking", wishes.cancel, ({ id, bought }) => {
        const [first] = bought ?? [];
        const ticketIds = first !== undefined && chance.is(0.5) ? [ticketId(first, chance.below(2))] : null;
        return { ...mine, do: "cancel", booking: id, ticketIds };
      }),
      ...about("booking", wishes.cancel / 4, ({ id }) => ({ ...mine, do: "refund", booking: id, amountMinor: 1 })),
      ...this.#asked.slice(-3).map((ask) => [wishes.repeat / 3, () => ask] as const),
    ])();
  }

  /** What is bought together with it. */
  #some({ id }: Own): readonly string[] {
    if (this.#chance.is(0.7)) return [id];
    const others = this.#own.filter((one) => one.kind === "reservation").slice(-2);
    return [...new Set([id, ...others.map((one) => one.id)])];
  }

  async #askUntilAnswered(ask: Ask): Promise<Answer> {
    for (let tries = 1; ; tries += 1) {
      const isHealed = this.#ground.isHealed();
      const answer = await this.#askOnceOrTwice(ask);
      if (answer.told === "granted" || answer.told === "refused" || answer.told === "fault") return answer;
      if (tries >= TRIES && isHealed) return answer;
      await this.#ground.scheduler.wait(this.#chance.next() * 300, `client ${this.#number} tries again`);
    }
  }

  /** Somebody who clicks twice: both go out, and either answer will do. */
  async #askOnceOrTwice(ask: Ask): Promise<Answer> {
    if (ask.key === null || !this.#chance.is(this.#ground.sale.twice)) return this.#ask(ask);
    const [first, second] = await Promise.all([this.#ask(ask), this.#ask(ask)]);
    return first.told === "granted" || second.told === "nothing" ? first : second;
  }

  async #ask(ask: Ask): Promise<Answer> {
    const { scheduler, journal, nodes, isHealed } = this.#ground;
    const up = nodes();
    const node = this.#chance.of(up);
    const name = node?.host.name ?? "nobody";
    const entry = journal.begin({ client: this.#number, ask, node: name, beganMs: scheduler.nowMs });
    scheduler.note(`client ${this.#number} asks ${name}: ${words(ask)}`);
    const answer =
      node === undefined
        ? await scheduler.wait(1, "nobody listens").then((): Answer => ({ told: "not-run", why: "nobody listens" }))
        : await this.#send(entry, node, isHealed() ? PATIENCE_MS : IMPATIENCE_MS);
    entry.endedMs = scheduler.nowMs;
    entry.answer = answer;
    scheduler.note(`client ${this.#number} is told: ${toldWords(answer)}`);
    return answer;
  }

  #send({ ask, requestId }: Entry, node: Node, patienceMs: number): Promise<Answer> {
    const { scheduler, lostReplies } = this.#ground;
    const { host } = node;
    const chance = this.#chance;
    const tripMs = () => 0.05 + chance.next() * 2;
    return new Promise((resolve) => {
      const lost = (why: string): Answer => ({ told: "nothing", why });
      const takeBack = host.onEnd(() =>
        scheduler.after(tripMs(), "connection lost", null, () => resolve(lost("reset"))),
      );
      const reply = (answer: Answer) => {
        takeBack();
        if (chance.is(lostReplies())) return;
        scheduler.after(tripMs(), `${host.name} replies to client ${this.#number}`, null, () => resolve(answer));
      };
      scheduler.after(patienceMs, `client ${this.#number} has waited`, null, () => {
        takeBack();
        resolve(lost("no answer"));
      });
      host.after(tripMs(), `hears client ${this.#number}`, () => void perform(ask, requestId, node).then(reply));
    });
  }
}

const words = ({ account, type, ...ask }: Ask): string =>
  `${JSON.stringify(ask)} of ${type.ticketTypeId.slice(-4)} for ${account}`;

const toldWords = (answer: Answer): string =>
  answer.told === "granted"
    ? `granted${answer.replayed ? " before" : ""} ${JSON.stringify(answer.facts)}`
    : answer.told === "refused"
      ? `${answer.code} ${JSON.stringify(answer.details)}`
      : `${answer.told}: ${answer.why}`;
