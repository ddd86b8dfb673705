import { afterEach, expect, test, vi } from "vitest";
import type { StepContract } from "../../functions/shared/contract.ts";
import { settingsOf } from "../../functions/shared/neighbours.ts";
import { SETTINGS } from "../../functions/shared/settings.ts";
import { functionNameOf, modulePathOf, STEPS } from "../../functions/steps.ts";

const FORMS: Record<string, string> = {
  NONCE_MODE: "hmac",
  TIME_SERIES: "timestream",
  FORMER_TIME_SERIES: "dynamodb",
  CREDENTIALS: "[]",
  EXPOSED_KEYS: '{"then":"deactivate","denySessions":true,"regions":["us-east-1"],"lookBackHours":24}',
};
const NUMBERS = /_SECONDS$/;

afterEach(() => void vi.unstubAllEnvs());

test.each(STEPS.map((step: StepContract) => ({ name: functionNameOf(step), step })))(
  "$name says which settings it misses, and starts with those that follow from its contract",
  async ({ step }) => {
    const path = `../../${modulePathOf(step)}`;
    const settings = settingsOf(step);
    for (const name of settings) vi.stubEnv(name, undefined);
    if (settings.length > 0) await expect(import(path)).rejects.toThrow(`Missing environment variables:`);
    for (const name of settings) {
      vi.stubEnv(name, FORMS[name] ?? (NUMBERS.test(name) ? "60" : "some value"));
    }
    vi.resetModules();
    const { handler } = await import(path);
    expect(handler).toBeTypeOf("function");
  },
);

test("every setting reaches a step", () => {
  const reached = STEPS.flatMap((step: StepContract) => settingsOf(step));
  const message = `These are set and nobody reads them: say in functions/shared/neighbours.ts what is made of them`;
  expect(
    Object.keys(SETTINGS).filter((name) => !(reached as string[]).includes(name)),
    message,
  ).toEqual([]);
});

test("every function has a name of its own", () => {
  const names = STEPS.map((step: StepContract) => functionNameOf(step));
  const message =
    "Rename the step, in its contract.ts and its folder: functions need different names, in the form that AWS takes";
  expect(new Set(names).size, message).toBe(names.length);
  for (const name of names) expect(name, message).toMatch(/^[a-z-]{1,64}$/);
});
