import { expect, test } from "vitest";
import { isRetired } from "../../functions/record/record.ts";
import { digestOf } from "../../functions/shared/digest.ts";
import { functionNameOf, STEPS } from "../../functions/steps.ts";
import { keyPair } from "../../protocol/index.ts";
import type { Host } from "../harness/host.ts";
import { World } from "../harness/world.ts";
import { chained } from "../protocol/audit-chains.ts";
import { askForTurn, CREDENTIAL_SITUATIONS, withConsumers } from "./credential/situations.ts";
import { before, type Situation } from "./situation.ts";
import { EC2, EXECUTION, hex64Of, ID, LINE, NOW, OTHER_EC2, seededRandom } from "./support.ts";

const A_DAY_MS = 24 * 3600 * 1000;

// That a step raises nothing which its contract does not declare, the harness holds in each of its runs.

function alter(world: World, change: object): void {
  const record = world.registry.records.get(ID);
  if (record !== undefined && !isRetired(record)) Object.assign(record, change);
}

const prints = (host: Host, printed: object | string) => {
  const output = typeof printed === "string" ? printed : JSON.stringify(printed);
  host.turn = async () => ({ output, success: false });
};
const receipt = { id: ID, generation: 2, proof: hex64Of("made up"), hooks: [] };
const newcomer = { id: ID, ip: "10.0.0.4", flag: "new", publicKey: hex64Of("public"), ec2InstanceId: OTHER_EC2 };
const { publicKey: _, ...update } = { ...newcomer, flag: "update" };
const invoke = (payload: object) => (world: World) =>
  world.functions.invoke(functionNameOf({ flow: "registration", name: "upsert-ip" }), payload);

/** A rekey that stands in the record, and steps that are passed only on its way: what each is told. */
const REKEY = { generation: 5, nonce: hex64Of("nonce"), openedAt: NOW, execution: "rekey-1", pushes: {} };
const answered = {
  ...{ ciphertext: "", agentPublic: hex64Of("another's"), serverPublic: hex64Of("server") },
  receiptDigest: hex64Of("digest"),
};
const of = { id: ID, ec2InstanceId: EC2, generation: REKEY.generation };
const behind = { samples: [{ timeMs: NOW, generation: 2, hash: "" }], claimed: 2, execution: EXECUTION };
const ON_A_REKEYS_WAY: Record<string, object> = {
  "registration/derive-rekey": {
    ...{ ...of, ip: "10.0.0.4", publicKey: keyPair(seededRandom()).publicKey },
    nonceDigest: digestOf(REKEY.nonce),
  },
  "rotation/validate-rekey": { id: ID },
  "rotation/confirm-rekey": { id: ID, generation: 5, receipt: { ...of, proof: hex64Of("made up"), hooks: [] } },
  "rotation/derive-again": { ...of, generation: 1, ...behind },
};
const invokeOnItsWay = (world: World, step: string) => {
  const contract = STEPS.find(({ flow, name }) => step === `${flow}/${name}`);
  if (contract === undefined) throw new Error(`There is no step ${step}.`);
  return world.functions.invoke(functionNameOf(contract), ON_A_REKEYS_WAY[step]);
};

/** The host whose record there is registers once more, or its key is turned. */
const registerOrTurn = (world: World, step: string) =>
  step === "registration/upsert-ip"
    ? invoke({ ...newcomer, id: "fffff1", ec2InstanceId: EC2 })(world)
    : world.start("rotation", { id: ID });

/** A person does something to the record, by the step of that name; or its key is turned. */
function operateOrTurn(world: World, step: string) {
  const [flow, act = ""] = step.split("/");
  if (flow === "fleet-rotation") return world.start(flow, { ids: [ID] });
  if (flow !== "operate") return world.start("rotation", { id: ID });
  return world.start("operate", { act: act === "validate-act" ? "release" : act, id: ID });
}

/** The record is that of a newcomer, whose former goes on writing. */
async function besideAFormer(world: World): Promise<void> {
  const record = world.registry.records.get(ID);
  if (record === undefined || isRetired(record)) throw new Error("there is no record");
  await world.registry.add({ ...record, id: "ffffff" });
  const owner = await world.registry.findOwner(EC2);
  await world.registry.writeOwner(EC2, { holder: "ffffff", newcomer: ID, cameAt: [] }, owner);
  alter(world, { status: "NEW", registeredAt: world.clock.now() });
}

/** For each error that contracts declare, how it comes about; those of credentials have their own. */
const SITUATIONS: Record<string, Situation> = {
  RegistrationFailed: {
    arrange: (world) => world.functions.next("registration/validate-id", { error: "SomethingElse" }),
    act: (world) => world.register(world.newHost(OTHER_EC2)),
  },
  RegistrationCutOff: {
    arrange(world) {
      world.functions.next("registration/validate-id", { error: "SomethingElse" });
      world.functions.next("registration/notify-sns", { error: "SomethingElse" });
    },
    act: (world) => world.register(world.newHost(OTHER_EC2)),
  },
  IdTaken: { arrange: () => {}, act: invoke(newcomer) },
  NotOwner: {
    arrange: (world, _, step) => {
      if (step in ON_A_REKEYS_WAY) alter(world, { ec2InstanceId: OTHER_EC2 });
    },
    act: invoke(update),
  },
  NoRekey: { arrange: () => {} },
  RekeyTaken: { arrange: (world) => alter(world, { rekey: { ...REKEY, agreed: answered } }) },
  Rekeying: {
    // One that is above what is awaited, which has gone.
    arrange: (world, _, step) =>
      before(world, step, () => alter(world, { rekey: { ...REKEY, generation: 9 }, pending: undefined })),
  },
  RecordBehind: { arrange: () => {} },
  AgentTooOld: { arrange: (world) => alter(world, { agentVersion: "0.1.0" }), act: operateOrTurn },
  UnknownId: {
    arrange: (world, _, step) => before(world, step, () => world.registry.records.delete(ID)),
    act: operateOrTurn,
  },
  Retired: {
    arrange: (world, _, step) =>
      before(world, step, async () => {
        await world.registry.noteEnded(EC2, { at: world.clock.now() });
        await world.registry.retire(ID, { ec2InstanceId: EC2, at: world.clock.now(), line: LINE });
      }),
    act: registerOrTurn,
  },
  Quarantined: {
    arrange: (world, _, step) => before(world, step, () => alter(world, { status: "QUARANTINED" })),
    act: registerOrTurn,
  },
  TooManyIds: {
    async arrange(world) {
      const owner = await world.registry.findOwner(EC2);
      await world.registry.writeOwner(EC2, { holder: ID, cameAt: Array(5).fill(world.clock.now()) }, owner);
    },
    act: registerOrTurn,
  },
  Newcomer: { arrange: (world) => alter(world, { status: "NEW" }) },
  Waiting: {
    arrange: (world, _, step) => {
      if (step === "rotation/validate-rekey") alter(world, { status: "STOPPED", rekey: REKEY });
    },
  },
  Superseded: {
    arrange: (world, _, step) =>
      before(world, step, () => {
        const current = { generation: 9, nonce: "", ciphertext: "", since: 0 };
        alter(world, { current, pending: undefined });
      }),
  },
  NonceModeChanged: {
    arrange: (world) => {
      const pending = { generation: 2, nonce: "", ciphertext: "", ticketProof: "", receiptDigest: "", pushes: {} };
      alter(world, { pending });
    },
  },
  KeyUnreadable: {
    arrange: (world, _, step) =>
      before(world, step, () => {
        alter(world, { current: { generation: 1, nonce: "", ciphertext: "spoilt", since: 0 } });
      }),
  },
  ReceiptInvalid: {
    arrange: (world, host, step) =>
      step in ON_A_REKEYS_WAY ? alter(world, { rekey: REKEY }) : prints(host, { receipt }),
  },
  InstanceUnreachable: {
    arrange: (world, host, step) => before(world, step, () => Object.assign(host, { state: "stopped" })),
  },
  PushUnanswered: { arrange: (world, _, step) => before(world, step, () => world.commands.sent.splice(0)) },
  PushUndelivered: { deliveries: [{ arrives: 0, told: 1 }], arrange: () => {} },
  PushRefused: { arrange: (_, host) => prints(host, { refused: { id: ID, generation: 2, reason: "WRONG_PROOF" } }) },
  PushFailed: { arrange: (_, host) => prints(host, "Segmentation fault") },
  LineGone: {
    // The index names it still.
    async arrange(world) {
      const [line] = chained([{ subject: ID, timeMs: NOW, act: "promoted", details: "{}" }]);
      if (line !== undefined) await world.audit.put(line, { at: world.clock.now() - A_DAY_MS });
      world.audit.line = async () => undefined;
    },
    act: (world) => world.start("watch", {}),
  },
  StillActive: {
    arrange(world, _, step) {
      world.accessKeys.addUser("deployer", EXPOSED);
      // Somebody has made it active again meanwhile.
      before(world, step, () => world.accessKeys.addUser("deployer", EXPOSED));
    },
    act: (world) => world.start("exposed-key", { detail: { accessKeyId: EXPOSED } }),
  },
  CommandUnknown: { arrange: (world, _, step) => before(world, step, () => world.commands.sent.splice(0)) },
};

/** An access key that is exposed. */
const EXPOSED = "AKIAIOSFODNN7EXAMPLE";

const declared = STEPS.flatMap(({ flow, name, errors }) => errors.map((error) => ({ step: `${flow}/${name}`, error })));

test.each(declared)("$step raises $error, as its contract says", async ({ step, error }) => {
  const isOfCredential = step.startsWith("credential/");
  const situation = (isOfCredential ? CREDENTIAL_SITUATIONS : SITUATIONS)[error];
  const where = isOfCredential ? "CREDENTIAL_SITUATIONS in credential/situations.ts" : "SITUATIONS in this file";
  if (situation === undefined) {
    throw new Error(`Say in ${where} how a step comes to raise ${error}, or take it out of the contract.`);
  }
  const turn = isOfCredential ? askForTurn : (world: World) => world.start("rotation", { id: ID });
  const { arrange, act = turn } = situation;
  const [delivery = { arrives: 1, told: 1 }] = situation.deliveries ?? [];
  // SSM is asked only when nobody has told how the push ended.
  const asked = step === "rotation/ask-for-receipt" ? { ...delivery, told: 0 as const } : delivery;
  const world = new World({ deliveries: [asked] });
  // A record is altered by hand here.
  world.watching = false;
  const host = await world.settledHost(ID, EC2);
  if (step === "rotation/await-former") await besideAFormer(world);
  if (isOfCredential) await withConsumers(world);
  await arrange(world, host, step);
  const acted = step in ON_A_REKEYS_WAY ? invokeOnItsWay(world, step) : act(world, step);
  await world.settle();
  await acted;
  const message = `${where}: bring ${error} about in ${step}, or take it out of the step's contract`;
  expect(world.functions.raised, message).toContain(`${step} ${error}`);
});
