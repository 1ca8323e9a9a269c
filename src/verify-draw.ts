import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { z } from "zod";
import { LAST_SECOND, LOTS } from "./domain/waiting-room/rank.ts";
import { type Stood, type Verdict, verifyDraw } from "./waiting-room/verifying.ts";

const USAGE = `npm run verify-draw -- ROOM [ACCOUNT[@SECOND] ...] [--committed HASH]

ROOM      a file with what GET /events/{eventId}/waiting-room answered once the draw was made; - is the standard input
ACCOUNT   somebody's accountId; SECOND is what the entry answered as "second", 0 where nothing is said
HASH      the "commitment" that was shown before the opening

It needs no node and no database. Exit code 1: the draw is not the one that was committed to.`;

const published = z.object({
  commitment: z.string().nullable(),
  laterCommitment: z.string().nullable(),
  beacon: z.object({ source: z.string(), value: z.string().nullable() }).nullable(),
  seed: z.string().optional(),
  laterSeed: z.string().optional(),
});

const SAYS: Readonly<Record<Verdict, string>> = {
  holds: "is the one that was committed to",
  broken: "IS NOT THE ONE THAT WAS COMMITTED TO",
  open: "is not told yet",
};

/** Does a draw again from what was published, and prints whether it holds and in which order people stood. */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { committed: { type: "string" } } });
  const [file, ...accounts] = positionals;
  if (file === undefined) throw new Error(USAGE);
  const room = published.parse(JSON.parse(file === "-" ? await text(process.stdin) : await readFile(file, "utf8")));
  const { draw, later, ranks } = verifyDraw(room, accounts.map(stoodBy), values.committed ?? null);
  console.log(`the seed of the draw ${SAYS[draw]}`);
  console.log(`the seed for those who came later ${SAYS[later]}`);
  for (const [index, { accountId, second, lot }] of ranks.entries()) {
    const drew = lot === null ? "not drawn, as far as is told" : `lot ${lot} of ${LOTS}`;
    console.log(`${index + 1}. ${accountId}: second ${second}, ${drew}`);
  }
  if (draw === "broken" || later === "broken") process.exitCode = 1;
}

function stoodBy(argument: string): Stood {
  const [accountId = "", second = "0", ...rest] = argument.split("@");
  const number = Number(second);
  const isSecond = /^\d+$/.test(second) && number <= LAST_SECOND;
  if (accountId === "" || !isSecond || rest.length > 0) throw new Error(`${argument} is not ACCOUNT or ACCOUNT@SECOND`);
  return { accountId, second: number };
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
});
