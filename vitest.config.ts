import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/longest-first.ts";
import { SHARING } from "./test/sharing.ts";

const EVERY = ["**/*.test.ts"];
const NEVER = ["node_modules/**", "cdk.out/**", "test/aws/**"];

// What Node has compiled of the AWS SDK and the CDK is kept for all the processes that load it, hundreds in a run; where the
// product keeps its own.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL("node_modules/.cache/keyturn", import.meta.url));

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: "alone", include: EVERY, exclude: [...NEVER, ...SHARING] } },
      { extends: true, test: { name: "sharing", include: SHARING, exclude: NEVER, isolate: false, unstubEnvs: true } },
    ],
    sequence: { sequencer: LongestFirst },
    setupFiles: ["./test/aws-settings.ts"],
    reporters: ["default", "./test/closing-line.ts"],
    // More than cores: most of the long tests wait for processes that they have started.
    maxWorkers: 2 * availableParallelism(),
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // What is waited for comes later on a busy machine; a second, as shipped, is a matter of luck there.
    expect: { poll: { timeout: 30_000 } },
    // `npm run coverage`. What runs as a process of its own, agents and bundles, is not counted.
    coverage: {
      include: [
        "{agent,consumer,events,functions,infra,local,protocol,statemachines}/**/*.ts",
        "packages/*/src/**/*.ts",
      ],
      reporter: ["text-summary", "html"],
    },
  },
});
