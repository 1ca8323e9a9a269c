import type { Part } from "../support/part.ts";
import { hotReserve } from "./hot-reserve.ts";

/** All benchmarks, in the order in which they run. */
export const PARTS: readonly Part[] = [hotReserve];
