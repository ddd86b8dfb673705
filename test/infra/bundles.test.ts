import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { SETTINGS } from "../../functions/shared/settings.ts";
import { functionNameOf, STEPS } from "../../functions/steps.ts";
import { type Bundles, isInParts, makeBundles } from "../../infra/bundles.ts";

const MOST_BYTES = 500_000;

/** What is loaded when a function starts: `index.mjs`, and what is imported from there without waiting to be asked for. */
function filesToStart(place: string, file = "index.mjs", known = new Set<string>()): Set<string> {
  if (known.has(file)) return known;
  known.add(file);
  const text = readFileSync(join(place, file), "utf8");
  for (const [, name = ""] of text.matchAll(/(?:from|import)\s*"\.\/([^"]+\.mjs)"/g)) filesToStart(place, name, known);
  return known;
}

function bytesToStart(place: string): number {
  return [...filesToStart(place)].reduce((sum, file) => sum + statSync(join(place, file)).size, 0);
}

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

  test("a function is one file, and one that speaks to databases several; none starts with more than 500 kB", () => {
    for (const step of STEPS) {
      const place = bundles.folderOf(functionNameOf(step));
      const files = readdirSync(place);
      if (!isInParts(step)) {
        expect(files, `infra/bundles.ts: bundle ${step.name} into index.mjs alone`).toEqual(["index.mjs"]);
      }
      const message = `${step.name} would start slowly: look at what its files import, and load less`;
      expect(bytesToStart(place), message).toBeLessThan(MOST_BYTES);
    }
  });

  test("the client of MySQL, and its half a megabyte of tables for other encodings, is in no function's start", () => {
    const parted = STEPS.filter(isInParts);
    expect(parted).not.toEqual([]);
    for (const step of parted) {
      const place = bundles.folderOf(functionNameOf(step));
      const having = readdirSync(place).filter((file) =>
        readFileSync(join(place, file), "utf8").includes("caching_sha2"),
      );
      expect(having, step.name).toEqual([expect.stringMatching(/^authority\.mysql-/)]);
      expect(filesToStart(place), step.name).not.toContain(having[0]);
      for (const file of readdirSync(place)) expect(statSync(join(place, file)).size, file).toBeLessThan(MOST_BYTES);
    }
  });

  test("what signs a manager's token loads by itself, when it is asked for, and signs by what Lambda's environment has", async () => {
    for (const [name, value] of Object.entries({ AWS_ACCESS_KEY_ID: "AKID", AWS_SECRET_ACCESS_KEY: "any" })) {
      vi.stubEnv(name, value);
    }
    vi.stubEnv("AWS_REGION", "eu-west-1");
    for (const step of STEPS.filter(isInParts)) {
      const place = bundles.folderOf(functionNameOf(step));
      const [file = "none", ...more] = readdirSync(place).filter((one) => one.startsWith("rds-token-"));
      expect(more, step.name).toEqual([]);
      expect(filesToStart(place), step.name).not.toContain(file);
      const { rdsToken } = await import(join(place, file));
      expect(await rdsToken({ host: "h", port: 5432, user: "boss" })).toMatch(
        /^h:5432\/\?.*DBUser=boss.*AKID.*eu-west-1/,
      );
    }
  });

  test("each loads by itself and has the handler that Lambda calls", async () => {
    for (const name of Object.keys(SETTINGS)) vi.stubEnv(name, name.endsWith("_SECONDS") ? "60" : "x");
    vi.stubEnv("NONCE_MODE", "hmac");
    vi.stubEnv("CREDENTIALS", "[]");
    vi.stubEnv("EXPOSED_KEYS", '{"regions":["us-east-1"]}');
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
