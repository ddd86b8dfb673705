import { beforeAll, expect, test } from "vitest";
import type { Alarm, Deployment } from "../../../operator/doctor/deployment.ts";

/** A deployment, of which things can be made by the calls that make them on AWS. */
export interface DeploymentUnderTest {
  deployment: Deployment;
  /** The name of its stack. */
  stack: string;
  makeStack(name: string, description: string): Promise<void>;
  /** The topic of the mails. */
  makeTopic(): Promise<void>;
  /** Has an address subscribed that nobody has confirmed. */
  subscribe(address: string): Promise<void>;
  makeSchedule(name: string, schedule: { expression: string; isOn: boolean }): Promise<void>;
  /** The launch template, in so many versions, the first of which stays the default. */
  makeTemplate(versions: number): Promise<void>;
  makeAlarm(name: string, state: Alarm["state"]): Promise<void>;
}

/** What all deployments answer; `make` is called once, for one of which nothing is there. */
export function deploymentSuite(make: () => DeploymentUnderTest | Promise<DeploymentUnderTest>): void {
  let under: DeploymentUnderTest;
  let deployment: Deployment;
  beforeAll(async () => {
    under = await make();
    deployment = under.deployment;
  });

  test("it says who asks, and how this computer's clock is", async () => {
    const caller = await deployment.caller();
    expect(caller.account).toMatch(/^\d{12}$/);
    expect(caller.arn).toContain(`:${caller.account}:`);
    expect(Math.abs(caller.aheadMs)).toBeLessThan(60_000);
  });

  test("a stack is known by its name, with its status and what it is described as", async () => {
    expect(await deployment.stack()).toBeUndefined();
    await under.makeStack(`${under.stack}2`, "another");
    expect(await deployment.stack()).toBeUndefined();
    await under.makeStack(under.stack, "ours");
    expect(await deployment.stack()).toEqual({ status: "CREATE_COMPLETE", description: "ours" });
  });

  test("who is subscribed to the mails is listed, and who has not confirmed it", async () => {
    expect(await deployment.subscribers()).toBeUndefined();
    await under.makeTopic();
    expect(await deployment.subscribers()).toEqual([]);
    await under.subscribe("on-call@example.com");
    expect(await deployment.subscribers()).toEqual([{ endpoint: "on-call@example.com", isConfirmed: false }]);
  });

  test("a schedule says how often it starts something, and whether it is on", async () => {
    expect(await deployment.schedule("keyturn-watch")).toBeUndefined();
    await under.makeSchedule("keyturn-watch", { expression: "rate(5 minutes)", isOn: true });
    await under.makeSchedule("keyturn-drill", { expression: "cron(0 9 1 * ? *)", isOn: false });
    expect(await deployment.schedule("keyturn-watch")).toEqual({ expression: "rate(5 minutes)", isOn: true });
    expect(await deployment.schedule("keyturn-drill")).toEqual({ expression: "cron(0 9 1 * ? *)", isOn: false });
  });

  test("the launch template says which version is the default, and which the newest", async () => {
    expect(await deployment.template()).toBeUndefined();
    await under.makeTemplate(3);
    expect(await deployment.template()).toEqual({ defaultVersion: 1, latestVersion: 3 });
  });

  test("alarms are the deployment's own, with their states", async () => {
    expect(await deployment.alarms()).toEqual([]);
    await under.makeAlarm("keyturn-WatchSilent", "ALARM");
    await under.makeAlarm("keyturn2-WatchSilent", "ALARM");
    await under.makeAlarm("keyturn-EventsUnworked", "OK");
    const alarms = await deployment.alarms();
    expect(alarms.map(({ name, state }) => `${name} ${state}`).sort()).toEqual([
      "keyturn-EventsUnworked OK",
      "keyturn-WatchSilent ALARM",
    ]);
    for (const { since } of alarms) expect(since).toBeGreaterThan(0);
  });

  test("a flow that there is not has no executions, and none is not there", async () => {
    expect(await deployment.executions("operate", 5)).toBeUndefined();
  });
}
