import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["**/*.test.ts"],
    exclude: ["node_modules/**", "cdk.out/**", "test/aws/**"],
    reporters: ["default", "./test/closing-line.ts"],
    testTimeout: 90_000,
    hookTimeout: 90_000,
  },
});
