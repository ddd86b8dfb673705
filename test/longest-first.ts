import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The files that take longest, the longest first. */
const LONGEST = [
  "test/harness/crashes.test.ts",
  "test/flows/rights.test.ts",
  "test/second-opinion/second-opinion.test.ts",
  "test/docs/runbook.test.ts",
  "test/demo/demo.test.ts",
  "test/docs/ten-minutes.test.ts",
  "test/infra/template.test.ts",
  "test/restart/chosen-moments.test.ts",
  "test/cli/aws-cli.test.ts",
  "test/durability/faults.test.ts",
  "test/token/never-refused.test.ts",
  "test/credential/late-calls.test.ts",
  "test/cli/documents.test.ts",
  "test/restart/database.test.ts",
  "test/page/views.browser.test.ts",
  "test/credential/original.test.ts",
  "test/restart/refusals.test.ts",
  "test/restart/killed-parents.test.ts",
  "test/flows/moving-samples.test.ts",
  "test/infra/install.test.ts",
  "test/flows/credential-rights.test.ts",
  "test/infra/deploy/commands.test.ts",
  "test/token/late-calls.test.ts",
  "test/infra/settings-commands.test.ts",
  "test/durability/kills.test.ts",
  "test/infra/bundles.test.ts",
  "test/local/play/plays.test.ts",
  "test/page/open.test.ts",
  "test/page/trouble.browser.test.ts",
  "test/local/play/kill.test.ts",
  "test/page/weight.browser.test.ts",
  "test/local/orders/whole.test.ts",
  "test/agent/process.test.ts",
  "test/restart/random-moments.test.ts",
  "test/upgrade/upgrade.test.ts",
  "test/flows/clients.test.ts",
  "test/credential/table.test.ts",
  "test/flows/state-failures.test.ts",
  "test/harness/watch-clock.test.ts",
  "test/harness/checks.test.ts",
  "test/cli/orders.test.ts",
  "test/credential/elsewhere.test.ts",
  "test/flows/watch.test.ts",
  "test/harness/watch-scale.test.ts",
  "test/page/newcomer.browser.test.ts",
  "test/page/keyboard.browser.test.ts",
  "test/flows/fleet.test.ts",
  "test/flows/lag.test.ts",
  "test/local/postgres/server.test.ts",
  "test/durability/credential-faults.test.ts",
];

/**
 * So that no worker has a long file left when the others are done; a fresh clone does not know yet how long each takes.
 *
 * @throws Error when a file is listed that is not there
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const { root } = this.ctx.config;
    const gone = LONGEST.filter((file) => !existsSync(join(root, file)));
    if (gone.length > 0) throw new Error(`test/longest-first.ts lists what is not there: ${gone.join(", ")}`);
    const rank = ({ moduleId }: TestSpecification) => {
      const place = LONGEST.indexOf(relative(root, moduleId));
      return place === -1 ? LONGEST.length : place;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}
