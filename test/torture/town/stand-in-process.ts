// The stand-in for EventStoreDB as a process of its own: two nodes of a cluster on one log, of which one leads. What it does
// wrong it is told over its channel.
import { noFaults, type RefusalOf, stall } from "../../support/eventstoredb/faults.ts";
import { startStandIn } from "../../support/eventstoredb/server.ts";

/** The next ends the one before. */
export type StandInFault =
  | { readonly kind: "outcome-unknown" }
  | { readonly kind: "stalled"; readonly when: "before-recording" | "after-recording" }
  | { readonly kind: "refusing"; readonly as: RefusalOf }
  | { readonly kind: "leader-elsewhere" }
  | { readonly kind: "subscriptions-dropped" }
  | { readonly kind: "connections-dropped" }
  | { readonly kind: "none" };

const first = await startStandIn({ port: Number(process.env.STAND_IN_PORT) });
const second = await startStandIn({ log: first.log });
second.faults.leader = { host: "127.0.0.1", port: first.port };

process.on("message", (fault: StandInFault) => {
  first.faults.stall?.release();
  first.faults = noFaults();
  second.faults = { ...noFaults(), leader: { host: "127.0.0.1", port: first.port } };
  if (fault.kind === "outcome-unknown") first.faults.dropAfterAppend = true;
  if (fault.kind === "stalled") first.faults.stall = stall(fault.when);
  if (fault.kind === "refusing") first.faults.refuse = fault.as;
  if (fault.kind === "leader-elsewhere") {
    first.faults.leader = { host: "127.0.0.1", port: second.port };
    second.faults.leader = null;
  }
  if (fault.kind === "subscriptions-dropped") first.dropSubscriptions();
  if (fault.kind === "connections-dropped") first.dropConnections();
});
process.on("disconnect", () => process.exit(0));
process.on("SIGTERM", () => process.exit(0));
process.send?.("ready");
