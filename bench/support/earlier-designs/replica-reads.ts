import { randomUUID } from "node:crypto";
import { createHttpClient } from "../../../test/system/http-client.ts";
import { expectStatus, guests, openSale, reserve } from "../../../test/system/shop.ts";
import { quantile } from "../figures.ts";

export interface ReadAfterWriteRun {
  readonly reads: number;
  /** Reads without a position that told what was so before the write. */
  readonly staleWithout: number;
  readonly staleWith: number;
  readonly withoutP50Ms: number;
  readonly withP50Ms: number;
  readonly withP99Ms: number;
}

/** Gives reservations back and reads each at once, by turns without and with the position of the answer. */
export async function readAfterWrite(port: number, reads: number): Promise<ReadAfterWriteRun> {
  const client = createHttpClient(port, 8);
  const sale = await openSale(client, 1_000_000);
  const [token = ""] = await guests(client, 1);
  const stale = { without: 0, with: 0 };
  const took: Record<keyof typeof stale, number[]> = { without: [], with: [] };
  try {
    for (let read = 0; read < 2 * reads; read += 1) {
      const way = read % 2 === 0 ? "without" : "with";
      const made = await expectStatus(201, reserve(client, sale, token, randomUUID()));
      const path = `/reservations/${(made.body as { reservationId: string }).reservationId}`;
      const released = await expectStatus(204, client.call("DELETE", path, { token }));
      const position = String(released.headers["boxoffice-position"]);
      const begun = performance.now();
      const reply = await expectStatus(
        200,
        client.call("GET", path, { token, ...(way === "with" ? { minPosition: position } : {}) }),
      );
      took[way].push(performance.now() - begun);
      if ((reply.body as { status: string }).status !== "RELEASED") stale[way] += 1;
    }
  } finally {
    client.close();
  }
  const of = (way: keyof typeof took, share: number) =>
    quantile(
      took[way].toSorted((a, b) => a - b),
      share,
    );
  return {
    reads,
    staleWithout: stale.without,
    staleWith: stale.with,
    withoutP50Ms: of("without", 0.5),
    withP50Ms: of("with", 0.5),
    withP99Ms: of("with", 0.99),
  };
}
