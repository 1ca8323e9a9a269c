import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Specs that take random examples, and their time. */
const WITH_PROPERTIES = /-laws\.spec|snapshot\.spec|waitlist\.spec|waitlist-ending\.spec/;

/** The first spec that fails ends a mutant's run: quick ones come first. */
class ExamplesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isSlow = ({ moduleId }: TestSpecification) => Number(WITH_PROPERTIES.test(moduleId));
    return files.toSorted((a, b) => isSlow(a) - isSlow(b) || a.moduleId.localeCompare(b.moduleId));
  }
}

/** The specs of the domain alone, as Stryker runs them against each mutant. */
export default defineConfig({
  test: {
    name: "domain",
    include: ["test/domain/**/*.spec.ts"],
    // A first run with MUTATE=examples is quick; one without it then runs the others against those that survived.
    exclude:
      process.env.MUTATE === "examples"
        ? ["test/domain/*-laws.spec.ts", "test/domain/{inventory-snapshot,waitlist-ending}.spec.ts"]
        : [],
    setupFiles: ["test/mutation/same-each-time.ts"],
    sequence: { sequencer: ExamplesFirst },
    isolate: false, // they keep nothing anywhere, and reading the code anew for each file is most of their time
    testTimeout: 30_000,
  },
});
