import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import type { Verification, Verifications } from "../../audit/verification/table.ts";
import type { Clock } from "../../ports.ts";
import type { AnsweredOnce } from "../conventions/answered-once.ts";
import { callerOf } from "../conventions/commands.ts";
import { idParam, time } from "../conventions/fields.ts";
import type { RoutePlugin } from "../conventions/route-config.ts";
import { Problem } from "../problems/problem.ts";

const tags = ["Audit"];

/** How long who asks is kept waiting for the result. */
const WAIT_MS = 3_000;
const LOOK_MS = 100;

const verification = z
  .strictObject({
    verificationId: z.string(),
    status: z
      .enum(["RUNNING", "COMPLETED", "FAILED"])
      .meta({ description: "FAILED: it could not be done, which says nothing of the log" }),
    requestedAt: time,
    finishedAt: time.nullable(),
    ok: z.boolean().nullable().meta({ description: "Whether nothing was found; null unless it is completed" }),
    eventsChecked: z.int().nullable(),
    violations: z
      .array(
        z.strictObject({
          code: z.string().meta({ examples: ["oversell"] }),
          position: z.string().nullable(),
          stream: z.string().nullable(),
          revision: z.int().nullable(),
          detail: z.string(),
        }),
      )
      .nullable()
      .meta({ description: "At most 1,000 of them, and 10 of a stream" }),
    found: z.int().nullable().meta({ description: "Violations in all" }),
    unsettled: z.int().nullable().meta({ description: "Purchases that were under way" }),
    head: z
      .strictObject({ count: z.int(), position: z.string(), hash: z.string() })
      .nullable()
      .meta({ description: "Of the log up to which it was checked" }),
  })
  .meta({ id: "Verification" });

const view = ({ result, ...one }: Verification): z.input<typeof verification> => ({
  ...one,
  ok: result === null ? null : result.found === 0,
  eventsChecked: result?.eventsChecked ?? null,
  violations: result === null ? null : [...result.violations],
  found: result?.found ?? null,
  unsettled: result?.unsettled ?? null,
  head: result?.head ?? null,
});

export interface VerificationRoutes {
  readonly verifications: Verifications;
  readonly clock: Clock;
  readonly once: AnsweredOnce;
}

/** The whole log verified on request, as `npm run verify` does it. */
export const verificationRoutes =
  ({ verifications, clock, once }: VerificationRoutes): RoutePlugin =>
  (api) => {
    async function found(verificationId: string): Promise<Verification> {
      const one = await verifications.find(verificationId);
      if (one === null) throw new Problem("verification-not-found");
      return one;
    }

    api.route({
      method: "POST",
      url: "/audit/verifications",
      schema: {
        tags,
        summary: "Have the whole log verified",
        description:
          "201: it is done. 202: it is under way; there is one at a time, and who asks meanwhile is told of that one.",
        response: { 201: verification, 202: verification },
      },
      config: { idempotent: true, outsideTheLog: true, problems: ["verification-not-found"] },
      handler: (request, reply) =>
        once(request, reply, async () => {
          const id = await verifications.ask(callerOf(request).accountId, clock.nowMs());
          let one = await found(id);
          for (const end = performance.now() + WAIT_MS; one.status === "RUNNING" && performance.now() < end; ) {
            await pause(LOOK_MS);
            one = await found(id);
          }
          const status = one.status === "RUNNING" ? 202 : 201;
          return { status, location: `/audit/verifications/${id}`, body: view(one) };
        }),
    });

    api.route({
      method: "GET",
      url: "/audit/verifications/:verificationId",
      schema: {
        tags,
        summary: "What became of a verification",
        params: z.strictObject({ verificationId: idParam("verification-not-found") }),
        response: { 200: verification },
      },
      config: { problems: ["verification-not-found"], etag: true },
      handler: async ({ params }) => view(await found(params.verificationId)),
    });
  };
