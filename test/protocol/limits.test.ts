import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { LOCK_WAIT_MS } from "../../agent/commands/wiring.ts";
import { TURN_DOCUMENT } from "../../agent/ssm-document.ts";
import { contract as register } from "../../functions/registration/register/contract.ts";
import { checkSettings } from "../../infra/settings.ts";
import {
  DELIVERY_SECONDS,
  HOOKS_SECONDS,
  LOCK_WAIT_SECONDS,
  PUSH_TIMEOUT_SECONDS,
  REGISTRATION_CALL_SECONDS,
  SAMPLE_SECONDS,
  TICKET_SECONDS,
  TURN_SECONDS,
} from "../../protocol/index.ts";
import type { Retrier } from "../../statemachines/definition.ts";
import { waitsOf } from "../harness/limits.ts";
import { FLOW_FILES, type State } from "../statemachines/definitions.ts";

/** What a step may take besides: the start of a process, a cold start of a function. */
const SLACK_SECONDS = 20;

const rotation = FLOW_FILES.find(({ name }) => name === "rotation");
const asking = retrierOf(rotation?.States.AskForReceipt, "PushUnanswered");

/** What to do about a limit that is too low. */
const raise = (limit: string) => `Raise ${limit} in protocol/limits.ts, or lower what it must outlast`;

function retrierOf(state: State | undefined, error: string): Retrier {
  const found = state?.Retry?.find(({ ErrorEquals }) => ErrorEquals.includes(error));
  if (found === undefined) throw new Error(`${error} is not tried again`);
  return found;
}

describe("on the instance", () => {
  test("a turn waits for its lock longer than another one may hold it", () => {
    expect(LOCK_WAIT_SECONDS, raise("LOCK_WAIT_SECONDS")).toBeGreaterThanOrEqual(
      REGISTRATION_CALL_SECONDS + SAMPLE_SECONDS + HOOKS_SECONDS + SLACK_SECONDS,
    );
    expect(LOCK_WAIT_MS, "agent/commands/wiring.ts: take LOCK_WAIT_MS from LOCK_WAIT_SECONDS of the protocol").toBe(
      LOCK_WAIT_SECONDS * 1000,
    );
  });

  test("the command with a turn outlasts its ticket, lock, the call for a rekey's key, sample and hooks together", () => {
    const locked = REGISTRATION_CALL_SECONDS + SAMPLE_SECONDS + HOOKS_SECONDS;
    const longest = TICKET_SECONDS + LOCK_WAIT_SECONDS + locked + SLACK_SECONDS;
    expect(TURN_SECONDS, raise("TURN_SECONDS")).toBeGreaterThanOrEqual(longest);
    const message = "agent/ssm-document.ts: take timeoutSeconds from TURN_SECONDS of the protocol";
    expect(TURN_DOCUMENT.mainSteps[0].inputs.timeoutSeconds, message).toBe(String(TURN_SECONDS));
  });
});

describe("a push", () => {
  const command = DELIVERY_SECONDS + TURN_SECONDS;

  test("is given to SSM for no less than SSM takes", () => {
    expect(
      DELIVERY_SECONDS,
      "protocol/limits.ts: SSM takes no command with less than 30 s to be delivered",
    ).toBeGreaterThanOrEqual(30);
  });

  test("waits for its event until its command must be over, whatever the setting", () => {
    expect(PUSH_TIMEOUT_SECONDS.least, raise("PUSH_TIMEOUT_SECONDS.least")).toBeGreaterThanOrEqual(
      command + SLACK_SECONDS,
    );
    const { context } = JSON.parse(readFileSync(new URL("../../cdk.json", import.meta.url), "utf8"));
    const withTimeout = (pushTimeoutSeconds: number) => checkSettings({ ...context.keyturn, pushTimeoutSeconds });
    const message =
      "infra/settings.ts: let pushTimeoutSeconds be from PUSH_TIMEOUT_SECONDS.least to .most of the protocol";
    for (const allowed of Object.values(PUSH_TIMEOUT_SECONDS)) {
      expect(withTimeout(allowed).pushTimeoutSeconds, message).toBe(allowed);
    }
    expect(() => withTimeout(PUSH_TIMEOUT_SECONDS.least - 1), message).toThrow("pushTimeoutSeconds");
    expect(() => withTimeout(PUSH_TIMEOUT_SECONDS.most + 1), message).toThrow("pushTimeoutSeconds");
  });

  test("is asked about until the command of the one that replaced it must be over", () => {
    const message =
      "statemachines/rotation.asl.yaml, AskForReceipt: let Retry on PushUnanswered wait longer or more often";
    expect(waitsOf(asking), message).toBeGreaterThanOrEqual(command);
  });
});

describe("a registration", () => {
  test("is waited for by the agent longer than the function takes", () => {
    const message =
      "Raise REGISTRATION_CALL_SECONDS in protocol/limits.ts, or lower timeoutSeconds in register's contract";
    expect(REGISTRATION_CALL_SECONDS, message).toBeGreaterThan(register.timeoutSeconds);
  });
});
