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
  readonly #own: { readonly id: string; readonly type: TypeRef; readonly kind: "reservation" | "entry" }[] = [];
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

  #take({ do: what, type }: Ask, answer: Answer): void {
    if (answer.told !== "granted" || answer.facts.id === undefined) return;
    if (what === "reserve") this.#own.push({ id: answer.facts.id, type, kind: "reservation" });
    if (what === "join") this.#own.push({ id: answer.facts.id, type, kind: "entry" });
  }

  #wish(): Ask {
    const { types, sale } = this.#ground;
    const chance = this.#chance;
    const { wishes } = sale;
    const account = this.#account;
    const type = chance.of(types);
    const key = `key-${this.#number}-${this.#asked.length}`;
    const quantity = 1 + chance.below(chance.is(0.7) ? 2 : 4);
    const ofOwn = (kind: "reservation" | "entry") =>
      this.#own
        .filter((one) => one.kind === kind)
        .slice(-3)
        .map(({ id, type }) => ({ id, type }));
    const about = (kind: "reservation" | "entry", weight: number, ask: (own: { id: string; type: TypeRef }) => Ask) => {
      const own = ofOwn(kind);
      return own.length === 0 ? [] : ([[weight, () => ask(chance.of(own))]] as const);
    };
    const keyless = { account, key: null };
    const mine = chance.is(0.8) ? { account, key } : keyless;
    return chance.weighted<() => Ask>([
      [wishes.reserve, () => ({ ...mine, type, do: "reserve", quantity })],
      [wishes.join, () => ({ ...mine, type, do: "join", quantity })],
      [wishes.look, () => ({ ...keyless, type, do: "look" })],
      [wishes.capacity, () => ({ ...keyless, type, do: "capacity", capacity: 1 + chance.below(8) })],
      ...about("reservation", wishes.extend, (own) => ({ ...mine, ...own, do: "extend" })),
      ...about("reservation", wishes.release, (own) => ({ ...keyless, ...own, do: "release" })),
      ...about("entry", wishes.leave, (own) => ({ ...keyless, ...own, do: "leave" })),
      ...this.#asked.slice(-3).map((ask) => [wishes.repeat / 3, () => ask] as const),
    ])();
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
