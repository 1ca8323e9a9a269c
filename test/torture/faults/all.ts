import type { RunningTown } from "../town/running-town.ts";
import { clockJumps } from "./clock.ts";
import { connections } from "./connections.ts";
import { fullDisk } from "./disk.ts";
import type { Fault, FaultGroup } from "./fault.ts";
import { kills } from "./kills.ts";
import { postgresRestarts } from "./postgres.ts";
import { laggingProjections } from "./projections.ts";
import { failingProvider } from "./provider.ts";
import { stops } from "./stops.ts";
import { standInFaults } from "./store.ts";
import { unrulyWebhooks } from "./webhooks.ts";

/** Everything that can be done to this town, of the kinds that are wanted. */
export const faultsOf = (town: RunningTown, groups: ReadonlySet<FaultGroup>): readonly Fault[] =>
  [
    kills,
    stops,
    postgresRestarts,
    connections,
    fullDisk,
    clockJumps,
    failingProvider,
    unrulyWebhooks,
    laggingProjections,
    standInFaults,
  ]
    .flatMap((kind) => kind(town))
    .filter(({ group }) => groups.has(group));
