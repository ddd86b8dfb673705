import type { Reporter, TestModule } from "vitest/node";

/** Closes the run's output with one line that says how it went: `123 passed, 0 failed`. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    let passed = 0;
    let failed = unhandledErrors.length;
    let skipped = 0;
    for (const module of modules) {
      const tests = [...module.children.allTests()];
      for (const test of tests) {
        const state = test.result().state;
        if (state === "passed") passed += 1;
        else if (state === "failed") failed += 1;
        else skipped += 1;
      }
      // A file or a suite that broke outside any test is a failure too.
      failed += module.errors().length;
      for (const suite of module.children.allSuites()) failed += suite.errors().length;
    }
    const skips = skipped > 0 ? `, ${skipped} skipped` : "";
    // After the other reporters have printed theirs, so that this line is the last.
    process.on("exit", () => process.stdout.write(`${passed} passed, ${failed} failed${skips}\n`));
  }
}
