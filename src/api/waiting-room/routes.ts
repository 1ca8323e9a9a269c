import type { FastifyRequest } from "fastify";
import type { EventCommands } from "../../commands/events.ts";
import type { RoomWish, WaitingRoomCommands } from "../../commands/waiting-rooms.ts";
import { ADMISSION_MS } from "../../domain/waiting-room/calls.ts";
import type { KnownRoom } from "../../domain/waiting-room.ts";
import type { Clock } from "../../ports.ts";
import { askAgainSeconds } from "../../waiting-room/asking-again.ts";
import { commitmentTo } from "../../waiting-room/draw.ts";
import type { LiveRoom } from "../../waiting-room/live-room.ts";
import type { LiveRooms } from "../../waiting-room/live-rooms.ts";
import type { PriorityCodes } from "../../waiting-room/priority-codes.ts";
import type { Entry, RoomTokens } from "../../waiting-room/tokens.ts";
import type { AnsweredOnce } from "../conventions/answered-once.ts";
import { callerOf, commandContext, recordedAt } from "../conventions/commands.ts";
import type { RoutePlugin } from "../conventions/route-config.ts";
import { requireVisible, roleOver } from "../events/access.ts";
import { eventPath } from "../events/paths.ts";
import { Problem, refusal } from "../problems/problem.ts";
import type { EntryLimits } from "./entry-limits.ts";
import { entry, NO_ROOM, newEntry, place, room, roomView, roomWish } from "./schemas.ts";

export interface WaitingRoomRoutes {
  readonly commands: WaitingRoomCommands;
  readonly events: Pick<EventCommands, "find">;
  readonly rooms: LiveRooms;
  readonly tokens: RoomTokens;
  readonly codes: PriorityCodes;
  readonly limits: EntryLimits;
  readonly clock: Clock;
  readonly once: AnsweredOnce;
}

const tags = ["Waiting room"];
const JSON_TYPE = "application/json; charset=utf-8";

/** Waiting rooms: who wants to buy stands in line, and comes in by turns. */
export const waitingRoomRoutes =
  ({ commands, events, rooms, tokens, codes, limits, clock, once }: WaitingRoomRoutes): RoutePlugin =>
  (api) => {
    api.route({
      method: "PUT",
      url: "/events/:eventId/waiting-room",
      schema: {
        tags,
        summary: "Set it up, change it, pause it, close it",
        params: eventPath,
        body: roomWish,
        response: { 200: room },
      },
      config: {
        problems: [
          "event-not-found",
          "forbidden",
          "event-cancelled",
          "event-not-published",
          "waiting-room-fixed",
          "busy",
          "outcome-unknown",
        ],
      },
      handler: async (request, reply) => {
        const { eventId } = request.params;
        const role = await roleOver(events, eventId, request);
        const context = commandContext(request, role);
        const { enabled, opensAt = null, admitPerMinute = 1, paused = false, classes = null, beacon } = request.body;
        // To close one does no harm, whatever has become of the event.
        if (enabled) await requireOnSale(eventId);
        const wish: RoomWish = {
          opensAt,
          admitPerMinute,
          paused,
          classes: classes?.map(({ name, share, code }) => codes.classOf(eventId, name, share, code)) ?? null,
          beacon: beacon === undefined ? null : { source: beacon.source, value: beacon.value ?? null },
        };
        const commitTo = (round: number, { beacon: mixedWith }: RoomWish) => {
          const { draw, later } = rooms.seedsOf(eventId, round);
          return { commitment: commitmentTo(draw, mixedWith), laterCommitment: commitmentTo(later) };
        };
        const outcome = enabled
          ? await commands.setUp(eventId, wish, commitTo, context)
          : await commands.close(eventId, context);
        if (!outcome.accepted) throw refusal(outcome);
        recordedAt(reply, { ...outcome, replayed: false });
        if (outcome.room.status === "none") return NO_ROOM;
        rooms.put(eventId, outcome.room, outcome.revision);
        if (outcome.room.status === "closed") await revealLater(eventId, outcome.room.round, request);
        return viewOf(eventId, outcome.room);
      },
    });

    const requireOnSale = async (eventId: string): Promise<void> => {
      const known = await events.find(eventId);
      if (known.status === "cancelled") throw new Problem("event-cancelled");
      if (known.status === "missing" || !known.published) throw new Problem("event-not-published");
    };

    const viewOf = (eventId: string, known: KnownRoom) =>
      roomView(known, rooms.seedsOf(eventId, known.round), clock.nowMs());

    /** Nobody can do anything with what is secret of a room that is closed. */
    const revealLater = async (eventId: string, round: number, request: FastifyRequest): Promise<void> => {
      const { later } = rooms.seedsOf(eventId, round);
      await commands.reveal(eventId, round, "later", later, commandContext(request));
    };

    api.route({
      method: "GET",
      url: "/events/:eventId/waiting-room",
      schema: {
        tags,
        summary: "How it is, and what its draw is checked by",
        params: eventPath,
        response: { 200: room },
      },
      config: { problems: ["event-not-found", "busy"], etag: true },
      handler: async (request) => {
        const { eventId } = request.params;
        const live = rooms.get(eventId);
        if (live !== undefined) return viewOf(eventId, live.known);
        const known = await events.find(eventId);
        if (known.status === "missing") throw new Problem("event-not-found");
        requireVisible(request.caller, { organizerId: known.organizerId, isDraft: !known.published });
        const closed = await commands.look(eventId);
        return closed.status === "none" ? NO_ROOM : viewOf(eventId, closed);
      },
    });

    /** There is no room that people could enter; of drafts nobody but their organizer is told even that. */
    const sayClosed = async (request: FastifyRequest, eventId: string): Promise<never> => {
      const known = await events.find(eventId);
      if (known.status === "missing") throw new Problem("event-not-found");
      requireVisible(request.caller, { organizerId: known.organizerId, isDraft: !known.published });
      throw new Problem("waiting-room-closed");
    };

    /** There is nothing to stand in line for. */
    const sayOver = async (eventId: string): Promise<never> => {
      const { status } = await events.find(eventId);
      throw new Problem(status === "cancelled" ? "event-cancelled" : "event-ended");
    };

    api.route({
      method: "POST",
      url: "/events/:eventId/waiting-room/entries",
      schema: { tags, summary: "Stand in line", params: eventPath, body: newEntry, response: { 201: entry } },
      config: {
        problems: [
          "event-not-found",
          "event-cancelled",
          "event-ended",
          "waiting-room-closed",
          "priority-code-invalid",
          "rate-limited",
        ],
        idempotent: true,
        outsideTheLog: true,
        located: true,
      },
      handler: (request, reply) => {
        const { eventId } = request.params;
        const { accountId } = callerOf(request);
        const live = rooms.get(eventId);
        if (live === undefined) return sayClosed(request, eventId);
        if (live.tickets === "OVER") return sayOver(eventId);
        const tooSoon = limits.check(request, accountId);
        if (tooSoon !== null) throw new Problem("rate-limited", { retryAfterSeconds: tooSoon });
        const location = `/events/${eventId}/waiting-room/place`;
        const enter = () => {
          const classIndex = codes.classIndexFor(live.known, eventId, request.body ?? {});
          if (classIndex === null) throw new Problem("priority-code-invalid");
          const made = live.enter(accountId, classIndex, clock.nowMs());
          return { entryToken: tokens.entryToken(made), second: made.second };
        };
        if (request.headers["idempotency-key"] !== undefined) {
          return once(request, reply, async () => ({ status: 201, location, body: enter() }));
        }
        const { entryToken, second } = enter();
        reply.code(201).header("content-type", JSON_TYPE).header("location", location);
        reply.send(`{"entryToken":"${entryToken}","second":${second}}` as never);
      },
    });

    api.route({
      method: "GET",
      url: "/events/:eventId/waiting-room/place",
      schema: { tags, summary: "How far one has come, and the admission", params: eventPath, response: { 200: place } },
      config: {
        headers: { "Entry-Token": "What `POST .../entries` gave" },
        problems: ["event-not-found", "waiting-room-closed", "entry-invalid", "admission-expired"],
      },
      handler: (request, reply) => {
        const { eventId } = request.params;
        const live = rooms.get(eventId);
        if (live === undefined) return sayClosed(request, eventId);
        const mine = tokens.readEntry(String(request.headers["entry-token"] ?? ""));
        if (mine === null || mine.eventId !== eventId || mine.round !== live.round || isForeign(request, mine)) {
          throw new Problem("entry-invalid");
        }
        reply.header("content-type", JSON_TYPE);
        reply.send(placeIn(live, mine) as never);
      },
    });

    /** Who says who he is can't come with somebody else's entry; who doesn't gets an admission that is not his. */
    const isForeign = ({ caller }: FastifyRequest, { accountId }: Entry): boolean =>
      caller !== null && caller.accountId !== accountId;

    function placeIn(live: LiveRoom, mine: Entry): string {
      const { tickets } = live;
      const nowMs = clock.nowMs();
      const standing = live.standingOf(mine, nowMs);
      if (standing.is === "over") throw new Problem("admission-expired");
      if (standing.is !== "called") {
        const place = standing.is === "undrawn" ? null : standing.place;
        const seconds = place === null ? null : live.secondsTo(place, mine.classIndex);
        const again = askAgainSeconds(live, standing, mine.classIndex, nowMs);
        return `{"place":${place},"estimatedWaitSeconds":${seconds},"tickets":"${tickets}","askAgainSeconds":${again}}`;
      }
      live.come(mine.accountId, standing.atMs);
      const expiresAtMs = standing.atMs + ADMISSION_MS;
      // The end of that second: who enters anew right after a reservation is not taken for one who came before it.
      const enteredAtMs = live.opensAtMs + mine.second * 1_000;
      const { eventId, accountId, round } = mine;
      const token = tokens.admissionToken({ eventId, accountId, round, enteredAtMs, expiresAtMs });
      return (
        `{"place":0,"estimatedWaitSeconds":0,"tickets":"${tickets}",` +
        `"admissionToken":"${token}","expiresAt":"${new Date(expiresAtMs).toISOString()}"}`
      );
    }
  };
