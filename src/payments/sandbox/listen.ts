import { randomInt } from "node:crypto";
import type { Server } from "node:http";

const PORTS_TRIED = 50;

/**
 * Listens on the preferred port where it is free, else on some other. Those are from below the ports that systems give to
 * outgoing connections, so that the same one can be had again at the next start.
 */
export async function listenSomewhere(server: Server, host: string, preferred: number | null): Promise<number> {
  const others = Array.from({ length: PORTS_TRIED }, () => randomInt(20_000, 32_000));
  for (const port of preferred === null ? others : [preferred, ...others]) {
    const bound = await listen(server, host, port).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EADDRINUSE") throw error;
    });
    if (bound !== undefined) return bound;
  }
  throw new Error(`no TCP port between 20000 and 32000 is free on ${host}`);
}

/** @returns the port that was really taken: 0 leaves the choice to the system */
export function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const onListening = () => {
      server.off("error", onError);
      const bound = server.address();
      resolve(typeof bound === "object" && bound !== null ? bound.port : port);
    };
    const onError = (error: Error) => {
      server.off("listening", onListening);
      reject(error);
    };
    server.once("error", onError);
    server.once("listening", onListening);
    server.listen(port, host);
  });
}
