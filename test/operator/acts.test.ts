import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ACCOUNT, PARTITION } from "embedded-aws";
import { afterAll, beforeAll, expect, test } from "vitest";
import { functionNameOf } from "../../functions/steps.ts";
import { busPolicy } from "../../infra/rights/policies.ts";
import { stepsThatMay } from "../../infra/rights/steps.ts";
import { type FlowName, NAMES } from "../../infra/wiring.ts";
import { flowArn, roleArn } from "../../local/roles.ts";
import { SHOP_SECRET } from "../../local/shop/shop.ts";
import { type Shop, startShop } from "../../local/shop/start-shop.ts";
import { arnAt } from "../../protocol/index.ts";
import { arnsUnder } from "../flows/rights.suite.ts";
import { keyFolder, startTestFleet, type TestFleet, until } from "../flows/support.ts";
import { envOf, keyturn, personWith } from "./keyturn.ts";

const shopFolder = mkdtempSync(join(tmpdir(), "keyturn-acts-"));
let shop: Shop & { issuer: { close(): Promise<void> } };
let fleet: TestFleet;
let env: Record<string, string>;
let ids: [string, string, string];
beforeAll(async () => {
  const begun = await startShop(shopFolder, { quietSeconds: 1, deadlineSeconds: 60, lifetimeSeconds: 3600 });
  // Nobody has the application do anything by which it would be seen on the new token.
  shop = { ...begun, settings: { ...begun.settings, consumers: [] } };
  fleet = await startTestFleet(3, { shop });
  env = envOf(fleet, await personWith("operator", fleet));
  ids = (await fleet.records()).map(({ id }) => id) as typeof ids;
});
afterAll(async () => {
  await fleet?.close();
  await shop?.issuer.close();
  rmSync(shopFolder, { recursive: true });
});

const type = (...args: string[]) => keyturn(args, { env });
const executions = (flow: FlowName) => fleet.aws.executions.list(flowArn(flow), 1000);
const PERSON = `${arnAt({ partition: PARTITION, account: ACCOUNT }, "iam", "user/person-with-operator")}`;

/** What was typed, how it ended, and what was said of the one that it was about. */
async function outcomeOf(...args: string[]) {
  const { code, out, err } = await type(...args);
  const [, row = ""] = out.split("\n");
  return [code, row.trim().split(/\s+/)[1] ?? "", err];
}

test("a quarantine holds until the release; who asked and why stands in the execution", async () => {
  const [id] = ids;
  const quarantined = await type("quarantine", id, "--reason", "its key may have leaked");
  expect(quarantined).toEqual({
    code: 0,
    out: expect.stringMatching(new RegExp(`^SUBJECT .*\\n${id} +QUARANTINED +Its key is not turned.*\\n$`)),
    err: "",
  });
  expect(JSON.parse(executions("operate")[0]?.input ?? "")).toEqual({
    ...{ act: "quarantine", id, reason: "its key may have leaked", requestedBy: PERSON },
  });
  const started = executions("rotation").length;
  expect(await type("rotate", id)).toEqual({
    code: 3,
    out: "",
    err: `keyturn: ${id} is in quarantine, and is not turned. \`keyturn release ${id}\` lets it out.\n`,
  });
  expect(executions("rotation")).toHaveLength(started);
  expect(await outcomeOf("rekey", id, "--wait")).toEqual([3, "", expect.stringContaining("is in quarantine")]);
  expect(await outcomeOf("release", id)).toEqual([0, "RELEASED", ""]);
  expect(await outcomeOf("release", id)).toEqual([0, "NOT_QUARANTINED", ""]);
});

test("what names nobody who is there starts nothing and mails nobody", async () => {
  const started = executions("rotation").length;
  const { code, out } = await type("quarantine", "ffffff");
  expect({ code, out }).toEqual({
    code: 3,
    out: expect.stringContaining("REFUSED  No instance is registered under ffffff, so nothing was done."),
  });
  for (const args of [["rotate", ids[0]], ["rekey"], ["retire", "--dry-run"]]) {
    const { err, ...ran } = await type(...args, "eeeeee", "ffffff");
    expect(ran, args.join(" ")).toEqual({ code: 3, out: "" });
    expect(err, args.join(" ")).toMatch(
      /^keyturn: No instance is registered under eeeeee, ffffff, so nothing was done/,
    );
  }
  expect(executions("rotation")).toHaveLength(started);
  expect(fleet.aws.inbox.list()).toEqual([]);
});

test("a key is turned, and waited for where that is wanted", async () => {
  const [, id] = ids;
  const { code, out, err } = await type("rotate", id, "--wait", "--json", "--reason", "audit");
  const execution = executions("rotation")[0];
  const said = "It holds a fresh key, of generation 2.";
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(JSON.parse(out)).toEqual({
    ...{ act: "rotate", results: [{ subject: id, outcome: "ROTATED", said, execution: execution?.arn }] },
  });
  expect(JSON.parse(execution?.input ?? "")).toEqual({ id, trigger: "keyturn", requestedBy: PERSON, reason: "audit" });
  const started = await type("rotate", id);
  expect(started).toMatchObject({ code: 0, err: "", out: expect.stringContaining(`STARTED  \`keyturn show ${id}\``) });
  await fleet.ended(executions("rotation")[0]?.arn ?? "");
  expect((await fleet.record(id)).current.generation).toBe(3);
});

test("Ctrl-C ends the waiting and not what is waited for", async () => {
  const [, id] = ids;
  const before = executions("rotation").length;
  const ran = await keyturn(["rotate", id, "--wait"], {
    env,
    onStart: (child) =>
      void until(() => executions("rotation").length > before, "the start").then(() => child.kill("SIGINT")),
  });
  expect(ran).toMatchObject({ code: 130, err: "" });
  expect(ran.out).toMatch(
    new RegExp(`${id} +RUNNING +It goes on without this command. \`keyturn show ${id}\` shows how it goes on.`),
  );
  const { status } = await fleet.ended(executions("rotation")[0]?.arn ?? "");
  expect(status).toBe("SUCCEEDED");
});

test("a fresh key is agreed with one, and with several in one execution", async () => {
  const [one, other] = ids;
  expect(await outcomeOf("rekey", one, "--wait")).toEqual([0, "REKEYED", ""]);
  const { code, out, err } = await type("rekey", one, other, "--yes", "--wait");
  expect({ code, err }).toMatchObject({ code: 0, err: expect.stringMatching(/^Rekey 2 instances, .+\.\n$/) });
  expect(out).toMatch(/rekey-\d{8}T\d{6}Z-[0-9a-f]{6} +REKEYED +2 meant, 2 rekeyed, 0 waiting, 0 skipped, 0 failed\./);
});

test("before many are meant, people are asked; without a terminal they say so beforehand", async () => {
  const started = executions("operate").length + executions("fleet-rotation").length;
  const [one, other] = ids;
  const where = "in us-east-1, stack Keyturn";
  const asked: [what: string, ...args: string[]][] = [
    ["Rekey 3 instances", "rekey", "--all"],
    ["Quarantine 2 instances", "quarantine", one, other],
    [`Retire ${one}`, "retire", one],
    ["Rotate 3 instances", "rotate", "--where", "status=ACTIVE"],
    [`Rotate ${SHOP_SECRET}, and lock out who has not moved`, "rotate", SHOP_SECRET, "--force"],
  ];
  for (const [what, ...args] of asked) {
    expect(await type(...args)).toEqual({
      code: 2,
      out: "",
      err: `keyturn: ${what}, ${where}? Nobody can be asked without a terminal: say --yes, or --dry-run to see who is meant.\n`,
    });
  }
  const dry = await type("rotate", "--where", `id=${other}`, "--dry-run");
  expect(dry).toMatchObject({ code: 0, err: "", out: expect.stringMatching(new RegExp(`^ID .*\n${other} +ACTIVE`)) });
  expect(dry.out).toContain(`Would rotate ${other}. Nothing was done.`);
  expect(await type("rekey", "--cause", "MISMATCH")).toEqual({
    ...{ code: 3, out: "", err: "keyturn: Nobody is meant, so nothing was done.\n" },
  });
  expect(executions("operate").length + executions("fleet-rotation").length).toBe(started);
});

test("several are turned in one run, and those that a test holds of", async () => {
  const [one, other] = ids;
  const { code, out, err } = await type("rotate", one, other, "--yes", "--wait");
  expect({ code, err }).toMatchObject({ code: 0, err: expect.stringMatching(/^Rotate 2 instances, .+\.\n$/) });
  expect(out).toMatch(/rotate-\d{8}T\d{6}Z-[0-9a-f]{6} +DONE +2 due, 2 turned, 0 skipped, 0 failed\./);
  const started = await type("rotate", "--where", "status=ACTIVE", "--yes", "--json", "--reason", "audit");
  expect(started).toMatchObject({ code: 0, err: expect.stringMatching(/^Rotate .+\.\n$/) });
  const [run] = executions("fleet-rotation");
  expect(JSON.parse(started.out).results).toMatchObject([{ outcome: "STARTED", execution: run?.arn }]);
  const { ids: meant, ...rest } = JSON.parse(run?.input ?? "");
  expect(rest).toEqual({ requestedBy: PERSON, reason: "audit" });
  expect(meant.toSorted()).toEqual(ids.toSorted());
  await fleet.ended(run?.arn ?? "");
});

test("proofs are judged now, and what is wrong needs attention", async () => {
  const [one, other] = ids;
  const rotations = executions("rotation").length;
  const { code, out, err } = await type("check", one, other);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toMatch(new RegExp(`^ID .*\\n${one} +[A-Z_]+ .*\\n${other} +[A-Z_]+ .*\\n2 checked: .* 0 wrong`));
  expect(await outcomeOf("check", "ffffff")).toEqual([3, "UNKNOWN", ""]);
  expect(JSON.parse((await type("check", "--all", "--json")).out)).toMatchObject({
    checked: 3,
    wrong: 0,
    instances: [],
  });
  expect(executions("rotation")).toHaveLength(rotations);

  const { ec2InstanceId } = await fleet.record(one);
  const file = join(keyFolder(fleet.aws, ec2InstanceId), "key.json");
  const key = readFileSync(file, "utf8");
  writeFileSync(file, JSON.stringify({ ...JSON.parse(key), key: "0".repeat(64) }));
  const wrong = await until(async () => {
    const ran = await type("check", "--all");
    return ran.code === 0 ? undefined : ran;
  }, "a sample that proves nothing");
  expect(wrong).toMatchObject({ code: 5, err: "" });
  expect(wrong.out).toMatch(
    new RegExp(`^ID .*\\n${one} +(MISMATCH|CONFLICT) .*\\n3 checked: 2 sound, 1 wrong, 0 not judged`),
  );
  const failed = await type("rotate", one, "--wait");
  expect(failed).toMatchObject({ code: 1, err: "", out: expect.stringContaining(`\`keyturn show ${one}\``) });
  expect(failed.out).toContain(`Execution  ${executions("rotation")[0]?.arn}\n`);
  writeFileSync(file, key);
});

test("a drill mails", async () => {
  const { code, out, err } = await type("drill", "--reason", "the new one on call");
  expect({ code, err }).toEqual({ code: 0, err: "" });
  const [, name] = /^(drill-\S+) +DRILLED/m.exec(out) ?? [];
  await until(() => fleet.aws.inbox.list().some(({ subject }) => subject === `Keyturn: Drill on ${name}`), "the mail");
});

test("a credential is asked for by whom the bus lets in, and waited for, or for its refusal", async () => {
  expect(await type("rotate", SHOP_SECRET)).toEqual({
    code: 1,
    out: "",
    err: `keyturn: The bus keyturn takes no events of ${PERSON}: its policy denies them. List the role or the user under eventSenders in cdk.json, and deploy.\n`,
  });
  const senders = stepsThatMay("events:PutEvents").map((step) => roleArn(functionNameOf(step)));
  const root = arnAt({ partition: PARTITION, account: ACCOUNT }, "iam", "root");
  fleet.aws.events.putPolicy(NAMES.eventBus, busPolicy(root, [...senders, PERSON], await arnsUnder(fleet)));

  const refused = await type("rotate", "no/such", "--wait");
  expect(refused).toMatchObject({ code: 3, err: "" });
  expect(refused.out).toMatch(/no\/such +REFUSED +The settings know no credential no\/such; they know: shop\/token\./);
  const turned = await type("rotate", SHOP_SECRET, "--wait", "--reason", "audit", "--json");
  expect(turned).toMatchObject({ code: 0, err: "" });
  expect(JSON.parse(turned.out).results).toMatchObject([{ subject: SHOP_SECRET, outcome: "ROTATED" }]);
});

test("what is retired stays so", async () => {
  const [, , id] = ids;
  expect(await outcomeOf("retire", id, "--yes")).toEqual([0, "RETIRED", expect.stringMatching(/^Retire .+\.\n$/)]);
  expect(await outcomeOf("release", id)).toEqual([3, "RETIRED", ""]);
  expect(await outcomeOf("rotate", id)).toEqual([3, "", expect.stringContaining(`${id} is retired`)]);
});

test("who may only look is told which policy acts", async () => {
  const reader = envOf(fleet, await personWith("reader", fleet));
  const { code, out, err } = await keyturn(["quarantine", ids[0]], { env: reader });
  expect({ code, out }).toEqual({ code: 1, out: "" });
  expect(err).toContain("needs the managed policy");
});
