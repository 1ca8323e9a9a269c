import type { Api } from "../conventions/route-config.ts";

/**
 * Ends the server in order: no new connections, `/health/ready` says "shutting-down", requests under way are answered,
 * and their connections ended (Node does so itself once a server is closing). What is not done after `graceMs` is cut off.
 * @returns whether everything was answered
 */
export async function closeGracefully(api: Api, graceMs: number): Promise<boolean> {
  let everythingAnswered = true;
  const deadline = setTimeout(() => {
    everythingAnswered = false;
    api.server.closeAllConnections();
  }, graceMs);
  await api.close();
  clearTimeout(deadline);
  return everythingAnswered;
}
