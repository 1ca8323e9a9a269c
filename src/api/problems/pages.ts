import { z } from "zod";
import { escaped, plainPage } from "../conventions/plain-page.ts";
import type { RoutePlugin } from "../conventions/route-config.ts";
import { catalogue, isProblemCode, type ProblemCode } from "./catalogue.ts";
import { Problem } from "./problem.ts";

/** The pages that the `type` of a problem points to: what the error means and what to do about it. */
export const problemPages: RoutePlugin = (api) => {
  api.route({
    method: "GET",
    url: "/problems",
    schema: { hide: true },
    handler: (_request, reply) => void reply.type("text/html; charset=utf-8").send(indexPage()),
  });

  api.route({
    method: "GET",
    url: "/problems/:code",
    schema: { hide: true, params: z.strictObject({ code: z.string() }) },
    handler: ({ params: { code } }, reply) => {
      if (!isProblemCode(code)) throw new Problem("not-found");
      void reply.type("text/html; charset=utf-8").send(problemPage(code));
    },
  });
};

const indexPage = () =>
  page(
    "Problems",
    `<ul>${Object.entries(catalogue)
      .map(([code, { status, title }]) => `<li><a href="/problems/${code}">${code}</a> (${status}): ${title}</li>`)
      .join("")}</ul>`,
  );

function problemPage(code: ProblemCode): string {
  const { status, title, explanation } = catalogue[code];
  return page(title, `<p><code>${code}</code>, status ${status}</p><p>${asHtml(explanation)}</p>`);
}

const page = (title: string, content: string): string =>
  plainPage({
    title,
    widthRem: 42,
    body: `<h1>${escaped(title)}</h1>${content}<p><a href="/problems">All problems</a>, <a href="/docs">the API</a></p>`,
  });

/** Texts of the catalogue mark code by backticks. */
const asHtml = (text: string): string => escaped(text).replace(/`([^`]+)`/g, "<code>$1</code>");
