import { setTimeout as pause } from "node:timers/promises";
import { type Product, type ProductSettings, startProduct } from "../product.ts";

const START_ATTEMPTS = 20;
const ATTEMPT_PAUSE_MS = 500;
/** Characters that are kept of the output of a node that ended by itself. */
const LAST_WORDS = 2_000;

/** A node of the product on a port of its own that is started again whenever it was killed. */
export class KeptNode {
  readonly port: number;
  readonly #settings: ProductSettings;
  #node: Product | null = null;
  /** Resolves when it runs. */
  #up: Promise<void> = Promise.resolve();
  #stopped = false;
  /** The last words of runs that ended by themselves: a fault. */
  readonly ends: string[] = [];

  constructor(settings: ProductSettings & { readonly port: number }) {
    this.port = settings.port;
    this.#settings = settings;
  }

  start(): Promise<void> {
    this.#up = this.#start();
    return this.#up;
  }

  isUp(): boolean {
    return this.#node !== null;
  }

  /** Resolves when it runs, if it was killed a moment ago. */
  up(): Promise<void> {
    return this.#up;
  }

  /** `kill -9`, and a start at once. @returns false: it is just being started */
  async kill(): Promise<boolean> {
    const node = this.#node;
    if (node === null) return false;
    this.#node = null;
    node.kill("SIGKILL");
    this.#up = node.ended.then(() => this.#start());
    await node.ended;
    return true;
  }

  /** In order, as an operator does. */
  async restart(): Promise<void> {
    await this.#up;
    const node = this.#node;
    this.#node = null;
    await node?.stop();
    await this.start();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#up.catch(() => {});
    await this.#node?.stop(30_000);
  }

  /** What it needs may be away just now, too: an operator's supervisor tries again. */
  async #start(): Promise<void> {
    for (let attempt = 1; !this.#stopped; attempt += 1) {
      try {
        const node = await startProduct(this.#settings);
        this.#node = node;
        void node.ended.then((how) => this.#ended(node, how));
        return;
      } catch (error) {
        if (attempt === START_ATTEMPTS) throw error;
        await pause(ATTEMPT_PAUSE_MS);
      }
    }
  }

  #ended(node: Product, how: number | NodeJS.Signals): void {
    if (this.#node !== node || this.#stopped) return;
    this.ends.push(`the node on port ${this.port} ended by itself (${how}): ${node.output().slice(-LAST_WORDS)}`);
    this.#node = null;
    this.#up = this.#start();
  }
}
