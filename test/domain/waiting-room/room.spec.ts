import { describe, expect, it } from "vitest";
import { nextRound, type SetUpRoom, waitingRoom } from "../../../src/domain/waiting-room.ts";
import type { RoomTerms, WaitingRoomEvent } from "../../../src/domain/waiting-room-events.ts";
import { specsOf, stateOf } from "../given.ts";
import { justBefore, later, ms, noon } from "../times.ts";

const given = specsOf(waitingRoom);
const commitments = { commitment: "a hash", laterCommitment: "another" };
const presale = { name: "presale", share: 30, codeHash: "of a code" };
const drand = { source: "drand quicknet 12345678", value: null };

const terms = (more: Partial<RoomTerms> = {}): RoomTerms => ({
  opensAt: noon,
  admitPerMinute: 600,
  paused: false,
  classes: [],
  beacon: null,
  ...more,
});
const setUp = (more: Partial<RoomTerms> = {}, round = 1): WaitingRoomEvent => ({
  type: "WaitingRoomSetUp",
  data: { round, ...commitments, terms: terms(more) },
});
const changed = (more: Partial<RoomTerms>): WaitingRoomEvent => ({
  type: "WaitingRoomChanged",
  data: { round: 1, terms: terms(more) },
});
const closed: WaitingRoomEvent = { type: "WaitingRoomClosed", data: { round: 1 } };
const wish = (more: Partial<Omit<SetUpRoom, "type">> & { at?: string } = {}): SetUpRoom => {
  const { at = justBefore(noon), ...rest } = more;
  const stays = { opensAt: noon, admitPerMinute: 600, paused: false, classes: null, beacon: null };
  return { type: "SetUpRoom", ...stays, next: { round: 1, ...commitments }, atMs: ms(at), ...rest };
};

describe("setting a waiting room up", () => {
  it("begins a round, which opens at once unless told otherwise", () => {
    given().when(wish()).then(setUp()).leaving({ status: "set-up", revealed: [] });
    given()
      .when(wish({ opensAt: null, at: noon, classes: [presale], beacon: drand }))
      .then(setUp({ classes: [presale], beacon: drand }));
  });

  it("begins another after it was closed", () => {
    given(setUp(), closed)
      .when(wish({ next: { round: 2, ...commitments } }))
      .then(setUp({}, 2));
    given(setUp(), closed).when(wish()).thenRefused("waiting-room-changed");
  });

  it("counts rounds", () => {
    const rounds = [[], [setUp()], [setUp(), closed]].map((events) => nextRound(stateOf(waitingRoom, events)));
    if (rounds.join() !== "1,2,2") throw new Error(rounds.join());
  });
});

describe("changing it", () => {
  it("nothing is recorded for what is so already", () => {
    given(setUp()).when(wish()).then();
  });

  it("what was changed is how it is then", () => {
    const slower = { admitPerMinute: 60 };
    given(setUp(), changed(slower)).when(wish(slower)).then();
    given(setUp(), changed(slower))
      .when(wish({ ...slower, paused: true }))
      .then(changed({ ...slower, paused: true }));
  });

  it("pace and pause change at any time", () => {
    given(setUp())
      .when(wish({ at: later(noon, 60_000), opensAt: null, admitPerMinute: 60, paused: true }))
      .then(changed({ admitPerMinute: 60, paused: true }));
  });

  it("the opening moves until it has come, and then stays", () => {
    const afternoon = later(noon, 3_600_000);
    given(setUp())
      .when(wish({ opensAt: afternoon }))
      .then(changed({ opensAt: afternoon }));
    given(setUp())
      .when(wish({ opensAt: afternoon, at: noon }))
      .thenRefused("waiting-room-fixed", { field: "opensAt" });
    given(setUp())
      .when(wish({ opensAt: noon, at: later(noon, 1) }))
      .then();
  });

  it("shares of classes change, their names don't: entries are in them", () => {
    given(setUp({ classes: [presale] }))
      .when(wish({ classes: [{ ...presale, share: 50 }] }))
      .then(changed({ classes: [{ ...presale, share: 50 }] }));
    given(setUp({ classes: [presale] }))
      .when(wish({ classes: [] }))
      .thenRefused("waiting-room-fixed", {
        field: "classes",
      });
    given(setUp({ classes: [presale] }))
      .when(wish({ classes: [{ ...presale, name: "members" }] }))
      .thenRefused("waiting-room-fixed", { field: "classes" });
  });

  it("the beacon gets its value once, and is the one that was committed to", () => {
    const value = { ...drand, value: "abc" };
    given(setUp({ beacon: drand }))
      .when(wish({ beacon: value }))
      .then(changed({ beacon: value }));
    for (const again of [null, value]) {
      given(setUp({ beacon: value }))
        .when(wish({ beacon: again }))
        .then();
    }
    given(setUp({ beacon: value }))
      .when(wish({ beacon: { ...drand, value: "abd" } }))
      .thenRefused("waiting-room-fixed", { field: "beacon" });
    given(setUp({ beacon: value }))
      .when(wish({ beacon: drand }))
      .thenRefused("waiting-room-fixed", {
        field: "beacon",
      });
    given(setUp({ beacon: drand }))
      .when(wish({ beacon: { source: "dice", value: "6" } }))
      .thenRefused("waiting-room-fixed", { field: "beacon" });
    given(setUp())
      .when(wish({ beacon: drand }))
      .thenRefused("waiting-room-fixed", { field: "beacon" });
  });
});

describe("closing it", () => {
  it("is recorded once", () => {
    given(setUp())
      .when({ type: "CloseRoom", atMs: ms(noon) })
      .then(closed);
    given(setUp(), closed)
      .when({ type: "CloseRoom", atMs: ms(noon) })
      .then();
    given()
      .when({ type: "CloseRoom", atMs: ms(noon) })
      .then();
  });
});

describe("revealing seeds", () => {
  const reveal = (of: "draw" | "later", at: string) =>
    ({ type: "RevealSeed", round: 1, of, seed: "5eed", atMs: ms(at) }) as const;
  const revealed = (of: "draw" | "later"): WaitingRoomEvent => ({
    type: "SeedRevealed",
    data: { round: 1, of, seed: "5eed" },
  });

  it("of the draw once it has been made, and once", () => {
    given(setUp())
      .when(reveal("draw", justBefore(noon)))
      .then();
    given(setUp()).when(reveal("draw", noon)).then(revealed("draw"));
    given(setUp(), revealed("draw")).when(reveal("draw", noon)).then();
    given(setUp({ beacon: drand }))
      .when(reveal("draw", noon))
      .then();
    given(setUp({ beacon: { ...drand, value: "abc" } }))
      .when(reveal("draw", noon))
      .then(revealed("draw"));
  });

  it("changes nothing else of the room", () => {
    given(setUp(), revealed("draw"))
      .when({ type: "CloseRoom", atMs: ms(noon) })
      .then(closed)
      .leaving({ status: "closed", revealed: ["draw"] });
  });

  it("is of the round that there is", () => {
    given().when(reveal("draw", noon)).then();
    given(setUp(), closed, setUp({}, 2)).when(reveal("draw", noon)).then();
  });

  it("of those who came later only when nobody comes any more: who knows it could pick an account by its lot", () => {
    given(setUp())
      .when(reveal("later", later(noon, 3_600_000)))
      .then();
    given(setUp(), closed)
      .when(reveal("later", later(noon, 3_600_000)))
      .then(revealed("later"));
  });
});

it("a log in which a room changes that was never set up is no log of one", () => {
  expect(() => stateOf(waitingRoom, [changed({})])).toThrow("a waiting room changed before it was set up");
});
