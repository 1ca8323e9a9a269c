import type { WriteStream } from "node:tty";
import { redrawnOn } from "../support/redrawn.ts";
import type { Progress } from "./rehearsal.ts";

const BAR = 34;
/** Where there is no terminal to draw on: a line every so many seconds. */
const LINE_EVERY = 10;

/** Shows how a rehearsal goes: bars on a terminal, elsewhere a line now and then. */
export function progressBoard(output: NodeJS.WriteStream): (progress: Progress) => void {
  if (output.isTTY) {
    const redrawn = redrawnOn(output as WriteStream);
    return (progress) => redrawn.draw(barsOf(progress));
  }
  let told = 0;
  return (progress) => {
    if (told % LINE_EVERY === 0) output.write(`${lineOf(progress)}\n`);
    told += 1;
  };
}

const whole = (count: number): string => Math.round(count).toLocaleString("en");
const timeOf = ({ seconds }: Progress): string =>
  seconds < 0 ? `opens in ${whole(-seconds)} s` : `open for ${whole(seconds)} s`;
const waitOf = ({ p99Ms }: Progress): string => (p99Ms === null ? "" : `p99 of places ${whole(p99Ms)} ms`);

function barsOf(progress: Progress): readonly string[] {
  const { buyers, capacity, entered, admitted, held, booked, done } = progress;
  return [
    `  ${timeOf(progress).padEnd(22)}${waitOf(progress)}`,
    bar("came", entered, buyers),
    bar("admitted", admitted, buyers),
    bar("gone", done, buyers),
    bar("held", held, capacity),
    bar("sold", booked, capacity),
  ];
}

function bar(name: string, count: number, of: number): string {
  const full = Math.min(BAR, Math.max(0, Math.round((BAR * count) / of)));
  return `  ${name.padEnd(10)} ${"█".repeat(full)}${"░".repeat(BAR - full)} ${whole(count).padStart(9)} of ${whole(of)}`;
}

const lineOf = (progress: Progress): string => {
  const { entered, admitted, held, booked, done } = progress;
  const counts = { came: entered, admitted, held, sold: booked, gone: done };
  const told = Object.entries(counts).map(([name, count]) => `${name} ${whole(count)}`);
  return `  ${[timeOf(progress), ...told, waitOf(progress)].filter((text) => text !== "").join(", ")}`;
};
