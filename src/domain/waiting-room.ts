import { accept, type Decider, type Decision, refuse } from "./decision.ts";
import { rfc3339 } from "./time.ts";
import type { RoomTerms, SeedOf, WaitingRoomEvent, WaitingRoomSetUp } from "./waiting-room-events.ts";

/** What an organizer has said about the waiting room of one event. Who waits in it is nowhere on record. */
export type WaitingRoom = { readonly status: "none" } | KnownRoom;

export interface KnownRoom extends Readonly<WaitingRoomSetUp["data"]> {
  /** `closed`: it was there, and is no more. */
  readonly status: "set-up" | "closed";
  readonly revealed: readonly SeedOf[];
}

/** Has a room be as the organizer wants it; one that isn't there, or is closed, begins a round. */
export interface SetUpRoom {
  readonly type: "SetUpRoom";
  readonly atMs: number;
  /** null: now. Of a room that has opened: as it is. */
  readonly opensAt: string | null;
  readonly admitPerMinute: number;
  readonly paused: boolean;
  /** null: as they are; none where there is no round yet. */
  readonly classes: RoomTerms["classes"] | null;
  /** null: as it is. */
  readonly beacon: RoomTerms["beacon"];
  /** For the round that would begin now: {@link nextRound}. */
  readonly next: Pick<WaitingRoomSetUp["data"], "round" | "commitment" | "laterCommitment">;
}

export interface CloseRoom {
  readonly type: "CloseRoom";
  readonly atMs: number;
}

/** Puts a seed on record, once it can do no harm any more; before, and again, nothing happens. */
export interface RevealSeed {
  readonly type: "RevealSeed";
  readonly atMs: number;
  readonly round: number;
  readonly of: SeedOf;
  readonly seed: string;
}

export type WaitingRoomCommand = SetUpRoom | CloseRoom | RevealSeed;

type RoomDecision = Decision<WaitingRoomEvent, "waiting-room-fixed" | "waiting-room-changed">;

export const nextRound = (room: WaitingRoom): number => (room.status === "none" ? 1 : room.round + 1);

/** Whether people can be drawn: it has opened, and the value that the draw is mixed with is known. */
export const isDrawn = ({ terms }: Pick<KnownRoom, "terms">, atMs: number): boolean =>
  atMs >= Date.parse(terms.opensAt) && (terms.beacon === null || terms.beacon.value !== null);

export const waitingRoom: Decider<WaitingRoom, WaitingRoomCommand, WaitingRoomEvent> = {
  initialState: () => ({ status: "none" }),
  decide: (command, room) => {
    switch (command.type) {
      case "SetUpRoom":
        return room.status === "set-up" ? change(command, room) : begin(command, room);
      case "CloseRoom":
        return room.status === "set-up"
          ? accept({ type: "WaitingRoomClosed", data: { round: room.round } })
          : accept<WaitingRoomEvent>();
      case "RevealSeed":
        return reveal(command, room);
      default:
        return command satisfies never;
    }
  },
  evolve: (room, event) => {
    switch (event.type) {
      case "WaitingRoomSetUp":
        return { status: "set-up", ...event.data, revealed: [] };
      case "WaitingRoomChanged":
        return { ...known(room), terms: event.data.terms };
      case "SeedRevealed":
        return { ...known(room), revealed: [...known(room).revealed, event.data.of] };
      case "WaitingRoomClosed":
        return { ...known(room), status: "closed" };
      default:
        return event satisfies never;
    }
  },
  stagedIn: () => [],
};

function begin(command: SetUpRoom, room: WaitingRoom): RoomDecision {
  const { opensAt, admitPerMinute, paused, classes, beacon, next, atMs } = command;
  if (next.round !== nextRound(room)) return refuse("waiting-room-changed"); // somebody was faster
  const terms = { opensAt: opensAt ?? rfc3339(atMs), admitPerMinute, paused, classes: classes ?? [], beacon };
  return accept({ type: "WaitingRoomSetUp", data: { ...next, terms } });
}

/** What people rely on who are in it stays: when it opened, which classes there are, what the draw is committed to. */
function change(command: SetUpRoom, { round, terms }: KnownRoom): RoomDecision {
  const { admitPerMinute, paused, atMs } = command;
  const hasOpened = atMs >= Date.parse(terms.opensAt);
  const opensAt = hasOpened ? terms.opensAt : (command.opensAt ?? rfc3339(atMs));
  if (hasOpened && command.opensAt !== null && command.opensAt !== opensAt) return fixed("opensAt");
  const classes = command.classes ?? terms.classes;
  if (namesOf(classes) !== namesOf(terms.classes)) return fixed("classes");
  const beacon = command.beacon ?? terms.beacon;
  if (beacon?.source !== terms.beacon?.source) return fixed("beacon");
  const value = terms.beacon?.value ?? null;
  if (value !== null && command.beacon !== null && command.beacon.value !== value) return fixed("beacon");
  const changed: RoomTerms = { opensAt, admitPerMinute, paused, classes, beacon };
  if (JSON.stringify(changed) === JSON.stringify(ordered(terms))) return accept();
  return accept({ type: "WaitingRoomChanged", data: { round, terms: changed } });
}

function reveal({ round, of, seed, atMs }: RevealSeed, room: WaitingRoom): RoomDecision {
  if (room.status === "none" || room.round !== round || room.revealed.includes(of)) return accept();
  const harmless = of === "draw" ? isDrawn(room, atMs) : room.status === "closed";
  return harmless ? accept({ type: "SeedRevealed", data: { round, of, seed } }) : accept();
}

const fixed = (field: string): RoomDecision => refuse("waiting-room-fixed", { field });

const namesOf = (classes: RoomTerms["classes"]): string => JSON.stringify(classes.map(({ name }) => name));

const ordered = ({ opensAt, admitPerMinute, paused, classes, beacon }: RoomTerms): RoomTerms => ({
  opensAt,
  admitPerMinute,
  paused,
  classes,
  beacon,
});

function known(room: WaitingRoom): KnownRoom {
  if (room.status === "none") throw new Error("a waiting room changed before it was set up");
  return room;
}
