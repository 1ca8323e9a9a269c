import type { Part } from "../support/part.ts";
import { append } from "./append.ts";
import { asOf } from "./as-of.ts";
import { buyingUnderKills } from "./buying-under-kills.ts";
import { calledOff } from "./called-off.ts";
import { dashboard } from "./dashboard.ts";
import { due } from "./due.ts";
import { earlierDesigns } from "./earlier-designs.ts";
import { exporting } from "./export.ts";
import { freshStart } from "./fresh-start.ts";
import { hotReserve } from "./hot-reserve.ts";
import { kill } from "./kill.ts";
import { lapseWave } from "./lapse-wave.ts";
import { leaderChange } from "./leader-change.ts";
import { listeners } from "./listeners.ts";
import { mailbox } from "./mailbox.ts";
import { nodes } from "./nodes.ts";
import { observed } from "./observed.ts";
import { onSale } from "./on-sale.ts";
import { overload } from "./overload.ts";
import { projections } from "./projections.ts";
import { purchases } from "./purchases.ts";
import { reads } from "./reads.ts";
import { rebuild } from "./rebuild.ts";
import { restart } from "./restart.ts";
import { search } from "./search.ts";
import { seating } from "./seating.ts";
import { seats } from "./seats.ts";
import { soak } from "./soak.ts";
import { verify } from "./verify.ts";
import { waitingRoom } from "./waiting-room.ts";

/** All benchmarks, in the order in which they run. */
export const PARTS: readonly Part[] = [
  hotReserve,
  purchases,
  onSale,
  reads,
  waitingRoom,
  listeners,
  append,
  projections,
  rebuild,
  exporting,
  dashboard,
  mailbox,
  seating,
  seats,
  lapseWave,
  due,
  restart,
  search,
  asOf,
  verify,
  observed,
  kill,
  calledOff,
  buyingUnderKills,
  earlierDesigns,
  overload,
  nodes,
  soak,
  freshStart,
  leaderChange,
];
