import type { RehearsalPlan } from "../plan.ts";
import { live, type Show } from "./buyer.ts";
import { type Doors, openDoor } from "./door.ts";
import { Latencies } from "./latencies.ts";
import { personaOf } from "./persona.ts";
import { type BuyerRecord, newRecord } from "./record.ts";

/** Somebody who is signed in. */
export interface SignedIn {
  readonly accountId: string;
  readonly token: string;
}

/** The buyers of a rehearsal, under way. */
export interface Crowd {
  readonly records: readonly BuyerRecord[];
  readonly latencies: Latencies;
  /** Resolves when all of them are done, or it was broken off. */
  readonly over: Promise<void>;
}

/** Lets all buyers live, each by what he is. @param signal breaks it off */
export function beginCrowd(
  plan: RehearsalPlan,
  show: Show,
  people: readonly SignedIn[],
  doors: Doors,
  signal: AbortSignal,
): Crowd {
  const latencies = new Latencies();
  const door = openDoor(doors, latencies, signal);
  const records: BuyerRecord[] = [];
  const lives = people.map(({ accountId, token }, n) => {
    const persona = personaOf(plan, n);
    const record = newRecord(accountId, persona.tickets);
    records.push(record);
    return live({ show, door, token, persona, record });
  });
  const brokenOff = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  return { records, latencies, over: Promise.race([brokenOff, Promise.all(lives).then(() => undefined)]) };
}
