import { PassThrough } from "node:stream";
import { ExecutionDoesNotExist } from "@aws-sdk/client-sfn";
import { describe, expect, test, vi } from "vitest";
import { askFirst } from "../../operator/acts/ask-first.ts";
import { claimsOf } from "../../operator/acts/claims.ts";
import { type Execution, follow } from "../../operator/acts/follow.ts";
import type { Hand } from "../../operator/acts/hand.ts";
import { MEANINGS } from "../../operator/acts/meanings.ts";
import { demandRekeyable } from "../../operator/acts/meant.ts";
import { outcomeOf, resultOf } from "../../operator/acts/results.ts";
import { resultOfRun } from "../../operator/acts/run-over-many.ts";
import { executionNameFor } from "../../operator/acts/start.ts";
import { awaitTurn } from "../../operator/acts/turn-secret.ts";
import { run as check } from "../../operator/commands/check.ts";
import { quarantine } from "../../operator/commands/operate.ts";
import { run as rekey } from "../../operator/commands/rekey.ts";
import { run as rotate } from "../../operator/commands/rotate.ts";
import type { Context } from "../../operator/context.ts";
import type { Instance } from "../../operator/reads/instances.ts";

const notes: string[] = [];
const place = { said: "in eu-west-1, stack Keyturn", kind: "aws" };
const out = { note: (text: string) => notes.push(text), progress: () => {} };
const contextOf = (stopped = new AbortController().signal) => ({ place, out, stopped }) as unknown as Context;

describe("asking first", () => {
  /** A terminal on which somebody types something. */
  function asked(typed: string | undefined, stopped?: AbortSignal) {
    const input = Object.assign(new PassThrough(), { isTTY: true });
    const output = Object.assign(new PassThrough(), { isTTY: true });
    const answer = askFirst("rekey 50 instances", {}, contextOf(stopped), { input, output });
    if (typed === undefined) input.end();
    else input.write(typed);
    const end = answer.then(
      () => "yes",
      (error: Error) => error.message,
    );
    return end.then((is) => [String(output.read() ?? ""), is]);
  }
  const QUESTION = "Rekey 50 instances, in eu-west-1, stack Keyturn? [y/N] ";

  test.each(["y\n", "yes\n", " Y \n"])("%j is a yes", async (typed) => {
    expect(await asked(typed)).toEqual([QUESTION, "yes"]);
  });

  test.each([["\n"], ["no\n"], ["yess\n"], [undefined]])("%j is none", async (typed) => {
    expect(await asked(typed)).toEqual([QUESTION, "Nothing was done."]);
  });

  test("Ctrl-C is none, and says so", async () => {
    const stopped = new AbortController();
    setTimeout(() => stopped.abort(), 20);
    const [, is] = await asked("", stopped.signal);
    expect(is).not.toBe("yes");
    expect(notes).toEqual(["Nothing was done."]);
  });

  test("who has answered beforehand is not asked", async () => {
    const pipe = new PassThrough();
    await askFirst("rekey 50 instances", { yes: true }, contextOf(), { input: pipe, output: pipe });
    expect(pipe.read()).toBeNull();
  });
});

const execution = (more: Partial<Execution>): Execution => ({
  ...{ arn: "arn:aws:states:eu-west-1:111122223333:execution:keyturn-operate:one", status: "SUCCEEDED" },
  ...{ output: {}, error: "", cause: "", ...more },
});

describe("following", () => {
  const { signal } = new AbortController();

  test("goes on until it is over, also where it is not to be seen at first", async () => {
    const answers = [undefined, execution({ status: "RUNNING" }), execution({ output: { outcome: "DRILLED" } })];
    const onLook = vi.fn();
    const look = async () => answers.shift();
    const end = await follow(look, { stopped: signal, slower: 0.001, onLook });
    expect(end?.output).toEqual({ outcome: "DRILLED" });
    expect(onLook).toHaveBeenCalledTimes(2);
  });

  test("ends when it is stopped, whatever the look is waiting for", async () => {
    const stopped = new AbortController();
    const look = () => {
      stopped.abort();
      return new Promise<never>(() => {});
    };
    expect(await follow(look, { stopped: stopped.signal, slower: 0.001 })).toBeUndefined();
  });
});

describe("waiting for a credential's turn", () => {
  const unseen = async () => {
    throw new ExecutionDoesNotExist({ message: "no such", $metadata: {} });
  };
  /** What comes of it where nothing begins, by a clock that goes on with each look. */
  function awaited(stepMs: number, newest: () => Promise<string | undefined>) {
    let at = 0;
    const now = () => (at += stepMs);
    const hand = { sfn: { send: unseen }, stopped: new AbortController().signal, out, now } as unknown as Hand;
    return awaitTurn("arn:of:nothing", { newest }, hand).then((end) => resultOf("orders/db", end, {}, "Look."));
  }

  test("a refusal is the answer, and nothing was started", async () => {
    const { execution: started, ...rest } = await awaited(1000, async () => "Another rotation is under way.");
    expect(started).toBeUndefined();
    expect(rest).toMatchObject({ outcome: "REFUSED", code: 3, said: "Another rotation is under way." });
  });

  test("where neither it begins nor is refused, the waiting ends", async () => {
    const never = await awaited(400_000, async () => undefined);
    expect(never).toMatchObject({
      outcome: "NotBegun",
      code: 1,
      said: expect.stringMatching(/nor been refused\. Look\.$/),
    });
  });
});

test("who does not wait for a credential's turn learns whether it has begun", async () => {
  const sfn = { send: async () => ({ status: "RUNNING" }) };
  const hand = { sfn, stopped: new AbortController().signal, out, now: () => 0 } as unknown as Hand;
  const begun = await awaitTurn("arn:of:a-turn", { newest: async () => undefined }, hand, "begun");
  expect(begun).toMatchObject({ arn: "arn:of:a-turn", status: "RUNNING" });
});

describe("what came of it", () => {
  const HINT = "Look.";
  test.each([
    ["an outcome", { output: { outcome: "QUARANTINED" } }, ["QUARANTINED", 0]],
    ["an outcome that is a refusal", { output: { outcome: "RETIRED" } }, ["RETIRED", 3]],
    ["an outcome of a later version", { output: { outcome: "ELSE" } }, ["ELSE", 0, ""]],
    ["an error of whoever asked", refusal("UnknownId", "Who?"), ["REFUSED", 3, "Who?"]],
    ["another error", refusal("MISMATCH", "No."), ["MISMATCH", 1, "No. Look."]],
    ["an error of AWS", { status: "FAILED", error: "States.Runtime", cause: "" }, ["States.Runtime", 1, HINT]],
    ["its time ran out", { status: "TIMED_OUT" }, ["TIMED_OUT", 1, HINT]],
    ["it goes on", { status: "RUNNING" }, ["RUNNING", 130, "It goes on without this command. Look."]],
  ] as [string, Partial<Execution>, [string, number, string?]][])("%s", (_, end, [outcome, code, said]) => {
    const result = resultOf("a1b2c3", execution(end), MEANINGS.quarantine, HINT);
    expect(result).toMatchObject({ subject: "a1b2c3", outcome, code, ...(said !== undefined && { said }) });
  });

  test("of several the worst is the exit code", () => {
    const results = (codes: number[]) => codes.map((code) => ({ subject: "a1b2c3", outcome: "X", code, said: "" }));
    const codeOf = (codes: number[]) => outcomeOf("quarantine", results(codes) as never, contextOf()).code;
    expect(
      [
        [0, 0],
        [0, 3],
        [3, 1, 0],
        [1, 130],
      ].map(codeOf),
    ).toEqual([0, 3, 1, 130]);
  });

  test.each([
    [{ meant: 0, rekeyed: 0, failed: 0, outcome: "NOBODY" }, ["NOBODY", 3, "Nobody was meant."]],
    [
      { due: 2, turned: 2, skipped: 0, failed: 0, stopped: false },
      ["DONE", 0, "2 due, 2 turned, 0 skipped, 0 failed."],
    ],
    [
      { meant: 2, rekeyed: 1, failed: 1, outcome: "SOME_FAILED" },
      ["SOME_FAILED", 1, expect.stringContaining("1 failed")],
    ],
    [{}, ["DONE", 0, "."]],
  ])("of a run: %j", (output, [outcome, code, said]) => {
    expect(resultOfRun("rekey-1", execution({ output }))).toMatchObject({ outcome, code, said });
  });

  function refusal(error: string, cause: string) {
    return { status: "FAILED", error: `Keyturn.${error}`, cause } as const;
  }
});

test("an execution's name fits, and says what it is about", () => {
  const name = executionNameFor("quarantine-a1b2c3", Date.UTC(2026, 10, 26, 3, 4, 5, 678), "7d9b31");
  expect(name).toBe("quarantine-a1b2c3-20261126T030405Z-7d9b31");
  expect(executionNameFor("quarantine-a1b2c3", 0)).not.toBe(executionNameFor("quarantine-a1b2c3", 0));
});

test("of who asks the end is kept, which tells people apart", () => {
  const who = `arn:aws:sts::111122223333:assumed-role/${"long".repeat(20)}/somebody@example.com`;
  expect(claimsOf({ who }, "audit")).toEqual({ requestedBy: who.slice(-100), reason: "audit" });
  expect(claimsOf({ who: "a\nb" }, undefined)).toEqual({ requestedBy: "a?b" });
});

test.each([
  [{ status: "RETIRED" }, false, /is retired/],
  [{ status: "QUARANTINED" }, false, /is in quarantine, and is not turned\. `keyturn release a1b2c3`/],
  [{ status: "NEW" }, false, /is new beside a former record/],
  [{ status: "ACTIVE", agentVersion: "0.0.1" }, false, /The agent of a1b2c3 is older than/],
  [{ status: "ACTIVE", agentVersion: "0.0.1" }, true, undefined],
  [{ status: "STOPPED", agentVersion: "99.0.0" }, false, undefined],
] as [Partial<Instance>, boolean, RegExp | undefined][])(
  "whether %j can be rekeyed, anew %j",
  (more, anew, refusal) => {
    const rekeyed = () => demandRekeyable({ id: "a1b2c3", ec2InstanceId: "", ...more } as Instance, anew);
    if (refusal === undefined) rekeyed();
    else expect(rekeyed).toThrow(refusal);
  },
);

describe("what makes no sense is refused before anything is asked", () => {
  const ID = "a1b2c3";
  const many = Array.from({ length: 1001 }, (_, i) => i.toString(16).padStart(6, "0"));
  test.each([
    ["check nobody", check, [], {}, /Name IDs, or --all/],
    ["check one and all", check, [ID], { all: true }, /one of these/],
    ["check too many", check, many, {}, /At most 1000 IDs/],
    ["check a host", check, ["i-0abc1234def567890"], {}, /"i-0abc1234def567890" is not the ID of an instance/],
    ["rekey nobody", rekey, [], {}, /Name IDs, or --cause, or --all/],
    ["rekey one and all", rekey, [ID], { all: true }, /one of these/],
    ["rekey by a cause that there is not", rekey, [], { cause: "MISMATCHES" }, /Did you mean MISMATCH\?/],
    ["rekey since whenever", rekey, [], { all: true, since: "yesterday" }, /"yesterday" is no moment/],
    ["rekey one since", rekey, [ID], { since: "2026-11-26T03:00:00Z" }, /left out of one/],
    ["rekey too many", rekey, many, {}, /At most 1000 IDs/],
    ["rotate nobody", rotate, [], {}, /Name IDs or one secret, or --all, or --where/],
    ["rotate one and all", rotate, [ID], { all: true }, /one of these/],
    ["rotate two secrets", rotate, ["orders/db", "shop/token"], {}, /One secret is turned at a time/],
    ["rotate a secret and an instance", rotate, ["orders/db", ID], {}, /no instances beside it/],
    ["rotate a host", rotate, ["i-0abc1234def567890"], {}, /by their IDs, of 6 characters/],
    ["heal an instance", rotate, [ID], { heal: true }, /--heal and --force are about a secret/],
    ["a reason of many lines", quarantine, [ID], { reason: "a\nb" }, /--reason takes one line/],
    ["a long reason", rotate, [ID], { reason: "x".repeat(201) }, /at most 200 characters/],
  ] as const)("%s", async (_, run, typed, options, problem) => {
    const given = { arguments: [...typed], options: options as never };
    await expect(run(given, contextOf())).rejects.toMatchObject({ code: 2, message: expect.stringMatching(problem) });
  });
});
