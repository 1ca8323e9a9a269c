import type { Reporter, TestModule } from "vitest/node";

/** Says at the end of a run which tests did not run, and why: a skip that nobody sees hides a failure. */
export default class SkippedReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const reasons = new Map<string, string[]>();
    for (const module of modules) {
      for (const test of module.children.allTests("skipped")) {
        const result = test.result();
        const reason = (result.state === "skipped" && result.note) || "switched off in the spec";
        reasons.set(reason, [...(reasons.get(reason) ?? []), `${module.relativeModuleId} > ${test.fullName}`]);
      }
    }
    for (const [reason, names] of reasons) {
      console.log(`\nSkipped: ${reason}`);
      for (const name of names) console.log(`  ${name}`);
    }
  }
}
