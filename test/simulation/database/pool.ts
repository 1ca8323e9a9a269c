import type { Pool, PoolClient } from "pg";
import type { Host } from "../host.ts";
import { roundTrip, tripMs, type Weather } from "../network.ts";
import type { DatabaseServer } from "./server.ts";
import { ConnectionLost, type Result, Session } from "./session.ts";

/** How likely, of one query: its connection breaks before it is done, or after. */
export interface DatabaseFaults {
  readonly lost: number;
  readonly answerLost: number;
}

export const NO_DATABASE_FAULTS: DatabaseFaults = { lost: 0, answerLost: 0 };

const RELEASED = "released";

interface Query {
  readonly text: string;
  readonly values?: readonly unknown[];
}

/** A process that ended has its connections closed about as soon. */
const CLOSED_WITHIN_MS = 20;

/** The pool of one process: as much of it as leases, projections and timers use. */
export function poolLink(
  host: Host,
  server: DatabaseServer,
  weather: () => Weather,
  faults: () => DatabaseFaults,
): Pool {
  const idle: Connection[] = [];
  const take = () => idle.pop() ?? new Connection(host, server, weather, faults);
  const pool = {
    async query(asked: string | Query, values?: readonly unknown[]): Promise<Result> {
      const connection = take();
      const result = await connection.query(asked, values); // one that broke is not kept
      idle.push(connection);
      return result;
    },
    async connect(): Promise<PoolClient> {
      return take() as unknown as PoolClient;
    },
  };
  return pool as unknown as Pool;
}

class Connection {
  readonly #host: Host;
  readonly #server: DatabaseServer;
  readonly #weather: () => Weather;
  readonly #faults: () => DatabaseFaults;
  #session: Session | null = null;
  #isBroken = false;
  #onError: (error: Error) => void = () => {};

  constructor(host: Host, server: DatabaseServer, weather: () => Weather, faults: () => DatabaseFaults) {
    this.#host = host;
    this.#server = server;
    this.#weather = weather;
    this.#faults = faults;
    const { scheduler, chance } = host;
    host.onEnd(() => {
      scheduler.after(chance.next() * CLOSED_WITHIN_MS, "a connection closes", null, () => this.#break("reset"));
    });
  }

  query(asked: string | Query, given: readonly unknown[] = []): Promise<Result> {
    const { text: written, values = given } = typeof asked === "string" ? { text: asked } : asked;
    const text = this.#server.inOneLine(written);
    const fate = this.#host.chance.next();
    const { lost, answerLost } = this.#faults();
    const what = `query ${text.slice(0, 40)}`;
    return roundTrip(this.#host, this.#weather(), what, async () => {
      if (this.#isBroken || this.#server.isDown) throw new ConnectionLost("closed");
      this.#session ??= new Session(this.#host.name, this.#server, this.#host.scheduler, (why) => this.#hasEnded(why));
      if (fate < lost) this.#break("broken before");
      const result = await this.#session.query(text, values);
      if (fate >= lost + answerLost || fate < lost) return result;
      this.#break("broken after");
      throw new ConnectionLost("broken after");
    });
  }

  /** As the runner does it: the connection is not used again. */
  release(): void {
    const { scheduler, chance } = this.#host;
    scheduler.after(chance.next() * CLOSED_WITHIN_MS, "a connection closes", null, () => this.#break(RELEASED));
  }

  on(_: "error", listener: (error: Error) => void): void {
    this.#onError = listener;
  }

  /** The process hears of it a while later, also between two queries. */
  #hasEnded(why: string): void {
    this.#isBroken = true;
    if (why === RELEASED) return;
    this.#host.after(tripMs(this.#host, this.#weather()), "a connection broke", () =>
      this.#onError(new ConnectionLost(why)),
    );
  }

  #break(why: string): void {
    this.#isBroken = true;
    this.#session?.terminate(why);
  }
}
