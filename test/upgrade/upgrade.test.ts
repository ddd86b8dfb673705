import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleAgent } from "../../agent/bundle.ts";
import { dynamoAudit } from "../../functions/clients/audit.dynamodb.ts";
import { dynamoRegistry } from "../../functions/clients/registry.dynamodb.ts";
import { NAMES } from "../../infra/wiring.ts";
import { auditFaults } from "../../protocol/index.ts";
import { startTestFleet, type TestFleet, until } from "../flows/support.ts";
import { synthesize } from "../infra/synthesized.ts";
import { endAgent, type Installation, install, installedAgent, isWell } from "./hosts.ts";
import { fleetOf, installCommandsOf, keptVersions, type Member, unpackAgent, unpackFleet } from "./kept.ts";
import { agentSettingsIn, installCommandsIn } from "./template.ts";

// What a released version left is gone on with by this one, its agents still of that version or already of this one. What
// is kept has lain there for days or years: so the fleet is as after a long weekend on which everything was off.

/** The kept instances that have this version's agent from the start: it was installed before they were started. */
const INSTALLED_BEFORE = ["turned-2", "pending-2", "silent"];
/** Of these no key is turned. */
const SHUT = ["quarantined", "retired"];
/** The former of a newcomer: its host goes on under the newcomer's ID. */
const FORMER = "twice";

describe.each(keptVersions())("this version over what %s left", (version) => {
  const { store, members, seal } = fleetOf(version);
  const scratch = mkdtempSync(join(tmpdir(), "keyturn-test-"));
  const folder = join(scratch, "data");
  const startedAt = Date.now();
  let fleet: TestFleet;
  let dynamodb: DynamoDBClient;
  let then: Installation;
  let now: Installation;

  const member = (name: string): Member => {
    const found = members.find((one) => one.name === name);
    if (found === undefined) throw new Error(`there is no ${name} in the fleet of ${version}`);
    return found;
  };
  const recordOf = (name: string) => fleet.record(member(name).id);
  const rotate = async (name: string) => JSON.parse((await fleet.rotate(member(name).id)).output ?? "{}").outcome;
  const installOn = (name: string, installation: Installation) =>
    install(join(folder, "instances", member(name).ec2InstanceId), installation);
  /** Starts the agent of a host again, and waits until it has registered and proved its key. */
  const restart = async (name: string) => {
    const { ec2InstanceId, id } = member(name);
    const at = Date.now();
    endAgent(fleet, ec2InstanceId, "SIGTERM");
    await until(async () => (await fleet.record(id)).startedAt > at, `the registration of ${name}`);
    await until(() => isWell(fleet, ec2InstanceId), `${name} to be well`);
  };
  /** The subjects of the mails since the start. */
  const mails = () =>
    fleet.aws.inbox.list().flatMap(({ receivedAt, subject }) => (receivedAt < startedAt ? [] : [subject]));

  beforeAll(async () => {
    const bundleOf = (name: string) => join(scratch, `${name}.mjs`);
    unpackFleet(version, folder);
    unpackAgent(version, bundleOf("then"));
    await bundleAgent(bundleOf("now"));
    then = { bundle: bundleOf("then"), settings: agentSettingsIn(installCommandsOf(version, store)) };
    now = {
      bundle: bundleOf("now"),
      settings: agentSettingsIn(installCommandsIn(synthesize({ timeSeries: store }))),
    };
    for (const { name } of members) installOn(name, INSTALLED_BEFORE.includes(name) ? now : then);
    fleet = await startTestFleet(0, {
      folder,
      agent: installedAgent,
      scheduleSeconds: 2,
      settings: { timeSeries: store, watchSeconds: { looks: 2, proofs: 2 } },
    });
    dynamodb = new DynamoDBClient(fleet.aws);
  });
  afterAll(async () => {
    await fleet?.close();
    if (process.env.KEEP === undefined) rmSync(scratch, { recursive: true, maxRetries: 10 });
  });

  test("every key turns, with agents of either version", async () => {
    const due = members.filter(({ name }) => ![...SHUT, FORMER, "stopped"].includes(name));
    expect(due.length).toBeGreaterThan(5);
    for (const { name, id, ec2InstanceId, generation = 0 } of due) {
      await until(async () => (await fleet.record(id)).current.generation > generation, `${name} to be turned`);
      const { current, status } = await fleet.record(id);
      expect(fleet.keyFile(ec2InstanceId), name).toMatchObject({ id, generation: current.generation });
      expect(status, name).toBe("ACTIVE");
      await until(() => isWell(fleet, ec2InstanceId), `${name} to be well`);
    }
  });

  test.each(["pending-1", "pending-2"])(
    "the key that was on its way to %s is the one it has, and no other",
    async (name) => {
      expect((await recordOf(name)).current).toMatchObject({ ...member(name).pending });
    },
  );

  test("a newcomer that waited has its host, and its former is gone", async () => {
    const registry = dynamoRegistry(dynamodb, NAMES.instanceTable);
    expect(await registry.find(member(FORMER).id)).toMatchObject({ status: "RETIRED" });
  });

  test("what was stopped is turned when it is back", async () => {
    const { id, ec2InstanceId, generation } = member("stopped");
    expect(await fleet.record(id)).toMatchObject({ status: "STOPPED", current: { generation } });
    fleet.aws.instances.send([ec2InstanceId], "pending");
    await until(async () => (await fleet.record(id)).current.generation > (generation ?? 0), "its turn");
  });

  test("who was shut in stays so until it is released, and then is turned", async () => {
    const { id, generation } = member("quarantined");
    expect(await fleet.record(id)).toMatchObject({ status: "QUARANTINED", current: { generation } });
    await fleet.ended(await fleet.start({ act: "release", id }, "operate"));
    await restart("quarantined");
    await until(async () => (await fleet.record(id)).current.generation > (generation ?? 0), "its turn");
  });

  test("what was retired stays so", async () => {
    const registry = dynamoRegistry(dynamodb, NAMES.instanceTable);
    expect(await registry.find(member("retired").id)).toMatchObject({ status: "RETIRED" });
  });

  test("an agent is brought up to date in place: before it is started again, then as it is, then with this version's settings", async () => {
    installOn("turned-3", { ...then, bundle: now.bundle });
    expect(await rotate("turned-3")).toBe("ROTATED");
    await restart("turned-3");
    expect(await rotate("turned-3")).toBe("ROTATED");
    installOn("turned-3", now);
    await restart("turned-3");
    expect(await rotate("turned-3")).toBe("ROTATED");
  });

  test("an agent that is put back to the former version goes on with its key", async () => {
    for (const name of ["turned-3", "pending-2"]) {
      const before = fleet.keyFile(member(name).ec2InstanceId);
      installOn(name, then);
      await restart(name);
      expect(fleet.keyFile(member(name).ec2InstanceId)).toMatchObject(before);
      expect(await rotate(name)).toBe("ROTATED");
    }
  });

  test("what people had been told of ends, and of what came about since they are told, and of nothing else", async () => {
    for (const name of ["silent", FORMER]) {
      const told = () => fleet.finding({ subject: member(name).id, cause: "STALE" });
      await until(async () => (await told())?.endedAt, `the end of what was told of ${name}`);
    }
    const quarantined = member("quarantined");
    const newcomer = member("newcomer");
    expect(mails().sort()).toEqual([
      `Keyturn: QUARANTINED on ${quarantined.ec2InstanceId} (${quarantined.id})`,
      `Keyturn: RegisteredAnew on ${newcomer.ec2InstanceId} (${newcomer.id})`,
    ]);
  });

  test("the audit holds, across both versions and with the seal that is known outside", async () => {
    const audit = dynamoAudit(dynamodb, NAMES.auditTable);
    const subjects = new Set<string>();
    for await (const { Items = [] } of paginateScan({ client: dynamodb }, { TableName: NAMES.auditTable })) {
      for (const { subject } of Items) if (!subject?.S?.startsWith("seal#")) subjects.add(subject?.S ?? "");
    }
    const lines = (await Promise.all([...subjects].map((subject) => audit.lines(subject)))).flatMap(
      (page) => page.lines,
    );
    const { seals } = await audit.seals();
    expect(auditFaults({ lines, seals, known: [seal] })).toEqual([]);
    for (const { name, id } of members.filter(({ name }) => name !== "retired")) {
      const since = lines.filter(({ subject, timeMs }) => subject === id && timeMs >= startedAt);
      expect(since.length, name).toBeGreaterThan(0);
    }
  });
});
