import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleAgent } from "../../agent/bundle.ts";
import { dynamoAudit } from "../../functions/clients/audit.dynamodb.ts";
import { dynamoRegistry } from "../../functions/clients/registry.dynamodb.ts";
import { NAMES } from "../../infra/wiring.ts";
import { flowArn } from "../../local/roles.ts";
import { auditFaults } from "../../protocol/index.ts";
import { startTestFleet, type TestFleet, until } from "../flows/support.ts";
import { synthesize } from "../infra/synthesized.ts";
import { endAgent, type Installation, install, installedAgent, isWell } from "./hosts.ts";
import { fleetOf, installCommandsOf, keptVersions, type Member, unpackAgent, unpackFleet } from "./kept.ts";
import { agentSettingsIn, installCommandsIn } from "./template.ts";

// What a released version left is gone on with by this one, its agents still of that version or already of this one. What
// is kept has lain there for days or years: so the fleet is as after a long weekend on which everything was off. A rotation
// that was under way then may have run out of time.

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
  /** The ARNs of instances that have proved their key to this version. */
  const proved = new Set<string>();

  const member = (name: string): Member => {
    const found = members.find((one) => one.name === name);
    if (found === undefined) throw new Error(`there is no ${name} in the fleet of ${version}`);
    return found;
  };
  /** The rotations of an instance that were started before this version was. */
  const kept = (id: string) =>
    fleet.aws.executions
      .list(flowArn("rotation"), 1000)
      .filter(({ input, started }) => started < startedAt && JSON.parse(input).id === id);
  /** Turns a key by hand, once its instance is no longer waited for. @returns what came of it */
  const rotate = ({ id }: Pick<Member, "id">) =>
    until(async () => {
      const { outcome = "FAILED" } = JSON.parse((await fleet.rotate(id)).output ?? "{}");
      return outcome !== "WAITING" && outcome;
    }, `a proof of ${id}`);
  const installOn = (name: string, installation: Installation) =>
    install(join(folder, "instances", member(name).ec2InstanceId), installation);
  /** Starts the agent of a host again, and waits until it has registered and proved its key. */
  const restart = async ({ name, id, ec2InstanceId }: Pick<Member, "name" | "id" | "ec2InstanceId">) => {
    const at = Date.now();
    endAgent(fleet, ec2InstanceId, "SIGTERM");
    await until(async () => (await fleet.record(id)).startedAt > at, `the registration of ${name}`);
    await until(() => isWell(fleet, ec2InstanceId), `${name} to be well`);
  };
  const registry = () => dynamoRegistry(dynamodb, NAMES.instanceTable);
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
      // Runs over the fleet, and looks, are started here when there is something to see.
      settings: { timeSeries: store, sampleIntervalSeconds: 2 },
      onCall: ({ principal, operation, error }) => {
        const isProof = principal.kind === "instance" && ["WriteRecords", "PutItem"].includes(operation);
        if (isProof && error === undefined) proved.add(principal.arn);
      },
    });
    dynamodb = new DynamoDBClient(fleet.aws);
    const up = fleet.aws.instances.list().filter(({ state }) => state === "running");
    const isQuarantined = ({ id }: { id: string }) => id === member("quarantined").ec2InstanceId;
    for (const { id } of up.filter((host) => !isQuarantined(host))) {
      await until(() => [...proved].some((arn) => arn.includes(id)), `the first proof of ${id}`);
    }
  });
  afterAll(async () => {
    await fleet?.close();
    if (process.env.KEEP === undefined) rmSync(scratch, { recursive: true, maxRetries: 10 });
  });

  test("what was under way is finished with the key that was on its way, and no other", async () => {
    for (const { name, id, ec2InstanceId, pending } of members.filter((one) => one.pending !== undefined)) {
      const { generation = 0, nonce } = pending ?? {};
      await until(() => kept(id).every(({ status }) => status !== "RUNNING"), `the end of ${name}'s rotation`);
      await until(async () => {
        // One that has run out of time is told of, and tried again in a quarter of an hour: nobody waits for that here.
        const isTurned = (await fleet.record(id)).current.generation >= generation;
        return isTurned || (await rotate({ id })) === "ROTATED";
      }, `${name} to be turned`);
      expect((await fleet.record(id)).current, name).toMatchObject({ generation, nonce });
      expect(fleet.keyFile(ec2InstanceId), name).toMatchObject({ generation, nonce });
    }
  });

  test("every key turns, with agents of either version", async () => {
    const due = members.filter(({ name }) => ![...SHUT, FORMER, "stopped"].includes(name));
    expect(due.length).toBeGreaterThan(5);
    for (const { name, id, ec2InstanceId, generation = 0 } of due) {
      await until(async () => {
        if ((await fleet.record(id)).current.generation > generation) return true;
        await fleet.ended(await fleet.start({}, "fleet-rotation"));
        return false;
      }, `${name} to be turned`);
      const { current, status } = await fleet.record(id);
      expect(fleet.keyFile(ec2InstanceId), name).toMatchObject({ id, generation: current.generation });
      expect(status, name).toBe("ACTIVE");
      await until(() => isWell(fleet, ec2InstanceId), `${name} to be well`);
    }
  });

  test("a newcomer that waited has its host, and its former is gone", async () => {
    expect((await registry().find(member(FORMER).id))?.status).toBe("RETIRED");
  });

  test("what was stopped is turned when it is back", async () => {
    const { id, ec2InstanceId, generation } = member("stopped");
    expect(await fleet.record(id)).toMatchObject({ status: "STOPPED", current: { generation } });
    fleet.aws.instances.send([ec2InstanceId], "pending");
    await until(async () => (await fleet.record(id)).status === "ACTIVE", "its start to be noted");
    expect(await rotate({ id })).toBe("ROTATED");
  });

  test("who was in quarantine or retired stays so", async () => {
    const { id, generation } = member("quarantined");
    expect(await fleet.record(id)).toMatchObject({ status: "QUARANTINED", current: { generation } });
    expect((await registry().find(member("retired").id))?.status).toBe("RETIRED");
  });

  test("an agent is brought up to date in place: before it is started again, then as it is, then with this version's settings", async () => {
    installOn("turned-3", { ...then, bundle: now.bundle });
    expect(await rotate(member("turned-3"))).toBe("ROTATED");
    await restart(member("turned-3"));
    expect(await rotate(member("turned-3"))).toBe("ROTATED");
    installOn("turned-3", now);
    await restart(member("turned-3"));
    expect(await rotate(member("turned-3"))).toBe("ROTATED");
  });

  test("an agent that is put back to the former version goes on with its key", async () => {
    const [launched] = fleet.aws.instances.launch(1);
    const ec2InstanceId = launched?.id ?? "";
    install(fleet.aws.instances.folderOf(ec2InstanceId), now);
    const { id } = await until(
      async () => (await fleet.records()).find((one) => one.ec2InstanceId === ec2InstanceId),
      "the registration of a host that this version launches",
    );
    await until(() => isWell(fleet, ec2InstanceId), "it to be well");
    for (const one of [member("turned-3"), member("pending-2"), { name: "launched", id, ec2InstanceId }]) {
      const before = fleet.keyFile(one.ec2InstanceId);
      install(fleet.aws.instances.folderOf(one.ec2InstanceId), then);
      await restart(one);
      expect(fleet.keyFile(one.ec2InstanceId), one.name).toMatchObject(before);
      expect(await rotate(one), one.name).toBe("ROTATED");
    }
  });

  test("what people had been told of ends, and of what came about since they are told, and of nothing else", async () => {
    for (const name of ["silent", FORMER]) {
      const told = () => fleet.finding({ subject: member(name).id, cause: "STALE" });
      await until(async () => {
        await fleet.look();
        return (await told())?.endedAt;
      }, `the end of what was told of ${name}`);
    }
    const subject = (cause: string, name: string, isOfHost = true) => {
      const { id, ec2InstanceId } = member(name);
      return `Keyturn: ${cause} on ${isOfHost ? `${ec2InstanceId} (${id})` : `${id} (${ec2InstanceId})`}`;
    };
    const must = [subject("QUARANTINED", "quarantined"), subject("RegisteredAnew", "newcomer")];
    expect(mails()).toEqual(expect.arrayContaining(must));
    const cutOff = members
      .filter(({ pending }) => pending)
      .flatMap(({ name }) => ["ExecutionCutOff", "PushUndelivered"].map((cause) => subject(cause, name, false)));
    // One mail gathers what has stood for a day, or says that all is well. That an agent is too old may be said of it.
    const may = [...must, ...cutOff, expect.stringMatching(/still stand|all is well|AgentTooOld/)];
    for (const mail of mails()) expect(may).toContainEqual(mail);
    expect(new Set(mails()).size).toBe(mails().length);
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
    for (const { name, id } of members.filter(({ name }) => !SHUT.includes(name))) {
      const since = lines.filter(({ subject, timeMs }) => subject === id && timeMs >= startedAt);
      expect(since.length, name).toBeGreaterThan(0);
    }
  });
});
