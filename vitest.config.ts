import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["**/*.test.ts"],
    exclude: ["node_modules/**", "cdk.out/**", "test/aws/**"],
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
