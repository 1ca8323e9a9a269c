import { decode, sha256 } from "../../../src/eventstore/envelope.ts";
import type { StoredEvent } from "../../../src/eventstore/port.ts";
import type { Ask } from "../asks.ts";
import type { Journal } from "../journal.ts";
import { same } from "./answers.ts";

/** What is always recorded anew where it is granted for the first time. */
const LEAVES_A_RECORD: readonly Ask["do"][] = ["reserve", "join", "extend", "buy"];

/** A key has one effect and one answer, however often and wherever it was sent; and none where all were told so. */
export function brokenKeys(journal: Journal, log: readonly StoredEvent[]): readonly string[] {
  const faults: string[] = [];
  const effects = new Map<string, number>();
  for (const stored of log) {
    const { keyHash } = decode(stored).envelope;
    if (keyHash !== null) effects.set(keyHash, (effects.get(keyHash) ?? 0) + 1);
  }
  for (const [ask, entries] of journal.byAsk()) {
    if (ask.key === null) continue;
    const about = (fault: string) => faults.push(`${ask.do} with ${ask.key}: ${fault}`);
    const times = effects.get(sha256(ask.key)) ?? 0;
    if (times > 1) about(`recorded ${times} times`);
    const answers = entries.flatMap(({ answer }) => (answer === null ? [] : [answer]));
    const granted = answers.filter((answer) => answer.told === "granted");
    const [first] = granted;
    for (const answer of granted) {
      if (first !== undefined && !same(first.facts, answer.facts)) {
        about(`answered ${JSON.stringify(first.facts)} and ${JSON.stringify(answer.facts)}`);
      }
    }
    if (LEAVES_A_RECORD.includes(ask.do)) {
      if (granted.filter(({ replayed }) => !replayed).length > 1) about("granted twice as if for the first time");
      if (granted.length > 0 && times === 0) about("granted, and not on record");
    }
    const isNothing = answers.every(({ told }) => told === "refused" || told === "not-run");
    if (isNothing && times > 0) about("recorded, though everybody was told that it was not");
  }
  return faults;
}
