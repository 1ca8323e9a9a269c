import { POLICY } from "../../../src/api/security/policy.ts";
import { contractOf, pagesOf } from "../contract/keeping.ts";
import type { AnyReply } from "../contract/replies.ts";
import type { NodeUnderTest } from "../events-node.ts";
import type { OpenApi } from "../openapi-document.ts";
import type { Request } from "./asking.ts";
import { send } from "./sending.ts";
import { shortened } from "./shorter.ts";

/** A reply that must not be, and the request for it, as short as it could be made. */
export interface Finding {
  readonly wrong: string;
  readonly request: Request;
  /** null: there was none. */
  readonly reply: AnyReply | null;
}

/** Sends requests and keeps what must not be. */
export interface Judge {
  /** @returns the reply; null when it must not be, or there was none */
  ask(request: Request): Promise<AnyReply | null>;
  readonly findings: ReadonlyMap<string, Finding>;
}

/** Distinct ones; more tell nobody more. */
const MOST_FINDINGS = 10;

export function judgeOf(node: NodeUnderTest, document: OpenApi): Judge {
  const contract = contractOf(document, pagesOf(POLICY, document));
  const findings = new Map<string, Finding>();

  async function look(request: Request): Promise<Omit<Finding, "wrong"> & { readonly wrong: string | null }> {
    try {
      const reply = await send(node.unchecked, request);
      const { method, url } = request;
      const isOurs = reply.statusCode >= 500 && !isAskedFor(method, reply);
      const wrong = isOurs ? `answers ${reply.statusCode}` : contract.brokenBy(method, asSent(url), reply);
      return { request, reply, wrong };
    } catch (error) {
      return { request, reply: null, wrong: (error as Error).message };
    }
  }

  async function keep(request: Request, reply: AnyReply | null, wrong: string): Promise<void> {
    const kind = `${request.route} ${masked(wrong)}`;
    if (findings.has(kind) || findings.size >= MOST_FINDINGS) return;
    findings.set(kind, { wrong, request, reply });
    const failsAlike = async (candidate: Request) => masked((await look(candidate)).wrong ?? "") === masked(wrong);
    const again = await look(await shortened(request, failsAlike));
    if (again.wrong !== null) findings.set(kind, { ...again, wrong: again.wrong });
  }

  return {
    findings,
    async ask(request) {
      const { reply, wrong } = await look(request);
      if (wrong !== null) await keep(request, reply, wrong);
      return wrong === null ? reply : null;
    },
  };
}

/** Whether what was logged as an error must not be: that read models come later than asked for is an answer. */
export const isFault = (logged: object): boolean => !("code" in logged && logged.code === "read-model-behind");

/** Who asks for what has not happened yet is told so; on a slow machine also who asks for what has. HEAD has no words. */
const isAskedFor = (method: string, { statusCode, headers, body }: AnyReply): boolean =>
  statusCode === 503 &&
  (method === "HEAD" ? headers["retry-after"] !== undefined : body.includes('"read-model-behind"'));

/** Who sends it takes it for a URL's path, whatever it begins with, so that `.` and `..` between slashes are gone. */
function asSent(url: string): string {
  const { pathname, search } = new URL(`http://127.0.0.1${url}`);
  return `${pathname}${search}`;
}

/** Without what differs from one occurrence to the next. */
const masked = (text: string): string => text.replaceAll(/[0-9a-f-]{36}|\d+/g, "#").slice(0, 300);
