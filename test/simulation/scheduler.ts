import type { Chance } from "../model/chance.ts";
import type { Host } from "./host.ts";

/** Something that happens at its time, in one process or, without one, in the world between them. */
interface Task {
  dueMs: number;
  /** Orders what is due at the same time, as the seed has it. */
  tie: number;
  readonly host: Host | null;
  readonly what: string;
  /** null: taken back. */
  run: (() => void) | null;
}

/** Turns of Node's event loop are dear, and callbacks of one turn have their microtasks run between them just as well. */
const TASKS_A_TURN = 32;

/**
 * Owns simulated time. Whatever waits for time, for the network, for a disk or for its turn is a task here; tasks run one
 * after the other, each with all its microtasks, in the order of their times and, at the same time, in the seed's.
 */
export class Scheduler {
  /** Milliseconds since the beginning, with fractions. */
  nowMs = 0;
  /** Tasks run so far. */
  ran = 0;
  /** A hash of all that has happened so far, in its order: equal for equal runs. */
  hash = 0x811c9dc5;
  readonly #chance: Chance;
  readonly #heap: Task[] = [];
  readonly #trace: ((line: string) => void) | null;

  /** @param trace told of each task as it runs */
  constructor(chance: Chance, trace: ((line: string) => void) | null = null) {
    this.#chance = chance;
    this.#trace = trace;
  }

  /**
   * @param host whose task it is: it is put off while the process is frozen, and dropped when it has ended
   * @returns takes it back
   */
  after(ms: number, what: string, host: Host | null, run: () => void): () => void {
    const task: Task = { dueMs: this.nowMs + Math.max(0, ms), tie: this.#chance.next(), host, what, run };
    push(this.#heap, task);
    return () => {
      task.run = null;
    };
  }

  /** Waits in the world. */
  wait(ms: number, what: string): Promise<void> {
    return new Promise((resolve) => void this.after(ms, what, null, resolve));
  }

  /** Notes what happened, so that it is part of the hash and of the trace. */
  note(what: string): void {
    let { hash } = this;
    for (let i = 0; i < what.length; i += 1) hash = Math.imul(hash ^ what.charCodeAt(i), 0x01000193);
    this.hash = Math.imul(hash ^ Math.floor(this.nowMs * 1_000), 0x01000193) >>> 0;
    this.#trace?.(`${this.nowMs.toFixed(3).padStart(12)} ${what}`);
  }

  /**
   * Runs tasks in their order until `isOver` or until nothing is left.
   * @throws what a task throws
   */
  run(isOver: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      let isDone = false;
      const one = (): void => {
        if (isDone) return;
        try {
          isDone = isOver() || !this.#runNext();
        } catch (error) {
          isDone = true;
          reject(error);
          return;
        }
        if (isDone) resolve();
      };
      const turn = (): void => {
        for (let tasks = 0; tasks < TASKS_A_TURN; tasks += 1) setImmediate(one);
        setImmediate(() => {
          if (!isDone) turn();
        });
      };
      turn();
    });
  }

  /** @returns false when nothing is left to run */
  #runNext(): boolean {
    for (;;) {
      const task = pop(this.#heap);
      if (task === undefined) return false;
      const { host, run } = task;
      if (run === null || host?.hasEnded) continue;
      if (host !== null && host.frozenUntilMs > task.dueMs) {
        task.dueMs = host.frozenUntilMs;
        task.tie = this.#chance.next();
        push(this.#heap, task);
        continue;
      }
      this.nowMs = task.dueMs;
      this.ran += 1;
      this.note(host === null ? task.what : `${host.name} ${task.what}`);
      run();
      return true;
    }
  }
}

const isBefore = (a: Task, b: Task): boolean => a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.tie < b.tie);

/** Into a binary heap, the next task first. */
function push(heap: Task[], task: Task): void {
  let at = heap.length;
  heap.push(task);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (isBefore(heap[parent] as Task, task)) break;
    heap[at] = heap[parent] as Task;
    at = parent;
  }
  heap[at] = task;
}

function pop(heap: Task[]): Task | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (first === undefined || last === undefined || heap.length === 0) return first;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isBefore(heap[child + 1] as Task, heap[child] as Task)) child += 1;
    if (isBefore(last, heap[child] as Task)) break;
    heap[at] = heap[child] as Task;
    at = child;
  }
  heap[at] = last;
  return first;
}
