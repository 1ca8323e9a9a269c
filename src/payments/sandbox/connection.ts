import { type ClientRequest, request } from "node:http";
import { type Address, INSTANCE_HEADER } from "./address.ts";

const ANSWER_WITHIN_MS = 5_000;

/** An open line to a running provider; it ends when that does. */
export interface Watch {
  readonly url: string;
  readonly ended: Promise<void>;
  close(): void;
}

/**
 * Asks a provider whether it runs, and keeps the line open. No secret goes over it: something else may have the port.
 * @param instance the run of it that should answer; null: any
 * @throws Error it can't be reached, or something else answers
 */
export function watchProvider(url: string, instance: Address["instance"] | null): Promise<Watch> {
  return new Promise((resolve, reject) => {
    const asking: ClientRequest = request(new URL("/watch", url), { agent: false }, (response) => {
      asking.setTimeout(0);
      const answered = response.headers[INSTANCE_HEADER];
      if (response.statusCode !== 200 || answered === undefined || (instance !== null && answered !== instance)) {
        asking.destroy();
        return reject(new Error(`something else answers on ${url}`));
      }
      const ended = new Promise<void>((end) => response.once("close", end));
      response.on("error", () => {}).resume(); // how it ends does not matter
      resolve({ url, ended, close: () => asking.destroy() });
    });
    asking.setTimeout(ANSWER_WITHIN_MS, () => asking.destroy(new Error(`no answer from ${url}`)));
    asking.on("error", reject);
    asking.end();
  });
}
