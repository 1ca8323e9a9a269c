import { z } from "zod";
import { LAST_SECOND } from "../../domain/waiting-room/rank.ts";
import { isDrawn, type KnownRoom } from "../../domain/waiting-room.ts";
import type { RoomSeeds } from "../../waiting-room/live-room.ts";
import { text, time } from "../conventions/fields.ts";

const MAX_CLASSES = 4;

const beacon = z.strictObject({
  source: text(1, 200).meta({ description: "Which value of which public source of chance it will be" }),
  value: text(1, 1_000).optional().meta({ description: "Once it is known; the draw waits for it" }),
});

const newClass = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,29}$/, "takes small letters, digits and -"),
  share: z.int().min(1).max(100).meta({ description: "Percent of all who are called, while somebody in it waits" }),
  code: text(1, 100).optional().meta({ description: "Lets people in; without one whoever says so is in it" }),
});

/** What `PUT /events/{eventId}/waiting-room` takes. */
export const roomWish = z
  .strictObject({
    enabled: z.boolean().meta({ description: "`false` closes it: everybody may reserve without waiting" }),
    opensAt: time.optional().meta({ description: "From then on people are called; without it, from now on" }),
    admitPerMinute: z.int().min(1).max(1_000_000).optional().meta({ description: "Needed unless it is closed" }),
    paused: z.boolean().optional().meta({ description: "Nobody is called while it is" }),
    classes: z
      .array(newClass)
      .max(MAX_CLASSES)
      .optional()
      .meta({ description: "Priority classes; without it they stay. Codes are only written, never read" }),
    beacon: beacon.optional().meta({ description: "What the draw is mixed with; without it it stays" }),
  })
  .superRefine(({ enabled, admitPerMinute, classes = [] }, context) => {
    const refuse = (path: string, message: string) => context.addIssue({ code: "custom", path: [path], message });
    if (enabled && admitPerMinute === undefined) refuse("admitPerMinute", "is needed");
    if (classes.reduce((sum, { share }) => sum + share, 0) > 100) refuse("classes", "have more than 100 percent");
    if (new Set(classes.map(({ name }) => name)).size < classes.length) refuse("classes", "have a name twice");
  })
  .meta({
    id: "WaitingRoomWish",
    examples: [{ enabled: true, opensAt: "2026-12-24T18:00:00.000Z", admitPerMinute: 600 }],
  });

export const room = z
  .strictObject({
    state: z.enum(["CLOSED", "BEFORE_OPENING", "OPEN", "PAUSED"]),
    round: z.int().nullable().meta({ description: "Grows each time it is set up anew; null: it never was" }),
    opensAt: time.nullable(),
    admitPerMinute: z.int().nullable(),
    classes: z.array(z.strictObject({ name: z.string(), share: z.int(), codeNeeded: z.boolean() })),
    beacon: z.strictObject({ source: z.string(), value: z.string().nullable() }).nullable(),
    commitment: z.string().nullable().meta({ description: "SHA-256 of the seed of the draw, and its beacon's source" }),
    laterCommitment: z.string().nullable().meta({ description: "The same of the seed for those who come later" }),
    seed: z.string().optional().meta({ description: "Once the draw was made" }),
    laterSeed: z.string().optional().meta({ description: "Once the room is closed" }),
  })
  .meta({ id: "WaitingRoom" });

export type RoomView = z.input<typeof room>;

export const NO_ROOM: RoomView = {
  state: "CLOSED",
  round: null,
  opensAt: null,
  admitPerMinute: null,
  classes: [],
  beacon: null,
  commitment: null,
  laterCommitment: null,
};

/** A room as everybody is shown it. */
export function roomView(known: KnownRoom, seeds: RoomSeeds, nowMs: number): RoomView {
  const { status, round, commitment, laterCommitment, terms } = known;
  const { opensAt, admitPerMinute, paused, classes, beacon: mixedWith } = terms;
  const isClosed = status === "closed";
  const state = isClosed ? "CLOSED" : nowMs < Date.parse(opensAt) ? "BEFORE_OPENING" : paused ? "PAUSED" : "OPEN";
  return {
    state,
    round,
    opensAt,
    admitPerMinute,
    classes: classes.map(({ name, share, codeHash }) => ({ name, share, codeNeeded: codeHash !== null })),
    beacon: mixedWith,
    commitment,
    laterCommitment,
    // Of a room that was closed before it opened nobody was drawn, and nobody will be.
    ...((isDrawn(known, nowMs) || isClosed) && { seed: seeds.draw }),
    ...(isClosed && { laterSeed: seeds.later }),
  };
}

export const newEntry = z
  .strictObject({
    class: z.string().max(30).optional().meta({ description: "A priority class of the room" }),
    code: z.string().max(100).optional().meta({ description: "That lets into the class" }),
  })
  .optional()
  .meta({ id: "NewWaitingRoomEntry", examples: [{}] });

export const entry = z
  .strictObject({
    entryToken: z.string().meta({ description: "All that there is of the entry: keep it" }),
    second: z
      .int()
      .min(0)
      .max(LAST_SECOND)
      .meta({ description: "Of arrival, from the opening; all who come before share 0" }),
  })
  .meta({ id: "WaitingRoomEntry" });

const TICKETS = ["AVAILABLE", "HELD", "SOLD_OUT", "OVER"] as const;

export const place = z
  .strictObject({
    place: z.int().min(0).nullable().meta({
      description: "From 1; it never gets worse. 0: you may come in. null: nobody has been drawn yet",
    }),
    estimatedWaitSeconds: z.int().min(0).nullable(),
    tickets: z.enum(TICKETS).meta({
      description: "Whether any are left; `HELD`: all are in somebody's hands, and some may come back",
    }),
    askAgainSeconds: z.int().min(1).optional().meta({
      description: "While one waits: after so long the answer may be another; best with some chance added",
    }),
    admissionToken: z.string().optional(),
    expiresAt: time.optional().meta({ description: "Until when it can be used" }),
  })
  .meta({ id: "WaitingRoomPlace" });
