import type { Reporter, TestModule } from "vitest/node";

/**
 * Closes the run's output with one line that says how it went: `123 passed, 0 failed`. The lines before it say why tests
 * were skipped, which Vitest tells only where it lists every test.
 */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    let passed = 0;
    let failed = unhandledErrors.length;
    let skipped = 0;
    const notes = new Map<string, number>();
    for (const module of modules) {
      const tests = [...module.children.allTests()];
      for (const test of tests) {
        const result = test.result();
        if (result.state === "passed") passed += 1;
        else if (result.state === "failed") failed += 1;
        else skipped += 1;
        if (result.state === "skipped" && result.note) notes.set(result.note, (notes.get(result.note) ?? 0) + 1);
      }
      // A file or a suite that broke outside any test is a failure too.
      failed += module.errors().length;
      for (const suite of module.children.allSuites()) failed += suite.errors().length;
    }
    const skips = skipped > 0 ? `, ${skipped} skipped` : "";
    // After the other reporters have printed theirs, so that this line is the last.
    const reasons = [...notes].map(([note, count]) => `${count} skipped: ${note}\n`).join("");
    process.on("exit", () => process.stdout.write(`${reasons}${passed} passed, ${failed} failed${skips}\n`));
  }
}
