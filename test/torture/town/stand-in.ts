import { freePort } from "../../../src/embedded/free-port.ts";
import { launchChild } from "../../system/child.ts";
import type { StandInFault } from "./stand-in-process.ts";

/** The stand-in for EventStoreDB, a process of its own that is not killed: it keeps its events in memory. */
export interface StandIn {
  readonly url: string;
  /** It ends the one before. */
  setFault(fault: StandInFault): void;
  stop(): Promise<unknown>;
}

export async function startStandInProcess(onOutput: (text: string) => void): Promise<StandIn> {
  const port = await freePort(undefined);
  const child = launchChild({
    program: "test/torture/town/stand-in-process.ts",
    env: { STAND_IN_PORT: String(port), NODE_OPTIONS: undefined },
    onOutput,
  });
  await child.ready;
  return {
    url: `esdb://127.0.0.1:${port}?tls=false`,
    setFault: (fault) => child.tell(fault),
    stop: () => child.stop(),
  };
}
