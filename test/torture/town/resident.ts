import type { Serializable } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import { type ChildOptions, type LaunchedChild, launchChild } from "../../system/child.ts";

/** systemd's RestartSec. */
const RESTART_MS = 100;
/** One whose database is away ends its start with one line; it is not tried again all the time. */
const REFUSED_RESTART_MS = 500;
const LAST_WORDS = 2_000;

export interface ResidentOptions {
  readonly name: string;
  readonly child: Omit<ChildOptions, "onOutput" | "saysReady">;
  readonly onOutput: (text: string) => void;
}

/** A process of the town. It is started again whenever it ends, as systemd does it, until it is stopped. */
export class Resident {
  readonly name: string;
  readonly #options: ResidentOptions;
  #child: LaunchedChild | null = null;
  #up = Promise.withResolvers<void>();
  #isUp = false;
  #stopping = false;
  #killed = new WeakSet<LaunchedChild>();
  #frozen = new Map<LaunchedChild, number>();
  #work: Promise<void> = Promise.resolve();
  /** Last words of those that ended by themselves, other than by telling in one line why they can't start: faults. */
  readonly ends: string[] = [];
  /** Starts that ended with a line saying what they miss. */
  refusedStarts = 0;

  constructor(options: ResidentOptions) {
    this.name = options.name;
    this.#options = options;
  }

  start(): void {
    this.#stopping = false;
    this.#work = this.#keepRunning();
  }

  /** null: there is none just now. */
  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** Whether it is there and has said that it is ready. */
  get isUp(): boolean {
    return this.#isUp;
  }

  /** Resolves when it has said that it is ready. */
  async up(): Promise<void> {
    while (!this.#isUp) await this.#up.promise;
  }

  /** `kill -9`, also in the middle of a start. @returns false: there is none just now */
  kill(): boolean {
    const child = this.#child;
    if (child === null || this.#stopping || this.#killed.has(child)) return false;
    this.#killed.add(child);
    child.kill("SIGKILL");
    return true;
  }

  /** SIGSTOP. @returns SIGCONT, of this very process; null: there is none just now */
  freeze(): (() => void) | null {
    const child = this.#child;
    if (child === null || this.#killed.has(child)) return null;
    this.#frozen.set(child, (this.#frozen.get(child) ?? 0) + 1);
    child.kill("SIGSTOP");
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      const left = (this.#frozen.get(child) ?? 1) - 1;
      this.#frozen.set(child, left);
      if (left > 0) return; // somebody else holds it, too
      this.#frozen.delete(child);
      child.kill("SIGCONT");
    };
  }

  /** Over the channel between us. */
  tell(message: Serializable): void {
    this.#child?.tell(message);
  }

  /** Ends it in order. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    child?.kill("SIGCONT");
    await child?.stop(35_000);
    await this.#work;
  }

  async #keepRunning(): Promise<void> {
    while (!this.#stopping) {
      const { child: options, onOutput } = this.#options;
      const child = launchChild({ ...options, saysReady: true, onOutput });
      this.#child = child;
      const sinceMs = performance.now();
      child.ready.then(
        () => this.#ready(),
        () => {},
      );
      const how = await child.ended;
      this.#child = null;
      const wasUp = this.#isUp;
      this.#notUp();
      if (this.#stopping) return;
      if (this.#killed.has(child)) continue;
      onOutput(`\n-- ended by itself: ${how}\n`);
      const isRefusal = !wasUp && how === 1 && !/^ {4}at /m.test(child.output());
      if (isRefusal) this.refusedStarts += 1;
      else this.ends.push(this.#lastWords(how, performance.now() - sinceMs, child.output()));
      await pause(isRefusal ? REFUSED_RESTART_MS : RESTART_MS);
    }
  }

  #lastWords(how: number | NodeJS.Signals, ranMs: number, output: string): string {
    const seconds = (ranMs / 1_000).toFixed(1);
    return `${this.name} ended by itself (${how}) after ${seconds} s: ${output.slice(-LAST_WORDS)}`;
  }

  #ready(): void {
    this.#isUp = true;
    this.#up.resolve();
  }

  #notUp(): void {
    if (this.#isUp) this.#up = Promise.withResolvers();
    this.#isUp = false;
  }
}
