import type { Command } from "../wish.ts";
import { carts } from "./carts.ts";
import { earlier } from "./earlier.ts";
import { organizing } from "./organizing.ts";
import { people } from "./people.ts";
import { purchasing } from "./purchasing.ts";
import { reserving } from "./reserving.ts";
import { waiting } from "./waiting.ts";

/** All that clients ask for, with how often: what is to be asked for besides gets a row here. */
export const COMMANDS: readonly Command[] = [
  ...organizing,
  ...reserving,
  ...carts,
  ...purchasing,
  ...waiting,
  ...earlier,
  ...people,
];
