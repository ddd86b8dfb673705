import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/longest-first.ts";

/**
 * Files that start no process, and leave behind what they found. A worker runs one after the other, and loads what they
 * import, the AWS SDK and the CDK above all, once. Every other file has a process of its own.
 */
const SHARING = [
  "packages/embedded-aws/test/*/!(machine|kill|restart).test.ts",
  "test/agent/!(process|lock|two-daemons).test.ts",
  "test/consumer/!(proof-writer.aws).test.ts",
  "test/{events,protocol,shape,statemachines}/*.test.ts",
  "test/functions/!(mysql|postgres)/!(*.postgres|*.mysql|*.databases).test.ts",
  "test/infra/!(bundles|install|deploy|destroy|settings-commands).test.ts",
];
const EVERY = ["**/*.test.ts"];
const NEVER = ["node_modules/**", "cdk.out/**", "test/aws/**"];

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
    maxWorkers: Math.ceil(1.5 * availableParallelism()),
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
