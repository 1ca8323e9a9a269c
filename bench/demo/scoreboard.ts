import type { WriteStream } from "node:tty";
import { redrawnOn } from "../support/redrawn.ts";

/** How a sale stands. */
export interface Standing {
  readonly name: string;
  readonly tickets: number;
  readonly sold: number;
  readonly turnedAway: number;
  /** null: not begun. */
  readonly seconds: number | null;
}

const BAR = 30;

/** Shows standings, drawn anew in the same place on a terminal; elsewhere only the final ones are printed. */
export interface Scoreboard {
  draw(standings: readonly Standing[]): void;
  /** The last word: stays on the screen. */
  finish(standings: readonly Standing[]): void;
}

export function createScoreboard(output: NodeJS.WriteStream): Scoreboard {
  if (output.isTTY) {
    const redrawn = redrawnOn(output as WriteStream);
    const redraw = (standings: readonly Standing[]) => redrawn.draw(shown(standings));
    return { draw: redraw, finish: redraw };
  }
  return { draw: () => {}, finish: (standings) => void output.write(`${shown(standings).join("\n")}\n`) };
}

function shown(standings: readonly Standing[]): readonly string[] {
  const heading = `  ${"".padEnd(10)}  ${"".padEnd(BAR)} ${"sold".padStart(7)} ${"turned away".padStart(13)} ${"seconds".padStart(9)} ${"answers/s".padStart(11)}`;
  return [heading, ...standings.map(line)];
}

function line({ name, tickets, sold, turnedAway, seconds }: Standing): string {
  const full = Math.min(BAR, Math.round((BAR * sold) / tickets));
  const bar = "█".repeat(full) + "░".repeat(BAR - full);
  const rate = seconds === null || seconds === 0 ? "" : Math.round((sold + turnedAway) / seconds).toLocaleString("en");
  const numbers = [sold.toLocaleString("en").padStart(7), turnedAway.toLocaleString("en").padStart(13)];
  return `  ${name.padEnd(10)}  ${bar} ${numbers.join(" ")} ${(seconds?.toFixed(1) ?? "").padStart(9)} ${rate.padStart(11)}`;
}
