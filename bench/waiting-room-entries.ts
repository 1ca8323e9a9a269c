/**
 * Ten million people come to one waiting room: what an entry costs, and what of it stays in memory.
 *
 *     npx node --expose-gc bench/waiting-room-entries.ts [ENTRIES]
 *
 * Prints its figures as JSON. Counts are told every 10,000 entries, as a node does every quarter of a second.
 */
import { randomBytes } from "node:crypto";
import { LiveRoom } from "../src/waiting-room/live-room.ts";
import { SeenAccounts } from "../src/waiting-room/seen.ts";
import { roomTokensBy } from "../src/waiting-room/tokens.ts";

/** What was measured at the module's edge. */
export interface EdgeFigures {
  readonly entries: number;
  readonly perSecond: number;
  /** What is in memory after each tenth beyond what was before, collected first; resident, and in the heap and buffers. */
  readonly residentRiseMiB: readonly number[];
  readonly usedRiseMiB: readonly number[];
}

const WARM_UP = 100_000;
const TOLD_EVERY = 10_000;
const PER_SECOND = 50_000;
const TENTHS = 10;
const EVENT = "0b9fbd54-6a0f-8d0f-9a9b-0d5f5b1f2f16";
const MIB = 1024 * 1024;

const entries = Number(process.argv[2] ?? 10_000_000);
if (!(Number.isInteger(entries) && entries >= TENTHS)) throw new Error("takes a whole number of entries from 10 on");
const collect = globalThis.gc;
if (collect === undefined) throw new Error("needs node --expose-gc");

const opensAtMs = Date.parse("2026-12-24T18:00:00.000Z");
const terms = {
  opensAt: new Date(opensAtMs).toISOString(),
  admitPerMinute: 600,
  paused: false,
  classes: [],
  beacon: null,
};
const known = { status: "set-up", round: 1, commitment: "", laterCommitment: "", revealed: [], terms } as const;
const tokens = roomTokensBy(randomBytes(32));
const seeds = { draw: "d".repeat(64), later: "e".repeat(64) };
const room = new LiveRoom(EVENT, known, 0, seeds, () => new SeenAccounts(randomBytes(32)));
const queue = room.classes[0]?.queue;
const counts = new Map<number, number>();

/** UUIDs by their number. */
const accountOf = (n: number): string => {
  const hex = n.toString(16).padStart(12, "0");
  return `019f0000-0000-7000-8000-${hex}`;
};

let length = 0;
function enter(n: number): void {
  // Half of them come before the opening, the rest in the seconds after it.
  const nowMs = n % 2 === 0 ? opensAtMs - 1 : opensAtMs + Math.floor(n / PER_SECOND) * 1_000;
  length += tokens.entryToken(room.enter(accountOf(n), 0, nowMs)).length;
  if (n % TOLD_EVERY !== 0) return;
  for (const { second, people } of room.takePending()) {
    counts.set(second, (counts.get(second) ?? 0) + people);
    queue?.set(second, counts.get(second) as number);
  }
}

const inMemory = () => {
  collect();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { resident: rss / MIB, used: (heapUsed + external) / MIB };
};

for (let n = 0; n < WARM_UP; n += 1) enter(n);
const before = inMemory();
const rises: { resident: number; used: number }[] = [];
let tookMs = 0;
for (let tenth = 0; tenth < TENTHS; tenth += 1) {
  const [from, to] = [tenth, tenth + 1].map((part) => WARM_UP + Math.floor((entries * part) / TENTHS)) as [
    number,
    number,
  ];
  const began = performance.now();
  for (let n = from; n < to; n += 1) enter(n);
  tookMs += performance.now() - began;
  const now = inMemory();
  rises.push({ resident: now.resident - before.resident, used: now.used - before.used });
}
if (length === 0) throw new Error("nobody has a token");
const figures: EdgeFigures = {
  entries,
  perSecond: Math.round((entries * 1_000) / tookMs),
  residentRiseMiB: rises.map(({ resident }) => resident),
  usedRiseMiB: rises.map(({ used }) => used),
};
console.log(JSON.stringify(figures));
