import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { SETTINGS } from "../../functions/shared/settings.ts";
import { functionNameOf, STEPS } from "../../functions/steps.ts";
import { type Bundles, makeBundles } from "../../infra/bundles.ts";

const MOST_BYTES = 500_000;

describe("bundles", () => {
  const folder = mkdtempSync(join(tmpdir(), "keyturn-bundles-"));
  let bundles: Bundles;
  beforeAll(async () => {
    bundles = await makeBundles(folder);
  });
  afterAll(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });

  test("there is one file for each function, and none is larger than 500 kB", () => {
    for (const step of STEPS) {
      const place = bundles.folderOf(functionNameOf(step));
      expect(readdirSync(place), `infra/bundles.ts: bundle ${step.name} into index.mjs alone`).toEqual(["index.mjs"]);
      const message = `${step.name} would start slowly: look at what its files import, and load less`;
      expect(statSync(join(place, "index.mjs")).size, message).toBeLessThan(MOST_BYTES);
    }
  });

  test("each loads by itself and has the handler that Lambda calls", async () => {
    for (const name of Object.keys(SETTINGS)) vi.stubEnv(name, name.endsWith("_SECONDS") ? "60" : "x");
    vi.stubEnv("NONCE_MODE", "hmac");
    vi.stubEnv("TIME_SERIES", "timestream");
    vi.stubEnv("FORMER_TIME_SERIES", "none");
    for (const step of STEPS) {
      const { handler } = await import(join(bundles.folderOf(functionNameOf(step)), "index.mjs"));
      expect(handler, `${step.name}: export handler from its lambda.ts`).toBeTypeOf("function");
    }
  });

  test("what goes onto an instance is the agent, and how it is started", () => {
    const files = ["keyturn-agent", "keyturn-agent.mjs", "keyturn-agent.service"];
    const message = "infra/bundles.ts puts these into the agent's folder, and no others: correct it, or the list here";
    expect(readdirSync(bundles.agentFolder).sort(), message).toEqual(files);
  });
});
