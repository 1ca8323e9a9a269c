import type { Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { Position } from "../../eventstore/port.ts";
import type { Log } from "../../ports.ts";
import { Problem } from "../problems/problem.ts";
import { Channel } from "./channel.ts";
import { HEARTBEAT, type Version } from "./event-text.ts";
import { inTurns } from "./in-turns.ts";
import { STREAM_LIMITS, type StreamLimits } from "./limits.ts";
import { Listener } from "./listener.ts";

/** How a topic stands. */
export interface Edition {
  readonly version: Version;
  /** The last words to those who listen, when there will be nothing new; else null. */
  readonly lastWords: Buffer | null;
}

export interface BroadcastsOptions {
  /**
   * How a topic stands, from a state that has reached a position; null: there is no such thing.
   * @throws Error it can't be had at present: it is asked for again
   */
  readonly load: (topic: string, minPosition: Position | null) => Promise<Edition | null>;
  readonly log: Pick<Log, "warn">;
  readonly limits?: Partial<StreamLimits>;
}

/** Topics that are loaded at once, when many have changed. */
const LOADS_AT_ONCE = 8;
const FULL_RETRY_SECONDS = 5;

/**
 * Tells many listeners of the newest version of what each of them listens to: made once for all, sent as soon as a change
 * is heard, the last one always, those between where there is time. For `ChangeFeed.follow`.
 */
export class Broadcasts {
  readonly #load: BroadcastsOptions["load"];
  readonly #log: Pick<Log, "warn">;
  readonly #limits: StreamLimits;
  readonly #channels = new Map<string, Channel>();
  readonly #beating: NodeJS.Timeout;
  readonly #stop = new AbortController();
  #listeners = 0;
  readonly #byAddress = new Map<string, number>();
  #loads = 0;
  readonly #waitingToLoad: (() => void)[] = [];

  constructor({ load, log, limits }: BroadcastsOptions) {
    this.#load = load;
    this.#log = log;
    this.#limits = { ...STREAM_LIMITS, ...limits };
    this.#beating = setInterval(() => void this.#beat(), this.#limits.heartbeatMs);
    this.#beating.unref();
  }

  /** Whether nobody else may listen. */
  get isFull(): boolean {
    return this.#listeners >= this.#limits.listeners || this.#stop.signal.aborted;
  }

  /**
   * @throws Problem `busy`: nobody else may listen; `rate-limited`: nobody else from this address
   */
  checkRoom(address: string): void {
    if (this.isFull) throw new Problem("busy", { retryAfterSeconds: FULL_RETRY_SECONDS });
    if ((this.#byAddress.get(address) ?? 0) < this.#limits.ofOneAddress) return;
    const detail = "So many streams are open from this address that it gets no more.";
    throw new Problem("rate-limited", { retryAfterSeconds: FULL_RETRY_SECONDS, detail });
  }

  get listeners(): number {
    return this.#listeners;
  }

  /** What is listened to. */
  topics(): readonly string[] {
    return [...this.#channels.keys()];
  }

  /**
   * From now on the connection gets the newest version of the topic whenever there is one; at first the one that is given.
   * @param connection with the head of the reply written
   * @param address whose it is, after {@link checkRoom}
   * @param lastRevision what the listener says it has, and is not sent; null: nothing
   */
  listen(
    topic: string,
    { connection, address }: { readonly connection: Writable; readonly address: string },
    version: Version,
    lastRevision: number | null,
  ): void {
    const known = this.#channels.get(topic);
    const channel = known ?? new Channel();
    this.#channels.set(topic, channel);
    const untilMs = performance.now() + this.#limits.lifeMs * (1 + Math.random() / 10);
    const listener = new Listener(connection, lastRevision, untilMs, {
      onRoom: (one) => channel.tell(one),
      onGone: (one) => this.#gone(topic, channel, one, address),
    });
    channel.listeners.add(listener);
    this.#listeners += 1;
    this.#byAddress.set(address, (this.#byAddress.get(address) ?? 0) + 1);
    channel.publish(version);
    channel.tell(listener);
    if (known === undefined) this.#look(topic, channel, null); // of what changed before there was one, nobody told it
  }

  /** These topics have changed; null: all may have. */
  changed(topics: readonly string[] | null, upTo: Position): void {
    if (this.#channels.size === 0) return;
    for (const topic of topics ?? this.#channels.keys()) {
      const channel = this.#channels.get(topic);
      if (channel !== undefined) this.#look(topic, channel, upTo);
    }
  }

  /** As if all had changed. */
  rebuilt(): void {
    for (const [topic, channel] of this.#channels) this.#look(topic, channel, null);
  }

  /** Lets all go, in order; nobody is let in any more. */
  close(): void {
    this.#stop.abort();
    clearInterval(this.#beating);
    for (const { listeners } of this.#channels.values()) for (const listener of listeners) listener.end();
  }

  #gone(topic: string, channel: Channel, listener: Listener, address: string): void {
    if (!channel.listeners.delete(listener)) return;
    this.#listeners -= 1;
    const left = (this.#byAddress.get(address) ?? 1) - 1;
    if (left === 0) this.#byAddress.delete(address);
    else this.#byAddress.set(address, left);
    if (channel.listeners.size === 0 && this.#channels.get(topic) === channel) this.#channels.delete(topic);
  }

  #look(topic: string, channel: Channel, minPosition: Position | null): void {
    channel.wanted = { minPosition };
    if (!channel.followed) void this.#follow(topic, channel);
  }

  /** Publishes until nothing is wanted any more. */
  async #follow(topic: string, channel: Channel): Promise<void> {
    const { gapMs, againMs } = this.#limits;
    channel.followed = true;
    while (channel.wanted !== null && channel.listeners.size > 0 && !this.#stop.signal.aborted) {
      const { wanted } = channel;
      try {
        const edition = await this.#inTurn(() => this.#load(topic, wanted.minPosition));
        if (channel.wanted === wanted) channel.wanted = null;
        if (edition !== null) await this.#publish(channel, edition);
        await this.#pause(gapMs);
      } catch (error) {
        this.#log.warn({ err: error, topic }, "the newest version can't be had for those who listen; trying again");
        await this.#pause(againMs);
      }
    }
    channel.followed = false;
  }

  async #publish(channel: Channel, { version, lastWords }: Edition): Promise<void> {
    channel.publish(version);
    if (lastWords === null) return;
    await inTurns(channel.listeners, (listener) => {
      channel.tell(listener);
      listener.end(lastWords);
    });
  }

  /** No more loads at once than there may be. */
  async #inTurn<Value>(load: () => Promise<Value>): Promise<Value> {
    if (this.#loads >= LOADS_AT_ONCE) await new Promise<void>((go) => this.#waitingToLoad.push(go));
    this.#loads += 1;
    try {
      return await load();
    } finally {
      this.#loads -= 1;
      this.#waitingToLoad.shift()?.();
    }
  }

  async #beat(): Promise<void> {
    const { stuckMs } = this.#limits;
    for (const [topic, channel] of this.#channels) {
      this.#look(topic, channel, null); // things also end by time alone, of which nobody tells
      const nowMs = performance.now();
      await inTurns(channel.listeners, (listener) => {
        if (listener.isStuck(stuckMs, nowMs)) listener.cut();
        else if (nowMs > listener.untilMs) listener.end();
        else listener.say(HEARTBEAT, nowMs);
      });
    }
  }

  #pause(ms: number): Promise<void> {
    return sleep(ms, undefined, { signal: this.#stop.signal, ref: false }).catch(() => undefined);
  }
}
