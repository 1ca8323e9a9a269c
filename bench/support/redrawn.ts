import { clearScreenDown, cursorTo, moveCursor } from "node:readline";
import type { WriteStream } from "node:tty";

/** Lines that are drawn anew in the same place on a terminal. */
export interface Redrawn {
  draw(lines: readonly string[]): void;
}

export function redrawnOn(terminal: WriteStream): Redrawn {
  let drawn = 0;
  return {
    draw(lines) {
      if (drawn > 0) {
        moveCursor(terminal, 0, -drawn);
        cursorTo(terminal, 0);
        clearScreenDown(terminal);
      }
      terminal.write(`${lines.join("\n")}\n`);
      drawn = lines.length;
    },
  };
}
