import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * The specs that take longest, from half a minute on, and some that wait; `npm test` says of each how long it took. One of them
 * that began last would keep one worker while the other has nothing left to do. The first is a whole on-sale, which is late
 * where it has no processor: those beside it mostly wait. Those that kill processes come by turns with such as wait, too.
 */
export const LONGEST = [
  "test/rehearsal/rehearsal.integration.spec.ts",
  "test/api/stripe-outages.integration.spec.ts",
  "test/system/paying.integration.spec.ts",
  "test/pages/tickets-page.integration.spec.ts",
  "test/api/documentation/docs-page.integration.spec.ts",
  "test/torture/torture.integration.spec.ts",
  "test/pages/waiting-room-page.integration.spec.ts",
  "test/system/crashes.integration.spec.ts",
  "test/api/old-backup.integration.spec.ts",
  "test/system/buying-under-kills.integration.spec.ts",
  "test/api/waiting-room-ways.integration.spec.ts",
  "test/system/takeovers.integration.spec.ts",
  "test/payments/sandbox-process.integration.spec.ts",
  "test/system/called-off.integration.spec.ts",
] as const;

/** The longest specs first; then those of each project in the order that the runner has of its own. */
export class LongestFirst extends BaseSequencer {
  override async sort(specs: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(specs);
    const turnOf = ({ moduleId }: TestSpecification) => {
      const place = LONGEST.findIndex((path) => moduleId.endsWith(`/${path}`));
      return place === -1 ? LONGEST.length : place;
    };
    return sorted.toSorted((a, b) => turnOf(a) - turnOf(b));
  }
}
