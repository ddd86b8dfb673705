import assert from "node:assert/strict";
import type { Status } from "../../../functions/record/record.ts";
import type { Definitions } from "../definitions.ts";
import { World } from "../world.ts";
import type { Check, End, Scenario } from "./scenario.ts";

const ID = "0a1b2c";
const EC2 = "i-0123456789abcdef0";
/** The name of an execution that is a drill. */
const DRILL = "drill-1";

const settled = (status: Status) => (world: World) => world.settledHost(ID, EC2, { status });
const claims = { reason: "it is tried", requestedBy: "the harness" };
const act = (name: string) => (world: World) => world.start("operate", { act: name, id: ID, ...claims });
const rekeyOf = (many: object) => (world: World) => world.start("operate", { act: "rekey", ...many, ...claims });
const drill = (world: World) => world.start("operate", { act: "drill", ...claims }, DRILL);
/** What concerns whoever started it, and nobody else. */
const quiet = (end: string): End => ({ end, mails: 0 });

/** What an execution comes to that is started with this, in a world with one host. */
async function cameTo(definitions: Definitions, input: unknown) {
  const world = new World({ definitions });
  await settled("ACTIVE")(world);
  world.start("operate", input);
  await world.settle();
  const [execution] = world.flows.executions("operate");
  assert(execution);
  return { world, error: execution.error, cause: execution.cause };
}

/** An act is one write: whatever is lost of it, it takes place, and comes to what it would have. */
const outlasts = (name: string, from: Status, outcome: string, to: Status): Check => ({
  name: `${name}: its write, or the answer to it, is lost`,
  async run(definitions) {
    for (const what of ["loses", "dies"] as const) {
      for (const when of ["before", "after"] as const) {
        const world = new World({ definitions, faults: [{ call: `registry.${name}`, when, what }] });
        await settled(from)(world);
        act(name)(world);
        await world.settle();
        const [execution] = world.flows.executions("operate");
        assert.equal(execution?.output, JSON.stringify({ outcome, id: ID }), `${what} ${when}`);
        assert.equal(world.registry.records.get(ID)?.status, to, `${what} ${when}`);
      }
    }
  },
});

const refuses = (name: string, input: unknown, error: string, sentence: string): Check => ({
  name: `${name} is refused with a sentence for whoever asked, and nobody is mailed`,
  async run(definitions) {
    const { world, ...came } = await cameTo(definitions, input);
    assert.deepEqual(came, { error, cause: sentence });
    assert.deepEqual(world.mail.sent, []);
    assert.equal(world.registry.records.get(ID)?.status, "ACTIVE");
  },
});

export const scenario: Scenario = {
  routes: [
    // The first is struck in every way: it is the one that makes more than one write.
    { name: "a drill", arrange: settled("ACTIVE"), start: drill, comesTo: { end: "DRILLED", mails: 1 } },
    {
      name: "a drill, a try of which has claimed to mail and died",
      async arrange(world) {
        const at = world.clock.now();
        const begun = { since: at, seenAt: at, times: 1, execution: "its own", facts: {}, claimedUntil: at + 120_000 };
        await world.findings.write({ subject: DRILL, cause: "Drill", ...begun }, undefined);
      },
      start: drill,
      comesTo: { end: "DRILLED", mails: 1 },
    },
    { name: "a quarantine", arrange: settled("ACTIVE"), start: act("quarantine"), comesTo: quiet("QUARANTINED") },
    {
      name: "a quarantine of what is in one",
      ...{ arrange: settled("QUARANTINED"), start: act("quarantine"), comesTo: quiet("QUARANTINED") },
    },
    { name: "a release", arrange: settled("QUARANTINED"), start: act("release"), comesTo: quiet("RELEASED") },
    {
      name: "a release of what is in no quarantine",
      ...{ arrange: settled("ACTIVE"), start: act("release"), comesTo: quiet("NOT_QUARANTINED") },
    },
    {
      name: "a retirement of what is left of a host that is gone",
      async arrange(world) {
        const host = await settled("ACTIVE")(world);
        host.state = "terminated";
      },
      start: act("retire"),
      comesTo: quiet("RETIRED"),
    },
    {
      name: "a rekey of a host whose key somebody has altered",
      since: "Rekey",
      arrange: async (world) => (await settled("ACTIVE")(world)).alterKey(),
      ...{ start: act("rekey"), comesTo: quiet("REKEYED") },
    },
    {
      name: "a rekey of a host that is off",
      since: "Rekey",
      async arrange(world) {
        const host = await settled("STOPPED")(world);
        host.state = "stopped";
      },
      ...{ start: act("rekey"), comesTo: quiet("WAITING") },
    },
    {
      name: "a rekey of what is in quarantine",
      since: "Rekey",
      ...{ arrange: settled("QUARANTINED"), start: act("rekey"), comesTo: quiet("QUARANTINED") },
    },
    {
      name: "a rekey of all that are named, of which there is one",
      since: "ListMeant",
      arrange: settled("ACTIVE"),
      start: rekeyOf({ ids: [ID] }),
      strikes: "own",
      comesTo: quiet("meant 1, rekeyed 1, waiting 0, skipped 0, failed 0"),
    },
    {
      name: "a rekey of all of whom a finding stands, of which there is none",
      since: "ListMeant",
      arrange: settled("ACTIVE"),
      start: rekeyOf({ cause: "MISMATCH" }),
      comesTo: quiet("meant 0, rekeyed 0, waiting 0, skipped 0, failed 0"),
    },
  ],

  breaksMap: {
    /** Somebody stops the execution that runs an item, while its rekey is under way. */
    RekeyEach(world) {
      world.functions.replaced.set("operate/rekey", (step) => async (input, neighbours) => {
        await world.flows.stopItem("operate");
        return step(input, neighbours);
      });
    },
  },

  edges: [
    outlasts("quarantine", "ACTIVE", "QUARANTINED", "QUARANTINED"),
    outlasts("release", "QUARANTINED", "RELEASED", "ACTIVE"),
    outlasts("retire", "ACTIVE", "RETIRED", "RETIRED"),
    refuses(
      "an ID that nobody has",
      { act: "quarantine", id: "ffffff" },
      "Keyturn.UnknownId",
      "No instance is registered under ffffff, so nothing was done. Look at the ID.",
    ),
    refuses(
      "an act that there is not",
      { act: "quarantined", id: ID },
      "Keyturn.InvalidInput",
      "validate-act: act must be one of quarantine, release, retire, rekey, drill",
    ),
    {
      name: "a rekey of a host that its push does not reach stands, and people were told by its rotation",
      async run(definitions) {
        const world = new World({ definitions, deliveries: [{ arrives: 0, told: 1 }] });
        await settled("ACTIVE")(world);
        act("rekey")(world);
        await world.settle();
        const [execution] = world.flows.executions("operate");
        assert.equal(execution?.error, "Keyturn.NotRekeyed");
        assert.equal(world.mail.sent.length, 1);
      },
    },
    {
      name: "a drill mails, however soon after the last one",
      async run(definitions) {
        const world = new World({ definitions });
        for (const name of ["one", "another"]) world.start("operate", { act: "drill" }, name);
        await world.settle();
        const subjects = world.mail.sent.map(({ subject }) => subject);
        assert.deepEqual(subjects.sort(), ["Keyturn: Drill on another", "Keyturn: Drill on one"]);
      },
    },
  ],

  end({ output, error }) {
    const { outcome, meant, rekeyed, waiting, skipped, failed } = JSON.parse(output ?? "{}");
    if (error !== null || meant === undefined) return error ?? outcome;
    return `meant ${meant}, rekeyed ${rekeyed}, waiting ${waiting}, skipped ${skipped}, failed ${failed}`;
  },

  failsWith(state, error) {
    // It is for whoever started it, who looks how it ended.
    if (error === "UnknownId" || (state === "ValidateAct" && error === "InvalidInput"))
      return quiet(`Keyturn.${error}`);
    if (error === "AgentTooOld") return quiet(`Keyturn.${error}`);
    if (state === "RekeyOne" && error === "StepFunctions.ExecutionAlreadyExistsException")
      return quiet("meant 1, rekeyed 0, waiting 0, skipped 1, failed 0");
    // It counts as one that failed, and has told people itself where nobody but they can mend it.
    if (state === "RekeyOne" && error === "States.TaskFailed")
      return quiet("meant 1, rekeyed 0, waiting 0, skipped 0, failed 1");
    // Of one that is not even started nobody is told but by the run.
    if (state === "RekeyOne") return { end: "RekeyStopped", mails: 1 };
    // What was stopped with it people are told of as well.
    if (state === "RekeyEach") return { end: "States.ExceedToleratedFailureThreshold", mails: 2 };
    // What Step Functions calls an error of its own that its client does not name.
    if (error === "StepFunctions.AccessDeniedException")
      return { end: "StepFunctions.AWSStepFunctionsException", mails: 1 };
    // A rule tells of it.
    return { end: error, mails: 1 };
  },
};
