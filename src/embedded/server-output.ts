import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import type { ServerProcess } from "./launch.ts";

const KEPT_LINES = 20;
const LINE_CHARACTERS = 400;
const CLOSING_MS = 200;

/** What a server program says, line by line, and how it ended. */
export interface ServerOutput {
  /** Resolves when it has ended and all that it said was heard: "exit code 0", "signal SIGKILL" or "not started". */
  readonly ended: Promise<string>;
  /** The line that says best why it ended, from the last ones. */
  complaint(): string;
  /** Whether one of the last lines contains this. */
  said(part: string): boolean;
}

export function listen(server: ServerProcess, onLine: (line: string) => void = () => {}): ServerOutput {
  const lines: string[] = [];
  for (const stream of [server.stdout, server.stderr]) {
    createInterface({ input: stream }).on("line", (text) => {
      const line = text.slice(0, LINE_CHARACTERS);
      if (line.trim() === "") return;
      lines.push(line);
      if (lines.length > KEPT_LINES) lines.shift();
      onLine(line);
    });
  }
  const ended = new Promise<string>((resolve) => {
    server.once("error", (error) => {
      lines.push(`FATAL:  ${error.message}`);
      resolve("not started");
    });
    server.once("exit", async (code, signal) => {
      // Its children hold the same pipes, and may outlive it when it was killed: what is still to be heard comes at once.
      await Promise.race([once(server, "close"), setTimeout(CLOSING_MS)]);
      resolve(signal === null ? `exit code ${code}` : `signal ${signal}`);
    });
  });
  return {
    ended,
    complaint() {
      const fatal = lines.findLast((line) => /\b(FATAL|PANIC|error):/i.test(line));
      return (fatal ?? lines.at(-1) ?? "it said nothing").replace(/^.*?\b(FATAL|PANIC|error):\s*/i, "");
    },
    said: (part) => lines.some((line) => line.includes(part)),
  };
}
