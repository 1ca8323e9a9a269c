import { type Answer, OpenLoopConnection } from "./open-loop-connection.ts";

/** A request that wants a connection, or has one. */
export interface Sent {
  /** On the caller's clock; the request is given up some time after it. */
  readonly atMs: number;
  readonly request: string;
  onAnswer(answer: Answer): void;
  /** It came too late, or the connection broke. */
  onFailure(): void;
}

/** Requests waited for are taken out of the list when so many were served. */
const TIDY_EVERY = 10_000;

/** Sends requests over connections that are opened as they are needed; those that find none free wait in order. */
export class ConnectionPool {
  readonly #port: number;
  readonly #most: number;
  readonly #free: OpenLoopConnection[] = [];
  readonly #underWay = new Map<OpenLoopConnection, Sent>();
  #waiting: Sent[] = [];
  #firstWaiting = 0;
  #open = 0;
  #opened = 0;

  constructor(port: number, most: number) {
    this.#port = port;
    this.#most = most;
  }

  get opened(): number {
    return this.#opened;
  }

  get isIdle(): boolean {
    return this.#underWay.size === 0 && this.#firstWaiting >= this.#waiting.length;
  }

  send(sent: Sent): void {
    const connection = this.#free.pop();
    if (connection !== undefined) this.#sendOn(connection, sent);
    else if (this.#open < this.#most) this.#sendOn(this.#connect(), sent);
    else this.#waiting.push(sent);
  }

  /** Gives up on what was to be sent before `ms`. */
  giveUpBefore(ms: number): void {
    for (const [connection, { atMs }] of this.#underWay) if (atMs < ms) connection.destroy();
    while ((this.#waiting[this.#firstWaiting]?.atMs ?? Number.POSITIVE_INFINITY) < ms) this.#takeWaiting()?.onFailure();
  }

  close(): void {
    for (const connection of this.#free.splice(0)) connection.destroy();
  }

  #connect(): OpenLoopConnection {
    this.#open += 1;
    this.#opened += 1;
    return new OpenLoopConnection(this.#port, this.#answered, this.#ended);
  }

  #sendOn(connection: OpenLoopConnection, sent: Sent): void {
    this.#underWay.set(connection, sent);
    connection.send(sent.request);
  }

  readonly #answered = (answer: Answer, connection: OpenLoopConnection): void => {
    this.#underWay.get(connection)?.onAnswer(answer);
    this.#underWay.delete(connection);
    if (connection.closes) {
      connection.destroy();
      return;
    }
    const next = this.#takeWaiting();
    if (next === undefined) this.#free.push(connection);
    else this.#sendOn(connection, next);
  };

  readonly #ended = (connection: OpenLoopConnection): void => {
    this.#open -= 1;
    const sent = this.#underWay.get(connection);
    this.#underWay.delete(connection);
    const index = this.#free.indexOf(connection);
    if (index >= 0) this.#free.splice(index, 1);
    sent?.onFailure();
    const next = this.#takeWaiting();
    if (next !== undefined) this.send(next);
  };

  #takeWaiting(): Sent | undefined {
    const first = this.#waiting[this.#firstWaiting];
    if (first === undefined) return undefined;
    this.#firstWaiting += 1;
    if (this.#firstWaiting >= TIDY_EVERY) {
      this.#waiting = this.#waiting.slice(this.#firstWaiting);
      this.#firstWaiting = 0;
    }
    return first;
  }
}
