import { relative } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The files that take longest, the longest first. */
const LONGEST = [
  "test/harness/crashes.test.ts",
  "test/docs/runbook.test.ts",
  "test/flows/rights.test.ts",
  "test/docs/ten-minutes.test.ts",
  "test/demo/demo.test.ts",
  "test/cli/documents.test.ts",
  "test/restart/chosen-moments.test.ts",
  "test/durability/faults.test.ts",
  "test/restart/refusals.test.ts",
  "test/restart/database.test.ts",
  "test/cli/aws-cli.test.ts",
  "test/flows/moving-samples.test.ts",
  "test/infra/deploy/commands.test.ts",
  "test/restart/random-moments.test.ts",
  "test/durability/kills.test.ts",
  "test/credential/late-calls.test.ts",
  "test/credential/original.test.ts",
  "test/agent/process.test.ts",
  "test/harness/watch-clock.test.ts",
  "test/local/postgres/server.test.ts",
  "test/infra/install.test.ts",
  "test/restart/killed-parents.test.ts",
];

/** So that no worker has a long file left when the others are done; a fresh clone does not know yet how long each takes. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const place = LONGEST.indexOf(relative(this.ctx.config.root, moduleId));
      return place === -1 ? LONGEST.length : place;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}
