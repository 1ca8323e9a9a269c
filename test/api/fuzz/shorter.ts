import type { Request } from "./asking.ts";

/**
 * Requests that have a little less than this one each: without a header, a part of the query or a member of the body,
 * or with a shorter text.
 */
export function* shorterThan(request: Request): Generator<Request> {
  for (const name of Object.keys(request.headers)) {
    const { [name]: _, ...headers } = request.headers;
    yield { ...request, headers };
  }
  const [path = "", query = ""] = request.url.split("?");
  const parts = query.split("&").filter((part) => part !== "");
  for (const part of parts) {
    const rest = parts.filter((one) => one !== part).join("&");
    yield { ...request, url: rest === "" ? path : `${path}?${rest}` };
  }
  const { payload } = request;
  if (payload === undefined) return;
  yield { ...request, payload: undefined };
  if (typeof payload !== "string") return;
  for (const shorter of shorterTexts(payload)) yield { ...request, payload: shorter };
}

function* shorterTexts(text: string): Generator<string> {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    if (text.length < 20) return;
    const half = Math.ceil(text.length / 2);
    yield text.slice(0, half);
    yield text.slice(half);
    return;
  }
  for (const value of shorterValues(body)) yield JSON.stringify(value);
}

/** An array or object without one of its parts, or with a smaller one. */
export function* shorterValues(value: unknown): Generator<unknown> {
  if (typeof value === "string" && value.length > 8) yield value.slice(0, Math.ceil(value.length / 2));
  if (Array.isArray(value)) {
    if (value.length > 4) yield value.slice(0, value.length / 2);
    for (const [i, inner] of value.entries()) {
      yield value.toSpliced(i, 1);
      for (const smaller of shorterValues(inner)) yield value.with(i, smaller);
    }
  } else if (typeof value === "object" && value !== null) {
    for (const [name, inner] of Object.entries(value)) {
      const { [name]: _, ...rest } = value as Record<string, unknown>;
      yield rest;
      for (const smaller of shorterValues(inner)) yield { ...value, [name]: smaller };
    }
  }
}

/** So many times a failing request is sent again to make it shorter. */
const TRIES = 150;

/** The shortest request found that still fails in the same way. */
export async function shortened(
  request: Request,
  failsAlike: (request: Request) => Promise<boolean>,
): Promise<Request> {
  let shortest = request;
  let tries = 0;
  for (let found = true; found; ) {
    found = false;
    for (const candidate of shorterThan(shortest)) {
      tries += 1;
      if (tries > TRIES) return shortest;
      if (!(await failsAlike(candidate))) continue;
      shortest = candidate;
      found = true;
      break;
    }
  }
  return shortest;
}
