import { expect, test } from "vitest";
import { npmWroteFirst, readDemoOptions } from "../../local/demo/options.ts";

const byNpm = (more: NodeJS.ProcessEnv = {}) => ({
  npm_lifecycle_event: "demo",
  npm_config_user_agent: "npm/11.19.1 node/v24.21.0 linux x64 workspaces/false",
  ...more,
});

test.each([
  ["node local/demo.ts --json", ["--json"], {}, false],
  ["npm run demo -- --json", ["--json"], byNpm(), true],
  ["npm run --silent demo -- --json", ["--json"], byNpm({ npm_config_loglevel: "silent" }), false],
  ["npm run demo --json", [], byNpm({ npm_config_json: "true" }), false],
  ["npm 12: npm run demo -- --json", ["--json"], byNpm({ npm_config_user_agent: "npm/12.2.1 node/v24.21.0" }), false],
])("%s is JSON; npm writes lines of its own before it: %j %j %s", (_, args, environment, wrote) => {
  expect(readDemoOptions(args, environment)).toEqual({ json: true });
  expect(npmWroteFirst(environment)).toBe(wrote);
});

test("without --json it is for people", () => {
  expect(readDemoOptions([], byNpm())).toEqual({ json: false });
});
