import type { FastifyRequest } from "fastify";
import type { KeptAnswers } from "../../commands/kept-answers.ts";
import { idempotencyOf } from "./idempotency.ts";

/** Only what this needs of a reply, so that it takes replies of every route's own type. */
interface AnyReply {
  code(status: never): unknown;
  header(name: string, value: string): unknown;
}

interface Answer<Body> {
  readonly status: number;
  readonly location?: string;
  readonly body: Body;
}

/**
 * For routes with `config.idempotent` whose effect is not in the log: with an `Idempotency-Key` the first success is kept
 * and given again. What is answered must have no personal data.
 * @throws Problem `invalid`, `idempotency-key-reused`, `busy`
 */
export type AnsweredOnce = <Body extends object>(
  request: FastifyRequest,
  reply: AnyReply,
  answer: () => Promise<Answer<Body>>,
) => Promise<Body>;

export const answeredOnce =
  (answers: KeptAnswers): AnsweredOnce =>
  async (request, reply, answer) => {
    const key = idempotencyOf(request);
    const say = (status: number, location: string | null | undefined) => {
      reply.code(status as never);
      if (typeof location === "string") reply.header("location", location);
    };
    if (key === null) {
      const { status, location, body } = await answer();
      say(status, location);
      return body;
    }
    const { answer: kept, replayed } = await answers.once(key, async () => {
      const { status, location = null, body } = await answer();
      return { status, location, body: JSON.stringify(body) };
    });
    say(kept.status, kept.location);
    if (replayed) reply.header("idempotency-replayed", "true");
    return JSON.parse(kept.body);
  };
