import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SERIES_STORES } from "../../protocol/index.ts";
import { startTestFleet, type TestFleet, until } from "../flows/support.ts";
import { install, installedAgent, isWell } from "./hosts.ts";
import { installCommandsOf, keptVersions, unpackAgent } from "./kept.ts";
import { agentSettingsIn } from "./template.ts";

// A group that is pinned to an earlier version of the launch template goes on launching hosts that install the agent of
// then, with the settings of then. test/infra/suites/released.ts holds that they may fetch it.

const cases = keptVersions().flatMap((version) => SERIES_STORES.map((store) => ({ version, store })));

describe.each(cases)("a host that the template of $version launches, with $store", ({ version, store }) => {
  const bundle = join(mkdtempSync(join(tmpdir(), "keyturn-test-")), "agent.mjs");
  let fleet: TestFleet;
  beforeAll(async () => {
    unpackAgent(version, bundle);
    fleet = await startTestFleet(0, { agent: installedAgent, settings: { timeSeries: store } });
  });
  afterAll(async () => {
    await fleet?.close();
    rmSync(join(bundle, ".."), { recursive: true });
  });

  test("registers, proves its key and has it turned", async () => {
    const [host] = fleet.aws.instances.launch(1);
    const ec2InstanceId = host?.id ?? "";
    // As user data does it on AWS, while the host is on its way up.
    const settings = agentSettingsIn(installCommandsOf(version, store));
    install(fleet.aws.instances.folderOf(ec2InstanceId), { bundle, settings });
    const record = await until(async () => (await fleet.records())[0], "its registration");
    await until(() => isWell(fleet, ec2InstanceId), "it to be well");
    const turned = await until(async () => {
      const { outcome, ...rest } = JSON.parse((await fleet.rotate(record.id)).output ?? "{}");
      return outcome !== "WAITING" && { outcome, ...rest };
    }, "its first proof");
    expect(turned).toMatchObject({ outcome: "ROTATED", generation: 2 });
    expect(fleet.keyFile(ec2InstanceId)).toMatchObject({ id: record.id, generation: 2 });
  });
});
