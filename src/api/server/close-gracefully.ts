import { setTimeout as delay } from "node:timers/promises";
import type { Api } from "../conventions/route-config.ts";

/** How often connections that have become idle are ended: a client would keep them for the keep-alive time. */
const SWEEP_MS = 50;

/**
 * Ends the server in order: no new connections, `/health/ready` says "shutting-down", requests under way are answered,
 * and their connections ended. What is not done after `graceMs` is cut off.
 * @returns whether everything was answered
 */
export async function closeGracefully(api: Api, graceMs: number): Promise<boolean> {
  let closed = false;
  const closing = api.close().finally(() => {
    closed = true;
  });
  const deadline = performance.now() + graceMs;
  while (!closed && performance.now() < deadline) {
    api.server.closeIdleConnections();
    await Promise.race([closing, delay(SWEEP_MS)]);
  }
  const everythingAnswered = closed;
  if (!closed) api.server.closeAllConnections();
  await closing;
  return everythingAnswered;
}
