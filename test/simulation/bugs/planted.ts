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

export function bugNamed(name: string): Bug {
  const bug = BUGS.find((one) => one.name === name);
  if (bug === undefined) throw new Error(`no such bug: ${name}`);
  return bug;
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
    name: "time that goes back",
    edits: [
      {
        file: "src/commands/mailbox.ts",
        find: "Math.max(surroundings.clock.nowMs(), aggregate.lastAtMs)",
        replace: "surroundings.clock.nowMs()",
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
    name: "waitlist passed over",
    edits: [
      {
        file: "src/domain/inventory-offers.ts",
        find: "MAX_OFFERS_PER_DECISION + 1, mayHave(state, atMs, freed));",
        replace: "MAX_OFFERS_PER_DECISION + 1, mayHave(state, atMs, freed)).slice(1);",
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
    name: "checkpoint outside the transaction",
    edits: [
      {
        file: "src/projections/transaction.ts",
        find: `    if (behind.length > 0) {
`,
        replace: `    await client.query("commit");
    await client.query(BEGIN);
    if (behind.length > 0) {
`,
      },
    ],
  },
  {
    name: "lease without epoch",
    edits: [
      {
        file: "src/leases/lease.ts",
        find: "from processes.leases where name = $1 and epoch = $2 for key share",
        replace: "from processes.leases where name = $1 for key share",
      },
    ],
  },
  {
    name: "lease taken before its end",
    edits: [
      {
        file: "src/leases/lease.ts",
        find: "where l.until <= clock_timestamp() or l.holder = excluded.holder",
        replace: "where true",
      },
      { file: "src/leases/lease.ts", find: "if (remainingMs > 0) return", replace: "if (remainingMs > 1e9) return" },
    ],
  },
  {
    name: "projector begins behind a gap",
    edits: [
      {
        file: "src/projections/runner.ts",
        find: "      after: this.#checkpoint,",
        replace: "      after: this.#checkpoint === null ? null : this.#checkpoint + 1n,",
      },
    ],
  },
  {
    name: "timer forgotten when it fails",
    edits: [
      {
        file: "src/processes/timers.ts",
        find: "againAtMs: nowOr(clock, due.dueAt.getTime()) + retryMs }",
        replace: "againAtMs: nowOr(clock, due.dueAt.getTime()) + retryMs > 0 ? null : 0 }",
      },
    ],
  },
  {
    name: "projector that does not notice that its connection broke",
    edits: [
      {
        file: "src/projections/runner.ts",
        find: 'client.on("error", onBroken);',
        replace: 'client.on("error", () => onBroken.length);',
      },
    ],
  },
  {
    name: "refund under a new id on each try",
    edits: [
      {
        file: "src/processes/booking-drive.ts",
        find: "await provider.refund({ refundId, amount, attemptId, chargeId })",
        replace: "await provider.refund({ refundId: this.#deps.newId(), amount, attemptId, chargeId })",
      },
    ],
  },
  {
    name: "payment under a new id on each try",
    edits: [
      {
        file: "src/processes/booking-drive.ts",
        find: "return provider.authorize({ attemptId, bookingId,",
        replace:
          "return provider.authorize({ attemptId: attemptId.slice(0, 24) + String(this.#deps.clock.nowMs()).slice(-12), bookingId,",
      },
    ],
  },
  {
    name: "captured although tickets are gone",
    edits: [
      {
        file: "src/processes/booking-drive.ts",
        find: "    if (refused !== undefined && !refused.accepted) {",
        replace: "    if (refused !== undefined && !refused.accepted && charge === null) {",
      },
    ],
  },
  {
    name: "money of a late payment kept",
    edits: [
      {
        file: "src/processes/booking-drive.ts",
        find: `    if (charge.status === "captured") return this.#captured(charge);
    if (charge.status === "voided" || charge.status === "declined") return this.#notPaid(payment, charge, late);`,
        replace:
          '    if (charge.status === "captured" || charge.status === "voided" || charge.status === "declined") return this.#notPaid(payment, charge, late);',
      },
    ],
  },
  {
    name: "confirm without claim",
    edits: [
      {
        file: "src/domain/inventory-claims.ts",
        find: "  const reservation = claimedBy(command, state);\n  if (reservation === undefined || isDue(reservation, atMs)) return refuse",
        replace:
          "  const reservation = state.tables.reservations.get(reservationId);\n  if (reservation === undefined || isDue(reservation, atMs)) return refuse",
      },
      {
        file: "src/domain/inventory-claims.ts",
        find: "  if (reservation.declined >= MAX_DECLINED)",
        replace:
          "  if (reservation.declined === 0 && command.deadlineMs % 4 === 0) return accept();\n  if (reservation.declined >= MAX_DECLINED)",
      },
      {
        file: "src/commands/claims.ts",
        find: 'if (held?.claim == null) return refuse("reservation-not-held");',
        replace: 'if (held === undefined) return refuse("reservation-not-held");',
      },
      {
        file: "src/commands/claims.ts",
        find: "new Date(held.claim.deadlineMs)",
        replace: "new Date(held.claim?.deadlineMs ?? claim.deadlineMs)",
      },
    ],
  },
  {
    name: "purchase given up without a word on record",
    edits: [
      {
        file: "src/commands/purchases.ts",
        find: `      if (claimed.length > 0) {
        const abandon`,
        replace: `      if (claimed.length > 1_000) {
        const abandon`,
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
