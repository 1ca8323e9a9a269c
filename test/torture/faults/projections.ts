import pg from "pg";
import type { RunningTown } from "../town/running-town.ts";
import type { Fault } from "./fault.ts";

/** What every batch writes, and reads only read. */
const LOCK = "begin; set local lock_timeout = '2s'; lock table readmodels.projections in exclusive mode";

/** Read models fall behind: nobody projects, or projecting waits for somebody's lock. */
export const laggingProjections = ({ nodes, databaseUrl }: RunningTown): readonly Fault[] => [
  {
    group: "projections",
    name: "all projectors frozen",
    weight: 1,
    lastsMs: [1_000, 8_000],
    overlaps: true,
    async strike() {
      const projectors = nodes.filter(({ role }) => role === "projector");
      const thaws = projectors.map(({ resident }) => resident.freeze());
      return {
        what: "all projectors frozen",
        undo() {
          for (const thaw of thaws) thaw?.();
        },
      };
    },
  },
  {
    group: "projections",
    name: "projections locked",
    weight: 1.5,
    lastsMs: [1_000, 6_000],
    overlaps: false,
    async strike() {
      const client = new pg.Client({
        connectionString: databaseUrl,
        connectionTimeoutMillis: 2_000,
        query_timeout: 4_000,
      });
      client.on("error", () => {}); // the server may end meanwhile, and the lock with it
      try {
        await client.connect();
        await client.query(LOCK);
      } catch {
        await client.end().catch(() => {});
        return null;
      }
      return { what: "the read models' checkpoints locked", undo: () => client.end().catch(() => {}) };
    },
  },
];
