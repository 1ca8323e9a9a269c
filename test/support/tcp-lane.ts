import type { Socket } from "node:net";

/** Bytes under way beyond which the sender has to wait. */
const MOST_BYTES = 1024 * 1024;

/** One way of a connection through a proxy: what comes in goes out in order, later where it is delayed or held. */
export class Lane {
  delayMs = 0;
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #seen: (chunk: Buffer) => void;
  /** What has come and not gone; null: the end. */
  #under: { readonly chunk: Buffer | null; readonly dueMs: number }[] = [];
  #bytes = 0;
  #held = false;
  #timer: NodeJS.Timeout | null = null;
  #dropped = false;

  /** @param seen told of each piece as it comes, before it goes on */
  constructor(from: Socket, to: Socket, seen: (chunk: Buffer) => void) {
    this.#from = from;
    this.#to = to;
    this.#seen = seen;
    from.on("data", (chunk: Buffer) => this.#take(chunk));
    from.on("end", () => this.#take(null));
    to.on("drain", () => this.#pass());
  }

  hold(held: boolean): void {
    this.#held = held;
    this.#pass();
  }

  /** Forgets what is under way. */
  drop(): void {
    this.#dropped = true;
    this.#under = [];
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #take(chunk: Buffer | null): void {
    if (chunk !== null) this.#seen(chunk);
    if (this.#dropped) return;
    this.#under.push({ chunk, dueMs: performance.now() + this.delayMs });
    this.#bytes += chunk?.length ?? 0;
    if (this.#bytes > MOST_BYTES) this.#from.pause();
    this.#pass();
  }

  #pass(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    while (!this.#held && !this.#dropped && !this.#to.writableNeedDrain) {
      const next = this.#under[0];
      if (next === undefined) break;
      const waitMs = this.delayMs === 0 ? 0 : next.dueMs - performance.now();
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.#pass(), waitMs);
        return;
      }
      this.#under.shift();
      this.#bytes -= next.chunk?.length ?? 0;
      if (next.chunk === null) this.#to.end();
      else this.#to.write(next.chunk);
    }
    if (this.#bytes <= MOST_BYTES) this.#from.resume();
  }
}
