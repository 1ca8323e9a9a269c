import type { Reply } from "./events-node.ts";

const TRIES = 15;

/**
 * Asks again while read models are told to be behind, as clients do: what the patient projector keeps may take its time
 * where the machine has much to do.
 */
export async function patiently(ask: () => Promise<Reply>): Promise<Reply> {
  for (let tries = 1; ; tries += 1) {
    const reply = await ask();
    if (reply.statusCode !== 503 || tries === TRIES || reply.json().code !== "read-model-behind") return reply;
  }
}
