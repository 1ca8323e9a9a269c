import { join } from "node:path";
import type { RoutePlugin } from "../conventions/route-config.ts";
import { type PageFile, pageFiles } from "./files.ts";
import { packageFiles } from "./packages.ts";
import { PAGES } from "./table.ts";

const FOLDER = join(import.meta.dirname, "..", "..", "pages");

/**
 * What our pages may do: run scripts and use styles of this very server, none within the HTML, ask its API, and nothing
 * else. Text can't become a script (Trusted Types), a form that no script has taken over sends nothing anywhere.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

/**
 * The pages in `table.ts` with their scripts and styles. Browsers keep them and ask each time whether they have changed
 * (`ETag`), so that after an upgrade nobody runs half of each version.
 */
export const pageRoutes: RoutePlugin = (api) => {
  const files = [...pageFiles(FOLDER), ...packageFiles()];
  const serve = (url: string, { type, text }: PageFile) =>
    api.route({
      method: "GET",
      url,
      schema: { hide: true },
      config: { etag: true },
      handler: (_request, reply) => void reply.header("content-security-policy", POLICY).type(type).send(text),
    });

  for (const file of files.filter(({ path }) => !path.endsWith(".html"))) serve(`/pages/${file.path}`, file);
  for (const { url, file } of PAGES) {
    const found = files.find(({ path }) => path === file);
    if (found === undefined) throw new Error(`src/pages has no ${file}`);
    serve(url, found);
  }
};
