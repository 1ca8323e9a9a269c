import type { SnapshotFormat } from "../../src/commands/snapshots.ts";
import { accept, type Decider, refuse } from "../../src/domain/decision.ts";
import { StagedMap } from "../../src/domain/staged-map.ts";

/** The smallest aggregate that can do all that a runner has to cope with: a list of names, each written once. */
export interface Ledger {
  readonly entries: number;
  /** Name -> when it was written. */
  readonly names: StagedMap<string, number>;
}

export type LedgerCommand = { readonly atMs: number } & (
  | { readonly type: "Write"; readonly name: string; readonly parts?: number; readonly bytes?: number }
  | { readonly type: "Erase"; readonly name: string }
  | { readonly type: "EraseBefore"; readonly ageMs: number }
  | { readonly type: "Look" }
  | { readonly type: "Break" }
);

export type LedgerEvent =
  | {
      readonly type: "Written";
      readonly data: { readonly name: string; readonly at: number; readonly padding: string };
    }
  | { readonly type: "Erased"; readonly data: { readonly name: string } };

/**
 * `Write` is refused as `taken` when the name is there, and records `parts` events that weigh about `bytes` each.
 * `Erase` is refused as `absent` when it is not. `EraseBefore` erases what is older. `Look` changes nothing; `Break`
 * throws.
 */
export const ledger: Decider<Ledger, LedgerCommand, LedgerEvent> = {
  initialState: () => ({ entries: 0, names: new StagedMap() }),
  decide(command, { names }) {
    switch (command.type) {
      case "Write": {
        if (names.has(command.name)) return refuse("taken", { name: command.name });
        const padding = "x".repeat(command.bytes ?? 0);
        const parts = Array.from({ length: command.parts ?? 1 }, (_, part) => (part === 0 ? "" : `/${part}`));
        return accept<LedgerEvent>(
          ...parts.map((part): LedgerEvent => {
            return { type: "Written", data: { name: command.name + part, at: command.atMs, padding } };
          }),
        );
      }
      case "Erase":
        return names.has(command.name) ? accept<LedgerEvent>(erased(command.name)) : refuse("absent");
      case "EraseBefore": {
        const old = [...names.entries()].filter(([, at]) => at < command.atMs - command.ageMs);
        return accept<LedgerEvent>(...old.map(([name]) => erased(name)));
      }
      case "Look":
        return accept();
      case "Break":
        throw new Error("broken on purpose");
    }
  },
  evolve({ entries, names }, event) {
    if (event.type === "Written") names.set(event.data.name, event.data.at);
    else names.delete(event.data.name);
    return { entries: entries + 1, names };
  },
  stagedIn: ({ names }) => [names],
};

const erased = (name: string): LedgerEvent => ({ type: "Erased", data: { name } });

interface WrittenLedger {
  readonly entries: number;
  readonly names: readonly (readonly [string, number])[];
}

export const ledgerFormat: SnapshotFormat<Ledger> = {
  version: 1,
  write: ({ entries, names }): WrittenLedger => ({ entries, names: [...names.entries()] }),
  read(written) {
    const { entries, names } = written as WrittenLedger;
    return { entries, names: new StagedMap(new Map(names)) };
  },
  size: ({ names }) => names.size,
};
