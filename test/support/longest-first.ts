import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * The specs that take longest, from half a minute on; `npm test` says of each how long it took. One of them that began last
 * would keep one worker while the others have nothing left to do. Beside the first, which waits for nearly all of its three
 * minutes, come those that start many processes, then those that wait.
 */
export const LONGEST = [
  "test/rehearsal/rehearsal.integration.spec.ts",
  "test/system/takeovers.integration.spec.ts",
  "test/torture/torture.integration.spec.ts",
  "test/system/crashes.integration.spec.ts",
  "test/system/called-off.integration.spec.ts",
  "test/system/buying-under-kills.integration.spec.ts",
  "test/pages/waiting-room-page.integration.spec.ts",
  "test/api/stripe-outages.integration.spec.ts",
  "test/system/paying.integration.spec.ts",
  "test/pages/tickets-page.integration.spec.ts",
  "test/api/documentation/docs-page.integration.spec.ts",
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
