import type { Refused } from "../domain/decision.ts";
import { nextRound, type SetUpRoom, type WaitingRoom, type WaitingRoomCommand } from "../domain/waiting-room.ts";
import type { SeedOf, WaitingRoomEvent } from "../domain/waiting-room-events.ts";
import type { Position } from "../eventstore/port.ts";
import { waitingRoomStream } from "../eventstore/streams.ts";
import type { CommandRunner } from "./command-runner.ts";
import { Busy, type CommandContext } from "./outcome.ts";

export type WaitingRoomRunner = CommandRunner<WaitingRoom, WaitingRoomCommand, WaitingRoomEvent>;

/** What an organizer wants of a room. */
export type RoomWish = Omit<SetUpRoom, "type" | "atMs" | "next">;

/** What is published before anybody is drawn; see `commitmentTo`. */
export type CommitTo = (
  round: number,
  wish: RoomWish,
) => { readonly commitment: string; readonly laterCommitment: string };

/** A room as it is on record after a command. */
export interface RoomOnRecord {
  readonly accepted: true;
  readonly room: WaitingRoom;
  /** Of its stream. */
  readonly revision: number;
  readonly position: Position;
}

const MAX_ATTEMPTS = 5;

/** What organizers do with waiting rooms. All of these may throw Busy, StoreUnavailable, OutcomeUnknown, ClockLost. */
export class WaitingRoomCommands {
  readonly #rooms: WaitingRoomRunner;

  constructor(rooms: WaitingRoomRunner) {
    this.#rooms = rooms;
  }

  /** Has the room be so. Refusal: `waiting-room-fixed`, for what people in it rely on. */
  async setUp(
    eventId: string,
    wish: RoomWish,
    commitTo: CommitTo,
    context: CommandContext,
  ): Promise<RoomOnRecord | Refused> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const round = nextRound(await this.look(eventId));
      const next = { round, ...commitTo(round, wish) };
      const outcome = await this.#rooms.run(waitingRoomStream(eventId), { type: "SetUpRoom", ...wish, next }, context);
      if (outcome.accepted) return this.#onRecord(eventId, outcome.position);
      if (outcome.code !== "waiting-room-changed") return outcome;
    }
    throw new Busy("the waiting room keeps changing");
  }

  /** Lets everybody buy without waiting; again: the same. */
  async close(eventId: string, context: CommandContext): Promise<RoomOnRecord | Refused> {
    const outcome = await this.#rooms.run(waitingRoomStream(eventId), { type: "CloseRoom" }, context);
    return outcome.accepted ? this.#onRecord(eventId, outcome.position) : outcome;
  }

  /** Puts a seed on record once that does no harm; before, and again, nothing happens. */
  async reveal(eventId: string, round: number, of: SeedOf, seed: string, context: CommandContext): Promise<void> {
    await this.#rooms.run(waitingRoomStream(eventId), { type: "RevealSeed", round, of, seed }, context);
  }

  /** The room as it is on record. */
  look(eventId: string): Promise<WaitingRoom> {
    return this.#rooms.look(waitingRoomStream(eventId), (room) => room);
  }

  async #onRecord(eventId: string, position: Position): Promise<RoomOnRecord> {
    const { room, revision } = await this.#rooms.look(waitingRoomStream(eventId), (state, _atMs, at) => ({
      room: state,
      revision: at,
    }));
    return { accepted: true, room, revision, position };
  }
}
