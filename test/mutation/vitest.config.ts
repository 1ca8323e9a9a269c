import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The first spec that fails ends a mutant's run: those that take random examples, and their time, come last. */
class ExamplesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isSlow = ({ moduleId }: TestSpecification) =>
      Number(/laws|snapshot|waitlist\.spec|waitlist-ending/.test(moduleId));
    return files.toSorted((a, b) => isSlow(a) - isSlow(b) || a.moduleId.localeCompare(b.moduleId));
  }
}

/** The specs of the domain alone, as Stryker runs them against each mutant. */
export default defineConfig({
  test: {
    name: "domain",
    include: ["test/domain/**/*.spec.ts"],
    setupFiles: ["test/mutation/same-each-time.ts"],
    sequence: { sequencer: ExamplesFirst },
    testTimeout: 30_000,
  },
});
