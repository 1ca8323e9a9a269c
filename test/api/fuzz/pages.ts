import type { Policy } from "../../../src/api/security/policy.ts";
import type { OpenApi, Operation } from "../openapi-document.ts";

/** Pages for people, of which the policy knows and the document doesn't, as operations that take nothing. */
export const pageRoutes = (policy: Policy, document: OpenApi): [string, Operation][] =>
  Object.keys(policy).flatMap((row): [string, Operation][] => {
    const [method = "", url = ""] = row.split(" ");
    const path = url.replace(/:(\w+)/g, "{$1}").replace("*", "{file}");
    return document.paths[path]?.[method.toLowerCase()] === undefined ? [[`${method} ${path}`, { responses: {} }]] : [];
  });
