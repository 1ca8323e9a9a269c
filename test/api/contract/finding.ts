import type { OpenApi, Operation } from "../openapi-document.ts";

/** An operation that a request was for. */
export interface Found {
  /** `HEAD` has the operation of GET. */
  readonly method: string;
  /** As the document has it, e.g. `/events/{eventId}`. */
  readonly path: string;
  readonly operation: Operation;
}

/** What a request is for, by the document; null: nothing in it. */
export type Finder = (method: string, url: string) => Found | null;

interface Template {
  readonly path: string;
  readonly parts: readonly string[];
  readonly operations: Readonly<Record<string, Operation>>;
}

/** Finds operations as routers do: a part that is spelled out goes before one that is a parameter. */
export function finderOf(document: OpenApi): Finder {
  const templates = Object.entries(document.paths)
    .map(([path, operations]): Template => ({ path, parts: path.split("/"), operations }))
    .sort((a, b) => parameters(a) - parameters(b));

  return (method, url) => {
    const parts = pathOf(url).split("/");
    const wanted = method === "HEAD" ? "get" : method.toLowerCase();
    const template = templates.find((one) => one.operations[wanted] !== undefined && fits(one.parts, parts));
    const operation = template?.operations[wanted];
    return template === undefined || operation === undefined ? null : { method, path: template.path, operation };
  };
}

const isParameter = (part: string): boolean => part.startsWith("{");
const parameters = ({ parts }: Template): number => parts.filter(isParameter).length;

const fits = (template: readonly string[], parts: readonly string[]): boolean =>
  template.length === parts.length && template.every((part, i) => isParameter(part) || part === parts[i]);

/** Without the server's name and the query, and as routers read it. */
function pathOf(url: string): string {
  const path = url.replace(/^https?:\/\/[^/]*/, "").split("?", 1)[0] as string;
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}
