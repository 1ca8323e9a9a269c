import { createWriteStream, type WriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";

/** What the processes of a town say, a file each, with the time at which each start and end was. */
export class LogFiles {
  readonly #directory: string;
  readonly #open = new Map<string, WriteStream>();
  readonly #errors = new Map<string, number>();

  private constructor(directory: string) {
    this.#directory = directory;
  }

  static async in(directory: string): Promise<LogFiles> {
    await mkdir(directory, { recursive: true });
    return new LogFiles(directory);
  }

  /** @returns takes what the process says */
  of(name: string): (text: string) => void {
    const file = createWriteStream(join(this.#directory, `${name}.log`), { flags: "a" });
    this.#open.set(name, file);
    return (text) => {
      file.write(text);
      for (const line of text.split("\n")) this.#note(line);
    };
  }

  /** Lines that were logged as errors, by what they say, how often. */
  errors(): ReadonlyMap<string, number> {
    return this.#errors;
  }

  async close(): Promise<void> {
    for (const file of this.#open.values()) await new Promise<void>((closed) => file.end(closed));
  }

  #note(line: string): void {
    const level = /^\{"level":(\d+)/.exec(line)?.[1];
    if (level === undefined || Number(level) < 50) return;
    const said = /"msg":"([^"]*)"/.exec(line)?.[1] ?? "";
    this.#errors.set(said, (this.#errors.get(said) ?? 0) + 1);
  }
}
