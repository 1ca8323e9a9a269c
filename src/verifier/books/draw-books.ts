import { hash } from "node:crypto";
import type { Fact, Report } from "./fact.ts";

interface Round {
  readonly round: number;
  readonly commitment: string;
  readonly laterCommitment: string;
  readonly terms: { readonly beacon: { readonly source: string } | null };
}

/** The draws of one waiting room: each round has seeds of its own, and those that are revealed are what was committed to. */
export class DrawBooks {
  readonly #report: Report;
  #round: Round | null = null;
  readonly #commitments = new Set<string>();

  constructor(report: Report) {
    this.#report = report;
  }

  take(fact: Fact): void {
    if (fact.type === "WaitingRoomSetUp") {
      const next = fact.data as Round;
      if (next.round !== (this.#round?.round ?? 0) + 1)
        this.#wrong(`round ${next.round} follows ${this.#round?.round ?? 0}`, fact);
      for (const commitment of [next.commitment, next.laterCommitment]) {
        if (this.#commitments.has(commitment)) this.#wrong("an earlier round was committed to the same seed", fact);
        this.#commitments.add(commitment);
      }
      this.#round = next;
    } else if (fact.type === "SeedRevealed") this.#reveal(fact);
  }

  #reveal(fact: Fact): void {
    const { round, of, seed } = fact.data as { round: number; of: "draw" | "later"; seed: string };
    if (this.#round === null || round !== this.#round.round) {
      this.#wrong(`a seed of round ${round}, which is not the last`, fact);
      return;
    }
    const { commitment, laterCommitment, terms } = this.#round;
    const committed = of === "draw" ? commitment : laterCommitment;
    const text = of === "draw" && terms.beacon !== null ? `${seed} ${terms.beacon.source}` : seed;
    if (hash("sha256", text, "hex") !== committed) this.#wrong("the seed is not the one that was committed to", fact);
  }

  #wrong(detail: string, fact: Fact): void {
    this.#report("draw-differs", detail, fact);
  }
}
