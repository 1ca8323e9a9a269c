import { Agent, request } from "node:http";
import { ProviderUnavailable } from "../port.ts";

const MAX_CONNECTIONS = 64;
const MAX_UNDER_WAY = 10_000;
/** Enough for an answer to be late; a purchase does not wait so long for it. */
const ANSWER_WITHIN_MS = 10_000;

/** A page of 500 charges is a twentieth of it. */
const MAX_ANSWER_CHARACTERS = 4 * 1024 * 1024;

/** Where to ask, and by what right. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly apiToken: string;
}

/** @param url of the provider, such as `http://127.0.0.1:4010` */
export function endpointAt(url: string, apiToken: string): Endpoint {
  const { hostname, port } = new URL(url);
  return { host: hostname.replace(/^\[|\]$/g, ""), port: port === "" ? 80 : Number(port), apiToken };
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export interface SandboxClient {
  /**
   * One call to the provider.
   * @returns what it said, also when that is a no
   * @throws ProviderUnavailable nobody there, no answer in time, or one that says nothing
   */
  call(method: "GET" | "POST", path: string, body?: object): Promise<Answer>;
  close(): void;
}

/**
 * Calls over connections that are kept. node:http takes 64 µs of this process for one, undici the same, fetch 335 µs.
 * @param endpoint asked at each call; null: there is none now
 */
export function sandboxClient(endpoint: () => Endpoint | null, answerWithinMs = ANSWER_WITHIN_MS): SandboxClient {
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_CONNECTIONS, scheduling: "lifo" });
  let underWay = 0;

  function ask(to: Endpoint, method: string, path: string, text: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const fail = (error: Error) =>
        reject(new ProviderUnavailable(`the sandbox provider gave no answer: ${error.message}`, { cause: error }));
      const headers = {
        authorization: `Bearer ${to.apiToken}`,
        ...(text === "" ? {} : { "content-type": "application/json" }),
        "content-length": Buffer.byteLength(text),
      };
      const asking = request({ agent, method, headers, path, host: to.host, port: to.port }, (response) => {
        let answer = "";
        response.setEncoding("utf8");
        response.on("data", (part: string) => {
          answer += part;
          if (answer.length > MAX_ANSWER_CHARACTERS) asking.destroy(new Error("it has no end"));
        });
        response.on("end", () => {
          try {
            resolve({ status: response.statusCode ?? 0, body: JSON.parse(answer) });
          } catch (error) {
            fail(error as Error);
          }
        });
        response.on("error", fail);
      });
      const late = setTimeout(() => asking.destroy(new Error(`none within ${answerWithinMs} ms`)), answerWithinMs);
      asking.on("error", fail);
      asking.on("close", () => clearTimeout(late));
      asking.end(text);
    });
  }

  return {
    async call(method, path, body) {
      const to = endpoint();
      if (to === null) throw new ProviderUnavailable("the sandbox provider is not running just now");
      if (underWay >= MAX_UNDER_WAY) throw new ProviderUnavailable("too many calls to the sandbox provider wait");
      underWay += 1;
      try {
        const answer = await ask(to, method, path, body === undefined ? "" : JSON.stringify(body));
        if (answer.status >= 500 || answer.status === 401) {
          throw new ProviderUnavailable(`the sandbox provider answered ${answer.status}`);
        }
        return answer;
      } finally {
        underWay -= 1;
      }
    },
    close: () => agent.destroy(),
  };
}
