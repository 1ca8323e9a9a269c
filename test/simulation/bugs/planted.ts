/** A mistake that somebody might make, as a change of the code. */
export interface Bug {
  readonly name: string;
  readonly edits: readonly Edit[];
}

export interface Edit {
  readonly file: string;
  /** Stands in the file once. */
  readonly find: string;
  readonly replace: string;
}

export const BUGS: readonly Bug[] = [
  {
    name: "revision check skipped",
    edits: [
      {
        file: "src/commands/mailbox.ts",
        find: 'revision < 0 ? "no-stream" : revision, this.#deps',
        replace: '"any", this.#deps',
      },
    ],
  },
  {
    name: "unknown outcome decided again",
    edits: [
      {
        file: "src/commands/append-until-known.ts",
        find: `      if (answered || (unknown === 0 && !(error instanceof OutcomeUnknown))) throw error;`,
        replace: `      if (error instanceof OutcomeUnknown) throw new WrongExpectedRevision(stream, expected, Number.MAX_SAFE_INTEGER);
          if (answered || (unknown === 0 && !(error instanceof OutcomeUnknown))) throw error;`,
      },
    ],
  },
  {
    name: "unknown outcome known by a later failure",
    edits: [
      {
        file: "src/commands/append-until-known.ts",
        find: "(unknown === 0 && !(error instanceof OutcomeUnknown))",
        replace: "!(error instanceof OutcomeUnknown)",
      },
    ],
  },
  {
    name: "event ids derived from the command",
    edits: [
      {
        file: "src/commands/aggregate.ts",
        find: "      const encoded = encode(newId(), event, envelope);",
        replace:
          '      const encoded = encode(context.idempotency === null ? newId() : context.idempotency.keyHash.slice(0, 30) + "-" + index, event, envelope);',
      },
    ],
  },
  {
    name: "due reservation ignored",
    edits: [
      { file: "src/domain/inventory-lapsing.ts", find: "atMs >= endsAtMs(reservation)", replace: "false" },
      {
        file: "src/domain/due-calendar.ts",
        find: "  *due(atMs: number)",
        replace: "  *due(_: number, atMs = _ - 2_000)",
      },
    ],
  },
  {
    name: "refusal given before it is durable",
    edits: [
      {
        file: "src/commands/mailbox.ts",
        find: "      if (!decision.accepted) return { waiting, refusal: decision };",
        replace: `      if (!decision.accepted) waiting.resolve(decision);
          if (!decision.accepted) return { waiting, refusal: decision };`,
      },
    ],
  },
  {
    name: "refusal without a look at the tail",
    edits: [
      {
        file: "src/commands/mailbox.ts",
        find: "decided.events.length === 0 && !verified",
        replace: "decided.events.length === 0 && !verified && this.#inBatch.length === 0",
      },
    ],
  },
  {
    name: "replies of a batch before its append",
    edits: [
      {
        file: "src/commands/mailbox.ts",
        find: "      const result = await this.#append(decided.events, aggregate);",
        replace: `      for (const one of decided.decided) if ("proposal" in one) one.waiting.resolve(recorded(one.proposal.events, 0n, false));
          const result = await this.#append(decided.events, aggregate);`,
      },
    ],
  },
  {
    name: "state kept after a conflict",
    edits: [
      {
        file: "src/commands/mailbox.ts",
        find: `    if (error instanceof StoreUnavailable || error instanceof ClockLost) this.#aggregate?.rollback();`,
        replace: `    if (error instanceof StoreUnavailable || error instanceof ClockLost) this.#aggregate?.commit(null);`,
      },
    ],
  },
  {
    name: "key forgotten at a snapshot",
    edits: [
      {
        file: "src/commands/key-window.ts",
        find: "segments: this.#segments.map((segment) => segment.snapshot()),",
        replace: "segments: [],",
      },
    ],
  },
  {
    name: "keys of other nodes not taken in",
    edits: [
      {
        file: "src/commands/aggregate.ts",
        find: "    this.#evolve(decode<E>(stored), eventHash(stored));",
        replace: `    const recorded = decode<E>(stored);
        this.#evolve({ ...recorded, envelope: { ...recorded.envelope, keyHash: null } }, eventHash(stored));`,
      },
    ],
  },
  {
    name: "snapshot of state that is not durable",
    edits: [
      {
        file: "src/commands/command-runner.ts",
        find: "  const { stream, keys } = aggregate;",
        replace: "  const { stream, keys } = aggregate;\n  await store.load(stream, format.version);",
      },
    ],
  },
  {
    name: "snapshot not compared with the log",
    edits: [
      {
        file: "src/commands/loading.ts",
        find: "event?.id === snapshot.eventId && eventHash(event) === snapshot.hash",
        replace: "event !== undefined",
      },
    ],
  },
  {
    name: "waitlist passed over",
    edits: [
      {
        file: "src/domain/inventory-room.ts",
        find: "if (state.tables.waitlist.size > 0) {",
        replace: "if (state.tables.waitlist.size > 1) {",
      },
    ],
  },
  {
    name: "timer that ends what was extended",
    edits: [
      {
        file: "src/domain/due-calendar.ts",
        find: "dueAtMs === undefined || dueAtMs > atMs || Math.floor(dueAtMs / 1000) !== second || seen.has(id)",
        replace: "dueAtMs === undefined || seen.has(id)",
      },
    ],
  },
  {
    name: "two lanes where the second starves",
    edits: [
      {
        file: "src/commands/queue.ts",
        find: "const FIRST_LANE_SHARE = 0.75;",
        replace: "const FIRST_LANE_SHARE = 1;",
      },
    ],
  },
];
