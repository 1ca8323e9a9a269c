import { processContext } from "../../src/commands/aggregate.ts";
import type { CommandContext } from "../../src/commands/outcome.ts";
import { ReservationLocator } from "../../src/commands/recent-reservations.ts";
import type { Snapshot, SnapshotStore } from "../../src/commands/snapshots.ts";
import { sha256 } from "../../src/eventstore/envelope.ts";
import type { EventStore } from "../../src/eventstore/port.ts";
import { commandSide } from "../../src/node/command-side.ts";
import type { PaymentProvider } from "../../src/payments/port.ts";
import { BookingProcess } from "../../src/processes/bookings.ts";
import type { ReadModels } from "../model/read-models.ts";
import type { Climate } from "./climate.ts";
import type { Host } from "./host.ts";
import { roundTrip, type Weather } from "./network.ts";

/** All that one node reaches over the network. */
export interface Surrounding {
  readonly store: EventStore;
  readonly provider: PaymentProvider;
  readonly snapshots: SnapshotStore;
  readonly readModels: ReadModels;
  readonly weather: () => Weather;
}

export type Node = ReturnType<typeof nodeOn>;

/** Few, so that the read models are asked, too. */
const MAX_REMEMBERED = 3;

/** What commands and processes are in production, in one simulated process. */
export function nodeOn(host: Host, around: Surrounding, { bounds, sale }: Climate) {
  const { surroundings } = host;
  const { clock } = surroundings;
  const { store, provider, snapshots, readModels, weather } = around;
  const log = { info() {}, warn() {}, error() {} };
  const ask = <Value>(what: string, read: () => Value) => roundTrip(host, weather(), what, read);
  const locator = new ReservationLocator((id) => ask("locate", () => readModels.locate(id)), MAX_REMEMBERED);
  const commands = commandSide({
    store,
    surroundings,
    log,
    snapshots,
    codes: { claim: async () => true },
    reservationQueries: { findByKey: async () => [] },
    locator,
    paymentWindowSeconds: sale.paymentWindowSeconds,
    offerTtlSeconds: sale.offerTtlSeconds,
    bounds,
  });
  const process = new BookingProcess({
    ...commands,
    provider,
    claimsOf: (bookingId) => ask("claims", () => readModels.claimsOf(bookingId)),
    clock,
    log,
  });
  return { ...commands, process, host };
}

/** A context as a request brings it. */
export function requestContext(
  { host }: Node,
  account: string,
  requestId: string,
  key: string | null,
  body: string,
): CommandContext {
  const { newId } = host.surroundings;
  return {
    ...processContext("request", newId),
    actor: { account, role: "customer" },
    requestId,
    idempotency: key === null ? null : { keyHash: sha256(key), bodyHash: sha256(body) },
  };
}

/** Snapshots of all nodes in one place; the newest of each stream. */
export class SnapshotServer {
  readonly texts = new Map<string, { readonly revision: number; readonly text: string }>();
}

export function snapshotLink(host: Host, { texts }: SnapshotServer, weather: () => Weather): SnapshotStore {
  const ask = <Value>(what: string, serve: () => Value) => roundTrip(host, weather(), what, serve);
  return {
    async load(stream, stateVersion) {
      const kept = await ask(`load a snapshot of ${stream}`, () => texts.get(stream));
      const snapshot = kept === undefined ? null : (JSON.parse(kept.text) as Snapshot);
      return snapshot?.stateVersion === stateVersion ? snapshot : null;
    },
    async save(snapshot) {
      const { stream, revision } = snapshot;
      const text = JSON.stringify(snapshot);
      await ask(`save a snapshot of ${stream}@${revision}`, () => {
        if ((texts.get(stream)?.revision ?? -1) < revision) texts.set(stream, { revision, text });
      });
    },
    discard: (stream) => ask(`drop the snapshot of ${stream}`, () => void texts.delete(stream)),
  };
}
