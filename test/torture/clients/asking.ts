import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { Chance } from "../../model/chance.ts";
import type { HttpClient, HttpReply } from "../../system/http-client.ts";
import { type Entry, type History, nowMs, type Outcome } from "../history/history.ts";
import type { Look, Told, Wish } from "./wish.ts";
import type { Progress } from "./workload.ts";

export interface AskingOptions {
  readonly client: number;
  readonly nodes: readonly HttpClient[];
  readonly history: History;
  readonly progress: Progress;
  readonly chance: Chance;
  /** Since when no new commands are wanted; null: they are. */
  readonly stoppedAtMs: () => number | null;
  /** A number that no other command of the run has. */
  readonly nextCommand: () => number;
}

/** Longer than any answer of the product takes. */
const PATIENCE_MS = 12_000;
const IMPATIENCE_MS = 400;
/** After the end: who gets no answer for so long never will, and the history says so. */
const LAST_PATIENCE_MS = 300_000;
const LONGEST_PAUSE_MS = 500;

/** What is asked together with its key. */
interface Command {
  readonly number: number;
  readonly name: string;
  readonly wish: Wish;
  readonly path: string;
  readonly key: string | null;
}

/** Asks nodes that come and go, any of them, and again with the same key where nobody said what came of it. */
export class Asking {
  readonly #options: AskingOptions;

  constructor(options: AskingOptions) {
    this.#options = options;
  }

  /** @returns what he was told; null where nobody knows and the wish must not be sent again */
  async ask(name: string, wish: Wish): Promise<Told | null> {
    const { chance } = this.#options;
    const command = this.#command(name, wish, wish.isKeyed ? randomUUID() : null);
    const isClickedTwice = wish.isKeyed && chance.is(0.05);
    const told = isClickedTwice ? await this.#twice(command) : await this.#untilTold(command);
    if (told === null || !isGranted(told)) return told;
    if (command.key !== null && chance.is(0.07)) await this.#untilTold(command); // also after an answer it is the same
    if (command.key !== null && wish.otherBody !== undefined && chance.is(0.05)) {
      const { otherBody: body } = wish;
      await this.#untilTold(this.#command(`${name}: another body`, { ...wish, body }, command.key));
    }
    return told;
  }

  /** Reads a thing that has come at least as far as a position. */
  look(look: Look, wish: Pick<Wish, "as" | "minPosition">): Promise<Told | null> {
    return this.#untilTold(
      this.#command(look.name, { ...look, ...wish, method: "GET", isKeyed: false, refusals: [] }, null),
    );
  }

  #command(name: string, wish: Wish, key: string | null): Command {
    const of = [...(wish.of ?? [])];
    const path = wish.route.replace(/:\w+/g, () => of.shift() ?? "");
    return { number: this.#options.nextCommand(), name, wish, path, key };
  }

  /** Somebody clicks twice: both go out, and either answer will do. */
  async #twice(command: Command): Promise<Told | null> {
    const [first, second] = await Promise.all([this.#untilTold(command), this.#untilTold(command)]);
    return first !== null && isGranted(first) ? first : second;
  }

  async #untilTold(command: Command): Promise<Told | null> {
    const { chance, stoppedAtMs } = this.#options;
    const { wish, key } = command;
    const isSafe = key !== null || wish.method !== "POST";
    for (let attempt = 0; ; attempt += 1) {
      const outcome = await this.#once(command);
      if (outcome.answered) return outcome;
      const stopped = stoppedAtMs();
      if (!isSafe || (stopped !== null && nowMs() - stopped > LAST_PATIENCE_MS)) return null;
      if (stopped !== null && wish.method === "GET") return null; // what is only looked at leaves nothing open
      await pause(chance.next() * Math.min(20 * 2 ** attempt, LONGEST_PAUSE_MS));
    }
  }

  async #once({ number, name, wish, path, key }: Command): Promise<Outcome> {
    const { client, nodes, history, progress, chance, stoppedAtMs } = this.#options;
    const node = chance.below(nodes.length);
    const isImpatient = stoppedAtMs() === null && wish.isKeyed && chance.is(0.06);
    const patienceMs = isImpatient ? 10 + chance.below(IMPATIENCE_MS) : PATIENCE_MS;
    const { method, route, body, as, ifMatch, minPosition, headers } = wish;
    const sentAtMs = nowMs();
    progress.asked += 1;
    const reply = await (nodes[node] as HttpClient)
      .call(method, path, {
        patienceMs,
        ...(as === null ? {} : { token: as.token }),
        ...(key === null ? {} : { key }),
        ...(ifMatch === undefined ? {} : { ifMatch }),
        ...(minPosition === undefined ? {} : { minPosition }),
        ...(headers === undefined ? {} : { headers }),
        ...(body === undefined ? {} : { body }),
      })
      .catch((error: Error) => error);
    const outcome = outcomeOf(reply);
    const entry: Entry = {
      ...{ client, command: number, name, node, account: as?.accountId ?? null, method, route, path },
      ...{ body: withoutSecrets(body) ?? null, key, ifMatch: ifMatch ?? null, minPosition: minPosition ?? null },
      ...{ sentAtMs, outcome: outcome.answered ? { ...outcome, body: withoutSecrets(outcome.body) } : outcome },
    };
    await history.append(entry);
    if (outcome.answered) progress.answered += 1;
    else progress.unknown += 1;
    return outcome;
  }
}

export const isGranted = ({ status }: Pick<Told, "status">): boolean => status < 300 || status === 402;

/** "Come again" says nothing of what came of it; of a 500 the checker hears. */
function outcomeOf(reply: HttpReply | Error): Outcome {
  const endedAtMs = nowMs();
  if (reply instanceof Error) return { answered: false, why: reply.message, endedAtMs };
  const { status, headers, body } = reply;
  if (status >= 500 || status === 429 || status === 408) {
    const { code = "" } = (body ?? {}) as { readonly code?: string };
    return { answered: false, why: `${status} ${code}`, endedAtMs };
  }
  const position = headers["boxoffice-position"];
  return {
    ...{ answered: true, status, body, endedAtMs, replayed: headers["idempotency-replayed"] === "true" },
    position: typeof position === "string" ? position : null,
  };
}

const SECRETS: ReadonlySet<string> = new Set(["password", "token", "clientSecret", "code", "key"]);

/** A history is kept as a file: nothing in it lets anybody in. Problems keep their code. */
function withoutSecrets(body: unknown): unknown {
  if (body === null || typeof body !== "object") return body;
  if (Array.isArray(body)) return body.map(withoutSecrets);
  const isProblem = "title" in body && "status" in body;
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => [
      name,
      SECRETS.has(name) && !isProblem && typeof value === "string" ? "kept back" : withoutSecrets(value),
    ]),
  );
}
