import { benchMailbox } from "../mailbox.ts";
import { rounded } from "../support/figures.ts";
import type { Part } from "../support/part.ts";

export const mailbox: Part = {
  name: "mailbox",
  about: "what running commands costs without a server behind it",
  async run() {
    const figures = await benchMailbox();
    const rows = Object.entries(figures).map(([name, value]) => [name, rounded(value)]);
    return { table: [["figure", ""], ...rows], checks: [], measurements: figures };
  },
};
