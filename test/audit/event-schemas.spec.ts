import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { documentedEvents, EVENT_SCHEMAS } from "../../src/audit/event-schemas/schemas.ts";
import { currentVersion, upcast } from "../../src/eventstore/schema-versions.ts";
import { declaredTypes, keptEvents } from "../fixtures/kept-events.ts";
import { purchases, runPurchases } from "../projections/analytics/random-purchases.ts";
import { runSale, sales } from "../projections/random-sale.ts";

const ajv = new Ajv2020();
const validators = new Map(documentedEvents().map(({ type, schema }) => [type, ajv.compile(schema)]));

describe("documented schemas of events", () => {
  it("there is one for each type, in the version that is written today", () => {
    const documented = documentedEvents();
    expect(documented.map(({ type }) => type)).toEqual(declaredTypes().toSorted());
    for (const { type, version, cloudEventType } of documented) {
      expect([version, cloudEventType]).toEqual([currentVersion(type), `boxoffice.${type}.v${version}`]);
    }
  });

  it.each(keptEvents())("$file, as it reads today, is as documented", ({ type, version, kept }) => {
    const data = upcast(type, version, kept.data);
    expect(EVENT_SCHEMAS[type]?.safeParse(data).error).toBeUndefined();
    const validate = validators.get(type);
    validate?.(data);
    expect(validate?.errors).toBeNull();
    // A member less is another shape: all that is always there has to be.
    const members = Object.keys(data as object);
    const required = (documentedEvents().find((one) => one.type === type)?.schema.required ?? []) as string[];
    for (const member of required) expect(members).toContain(member);
    for (const member of required) {
      const { [member]: _, ...rest } = data as Record<string, unknown>;
      expect(validate?.(rest), member).toBe(false);
    }
  });

  it("fit whatever sales and purchases record", () => {
    fc.assert(
      fc.property(sales, purchases, (sale, bought) => {
        for (const { event } of [...runSale(sale).map(({ fact }) => fact), ...runPurchases(bought)]) {
          expect(EVENT_SCHEMAS[event.type]?.safeParse(event.data).error, event.type).toBeUndefined();
        }
      }),
      { numRuns: 30 },
    );
  });
});
