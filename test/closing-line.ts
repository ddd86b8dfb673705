import type { Reporter, TestModule } from "vitest/node";

/**
 * Closes the run's output with one line that says how it went: `123 passed, 0 failed`. Above it stands, for each reason
 * that a file gave for skipping tests, how many: beside a file's green mark only their number would be seen.
 */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    let passed = 0;
    let failed = unhandledErrors.length;
    let skipped = 0;
    const reasons: string[] = [];
    for (const module of modules) {
      const tests = [...module.children.allTests()];
      for (const test of tests) {
        const result = test.result();
        if (result.state === "passed") passed += 1;
        else if (result.state === "failed") failed += 1;
        else skipped += 1;
        if (result.state === "skipped" && result.note) reasons.push(`${module.relativeModuleId}: ${result.note}`);
      }
      // A file or a suite that broke outside any test is a failure too.
      failed += module.errors().length;
      for (const suite of module.children.allSuites()) failed += suite.errors().length;
    }
    const why = [...Map.groupBy(reasons, (reason) => reason)].map(
      ([reason, all]) => `${all.length} skipped in ${reason}\n`,
    );
    const skips = skipped > 0 ? `, ${skipped} skipped` : "";
    // After the other reporters have printed theirs, so that this line is the last.
    process.on("exit", () => process.stdout.write(`${why.join("")}${passed} passed, ${failed} failed${skips}\n`));
  }
}
