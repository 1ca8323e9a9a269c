import { createHttpClient } from "../../test/system/http-client.ts";
import { codeOf, type OnSale, reservationIdOf, reserve } from "../../test/system/shop.ts";
import type { Standing } from "./scoreboard.ts";

/** A crowd in front of one design. */
export interface Sale {
  readonly name: string;
  readonly port: number;
  readonly sale: OnSale;
  readonly tickets: number;
  /** A token for each person. */
  readonly crowd: readonly string[];
  /** How often each person asks for a ticket. */
  readonly asks: number;
  /** The doors close after so many seconds. */
  readonly mostSeconds: number;
}

export interface RunningSale {
  standing(): Standing;
  /** Resolves when the crowd has gone: the reservations that people were told of. */
  readonly over: Promise<readonly string[]>;
}

const CONNECTIONS = 64;

/** Not begun. */
export const before = ({ name, tickets }: Sale): Standing => ({ name, tickets, sold: 0, turnedAway: 0, seconds: null });

/** Lets the crowd in: 64 at a time, each with a key of its own for each ticket it asks for. */
export function begin({ name, port, sale, tickets, crowd, asks, mostSeconds }: Sale): RunningSale {
  const client = createHttpClient(port, CONNECTIONS);
  const began = performance.now();
  const told: string[] = [];
  let turnedAway = 0;
  let next = 0;
  let ended: number | null = null;

  const elapsed = () => ((ended ?? performance.now()) - began) / 1000;
  const come = async () => {
    while (next < crowd.length * asks && elapsed() < mostSeconds) {
      const number = next;
      next += 1;
      const reply = await reserve(client, sale, crowd[number % crowd.length] as string, `ask ${number}`);
      const id = reservationIdOf(reply);
      if (id !== null) told.push(id);
      else if (codeOf(reply) === "sold-out") turnedAway += 1;
      else throw new Error(`${name}: ${reply.status} ${JSON.stringify(reply.body)}`);
    }
  };
  const over = Promise.all(Array.from({ length: CONNECTIONS }, come)).then(() => {
    ended = performance.now();
    client.close();
    return told;
  });
  return { over, standing: () => ({ name, tickets, sold: told.length, turnedAway, seconds: elapsed() }) };
}
