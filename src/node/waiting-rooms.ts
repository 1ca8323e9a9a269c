import { randomUUID } from "node:crypto";
import { processContext } from "../commands/aggregate.ts";
import { openSecret } from "../commands/secrets.ts";
import { inventoryStream } from "../eventstore/streams.ts";
import { Admissions } from "../waiting-room/admissions.ts";
import { startAdvancing } from "../waiting-room/advancing.ts";
import { LiveRooms } from "../waiting-room/live-rooms.ts";
import { type PriorityCodes, priorityCodesBy } from "../waiting-room/priority-codes.ts";
import { type RoomTokens, roomTokensBy } from "../waiting-room/tokens.ts";
import type { CommandSide } from "./command-side.ts";
import type { Foundation, OnStop } from "./foundation.ts";
import type { ReadModels } from "./read-models.ts";

/** The waiting rooms of a node, wired together. */
export interface WaitingRooms {
  readonly rooms: LiveRooms;
  readonly tokens: RoomTokens;
  readonly codes: PriorityCodes;
  readonly admissions: Admissions;
  /** Starts calling people in, where this process is the one that does. */
  startCalling(): { stop(): Promise<void> };
}

/** One that tells and hears of counts, one that calls, and one to spare; claims of admissions go by requests' own. */
const CONNECTIONS = 3;

export async function openWaitingRooms(
  { pool, poolFor, clock, surroundings, head, log }: Foundation,
  { events }: Pick<ReadModels, "events">,
  { inventories, waitingRooms }: Pick<CommandSide, "inventories" | "waitingRooms">,
  onStop: OnStop,
): Promise<WaitingRooms> {
  const secret = await openSecret(pool, "waiting-rooms");
  const tokens = roomTokensBy(secret);
  const ownPool = poolFor("boxoffice-waiting-rooms", CONNECTIONS);
  const rooms = new LiveRooms({ pool: ownPool, secret, log });
  await rooms.start();
  onStop(() => rooms.close());
  const admissions = new Admissions({
    pool,
    rooms,
    tokens,
    clock,
    isUsedIn: (eventId, ticketTypeId, admissionId) =>
      inventories.look(
        inventoryStream(eventId, ticketTypeId),
        (state) => state.status !== "unopened" && state.tables.admissions.has(admissionId),
      ),
  });
  return {
    rooms,
    tokens,
    codes: priorityCodesBy(secret),
    admissions,
    startCalling: () =>
      startAdvancing({
        pool: ownPool,
        rooms,
        clock,
        log,
        holder: randomUUID(),
        async ticketsOf(eventId) {
          const event = await events.get(eventId, { minPosition: await head(), nowMs: clock.nowMs() });
          if (event === null) return null;
          const { available, held, status } = event;
          return { available, held, isOver: status === "CANCELLED" || status === "ENDED" };
        },
        drawn: (eventId, round) => {
          const { draw } = rooms.seedsOf(eventId, round);
          return waitingRooms.reveal(eventId, round, "draw", draw, processContext("waiting-rooms", surroundings.newId));
        },
      }),
  };
}
