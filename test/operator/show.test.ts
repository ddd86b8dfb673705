import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { ACCOUNT, type CallRecord } from "embedded-aws";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lineOf } from "../../functions/audit/line.ts";
import { putDue } from "../../functions/audit/put-due.ts";
import { dynamoAudit } from "../../functions/clients/audit.dynamodb.ts";
import { dynamoCredentials } from "../../functions/clients/credentials.dynamodb.ts";
import { dynamoFindings } from "../../functions/clients/findings.dynamodb.ts";
import { NAMES } from "../../infra/wiring.ts";
import { flowArn } from "../../local/roles.ts";
import { lifeRoutes } from "../../operator/page/read/life.ts";
import { type LifeDocument, LONGEST_WINDOW_MS, type SamplesDocument } from "../../operator/page/wire/life.ts";
import { accountOf } from "../../operator/place/clients.ts";
import { findPlace } from "../../operator/place/place.ts";
import { EXAMPLE_KEY } from "../docs/exposed-key.ts";
import { startTestFleet, type TestFleet } from "../flows/support.ts";
import { envOf, keyturn, personWith, type Ran } from "./keyturn.ts";
import { quietOutput } from "./quiet-output.ts";

/** What `show` may cost, whatever it shows. */
const MOST_CALLS = 6;
const SECRET = "orders/db";
const AT = Date.parse("2026-11-20T03:00:00Z");
const EXECUTION = `${flowArn("rotation").replace(":stateMachine:", ":execution:")}:asked-1`;

let fleet: TestFleet;
let env: Record<string, string>;
let id: string;
let ec2InstanceId: string;
/** What the person has asked of AWS since `show` was typed last. */
let asked: string[] = [];
beforeAll(async () => {
  const onCall = ({ principal, operation }: CallRecord) => {
    if (principal.arn.includes("person-with-")) asked.push(operation);
  };
  fleet = await startTestFleet(1, { onCall });
  env = envOf(fleet, await personWith("reader", fleet));
  const [record] = await fleet.records();
  if (record === undefined) throw new Error("no instance has registered");
  ({ id, ec2InstanceId } = record);
  await fleet.look();
  await fleet.rotate(id);
  for (const [act, reason] of [
    ["quarantine", "may have leaked"],
    ["release", "was not so"],
  ]) {
    await fleet.ended(await fleet.start({ act, id, reason, requestedBy: "ops@example.com" }, "operate"));
  }
  const { endpoint, region, credentials } = fleet.aws;
  const client = new DynamoDBClient({ endpoint, region, credentials });
  const findings = dynamoFindings(client, NAMES.findingTable);
  const found = { since: AT, seenAt: AT, times: 3, execution: EXECUTION, facts: {} };
  const toldAt = AT + 1000;
  await findings.write({ subject: id, cause: "STALE", ...found, toldAt, endedAt: AT + 5000, endToldAt: AT }, undefined);
  await findings.write({ subject: id, cause: "MISMATCH", ...found, toldAt }, undefined);
  await findings.write({ subject: ec2InstanceId, cause: "NOT_OWNER", ...found, facts: { id } }, undefined);
  const current = { versionId: "v".repeat(32), user: "orders_b", since: AT, execution: "turn-1" };
  const sighting = { consumer: "web", user: "orders_a", at: AT, by: "sessions" as const, address: "10.0.3.17" };
  const credential = { name: SECRET, current, requested: [], sightings: [sighting] };
  await dynamoCredentials(client, NAMES.instanceTable).write(credential, undefined);
  const audit = dynamoAudit(client, NAMES.auditTable);
  // Somebody has altered it.
  const requestedBy = "ops\u001b[2J";
  const turn = lineOf("promoted", AT, {
    requestedBy,
    token: "v".repeat(32),
    user: "orders_b",
    verdict: "MATCH",
    execution: "turn-1",
  });
  await putDue(audit, { subject: SECRET, due: [turn], at: AT });
  const shut = lineOf("deactivated", AT, { user: "deployer", done: "DEACTIVATED", trigger: "aws.health" });
  await putDue(audit, { subject: EXAMPLE_KEY, due: [shut], at: AT });
});
afterAll(() => fleet.close());

async function show(...args: string[]): Promise<Ran> {
  asked = [];
  const ran = await keyturn(["show", ...args], { env });
  expect(asked.length).toBeGreaterThan(0);
  expect(asked.length, `keyturn show asked ${asked.join(", ")}`).toBeLessThanOrEqual(MOST_CALLS);
  return ran;
}

/** The columns WHAT of what is printed, from the top. */
function happenings(out: string): string[] {
  return Array.from(out.matchAll(/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2} UTC +([\w-]+)/gm), ([, what = ""]) => what);
}

describe("an instance", () => {
  test("has its whole life on one axis, and what stands with what to type", async () => {
    const { code, out, err } = await show(id);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(new RegExp(`^${id} +ACTIVE +${ec2InstanceId}`));
    expect(out).toMatch(/^Key +generation 2, since /m);
    expect(happenings(out).slice(0, 6).sort()).toEqual(["ended", "found", "found", "mailed", "mailed", "refused"]);
    expect(happenings(out).slice(6).sort()).toEqual(
      ["checked", "promoted", "proved", "quarantined", "registered", "released"].sort(),
    );
    expect(happenings(out).indexOf("released")).toBeGreaterThan(happenings(out).indexOf("quarantined"));
    expect(out).toMatch(/quarantined +reason: may have leaked +ops@example.com/);
    expect(out).toContain("MISMATCH on");
    expect(out).toMatch(new RegExp(`Type +.*keyturn rekey ${id}`));
    expect(out).toMatch(/Runbook +docs\/runbook.md, section MISMATCH/);
    expect(out).toContain(`executions/details/${EXECUTION}`);
    expect(out).not.toContain("STALE on");
  });

  test("is found by its host as well", async () => {
    const [byId, byHost] = [await show(id, "--json"), await show(ec2InstanceId, "--json")];
    expect(byHost).toMatchObject({ code: 0, err: "" });
    const document = JSON.parse(byHost.out);
    expect(document).toEqual(JSON.parse(byId.out));
    expect(document).toMatchObject({
      subject: id,
      instance: { id, ec2InstanceId, status: "ACTIVE", generation: 2 },
      stands: [
        { cause: "MISMATCH", execution: EXECUTION },
        { cause: "NOT_OWNER", subject: ec2InstanceId },
      ],
    });
  });

  test("shows nothing of its keys", async () => {
    const { current, agentPublic, serverPublic } = await fleet.record(id);
    const { key } = fleet.keyFile(ec2InstanceId);
    for (const args of [[id], [id, "--json"]]) {
      const { out } = await show(...args);
      for (const secret of [key, current.ciphertext, current.nonce, agentPublic, serverPublic]) {
        expect(secret).not.toBe("");
        expect(out).not.toContain(secret);
      }
    }
  });
});

describe("the page", () => {
  async function answerOf(path: string, params: Record<string, string>, query = ""): Promise<unknown> {
    const { endpoint, region, credentials } = fleet.aws;
    const running = { pid: process.pid, endpoint, region, account: ACCOUNT, credentials };
    const place = { ...findPlace({ aws: true, region }, {}), kind: "here" as const, running };
    const stopped = new AbortController().signal;
    const context = { place, out: quietOutput().out, now: Date.now, stopped };
    const route = lifeRoutes(context, () => accountOf(context)).find((one) => one.path === path);
    return route?.answer({ params, query: new URLSearchParams(query), body: undefined, gone: stopped });
  }
  const lifeOf = async (subject: string) =>
    (await answerOf("/api/life/:subject", { subject })) as LifeDocument & Record<string, unknown>;
  const samplesOf = async (query: string) =>
    (await answerOf("/api/samples/:id", { id }, `host=${ec2InstanceId}&${query}`)) as SamplesDocument;

  test.each([() => id, () => ec2InstanceId, () => SECRET, () => EXAMPLE_KEY])("has the same", async (subject) => {
    const { life, stands, instance, earlierLines, subject: name } = await lifeOf(subject());
    const shown = JSON.parse((await show(subject(), "--json")).out);
    const plain = life.map(({ executionArn: _, askedAtAGlance: __, ...entry }) => entry);
    // The watch may have looked between the two.
    const past = (entries: { what: string }[]) => entries.filter(({ what }) => !["proved", "checked"].includes(what));
    expect(past(plain)).toEqual(past(shown.life));
    const { stands: shownStands, earlierLines: shownEarlier, subject: shownName } = shown;
    // The page has the mail about each, too.
    expect({ stands, earlierLines, subject: name }).toMatchObject({
      ...{ stands: shownStands, earlierLines: shownEarlier, subject: shownName },
    });
    expect(Object.keys(instance ?? {}).sort()).toEqual(Object.keys(shown.instance ?? {}).sort());
  });

  test("leads from what was done to the execution that did it", async () => {
    const { life, turns, findings } = await lifeOf(id);
    const flowOf = (what: string) =>
      life
        .find((entry) => entry.what === what)
        ?.executionArn?.split(":")
        .at(-2);
    expect(flowOf("promoted")).toBe("keyturn-rotation");
    expect(flowOf("quarantined")).toBe("keyturn-operate");
    expect(flowOf("released")).toBe("keyturn-operate");
    expect(life.find(({ what }) => what === "found")?.executionArn).toBe(EXECUTION);
    expect((await lifeOf(SECRET)).life[0]?.executionArn).toMatch(/:execution:keyturn-credential:turn-1$/);
    expect(turns.map(({ generation }) => generation)).toEqual([2]);
    expect(findings.map(({ cause, endedAt }) => [cause, endedAt]).sort()).toEqual([
      ...[
        ["MISMATCH", undefined],
        ["NOT_OWNER", undefined],
        ["STALE", AT + 5000],
      ],
    ]);
  });

  test("has the samples of a window, by time and generation alone", async () => {
    const { from, to, samples, isCut } = await samplesOf(`from=${Date.now() - 3600_000}`);
    expect(isCut).toBe(false);
    expect(new Set(samples.flatMap(Object.keys))).toEqual(new Set(["at", "generation"]));
    expect(samples.at(-1)?.generation).toBe(2);
    expect(samples.map(({ at }) => at)).toEqual(samples.map(({ at }) => at).sort());
    expect(samples.every(({ at }) => at >= from && at <= to)).toBe(true);
    const second = samples[1]?.at ?? 0;
    expect((await samplesOf(`from=${second}&to=${second}`)).samples).toEqual([samples[1]]);
    const longest = await samplesOf("from=0");
    expect(longest.to - longest.from).toBeLessThanOrEqual(LONGEST_WINDOW_MS);
  });

  test("takes no window, no host and no subject that is none", async () => {
    for (const query of ["from=x", "to=-1", `from=${Date.now()}&to=1000`]) {
      await expect(samplesOf(query), query).rejects.toMatchObject({ code: 2 });
    }
    await expect(answerOf("/api/samples/:id", { id }, "host=web")).rejects.toMatchObject({ code: 2 });
    await expect(answerOf("/api/samples/:id", { id: "x" }, `host=${ec2InstanceId}`)).rejects.toMatchObject({ code: 2 });
    await expect(lifeOf("no subject")).rejects.toMatchObject({ code: 2 });
    await expect(lifeOf("ffffff")).rejects.toMatchObject({ code: 3 });
  });

  test("shows nothing of its keys", async () => {
    const { current, agentPublic, serverPublic } = await fleet.record(id);
    const { key } = fleet.keyFile(ec2InstanceId);
    const said = JSON.stringify([await lifeOf(id), await samplesOf("from=0")]);
    for (const secret of [key, current.ciphertext, current.nonce, agentPublic, serverPublic]) {
      expect(secret).not.toBe("");
      expect(said).not.toContain(secret);
    }
  });
});

test("a credential has its versions, who was seen, and its turns", async () => {
  const { code, out } = await show(SECRET);
  expect(code).toBe(0);
  expect(out).toMatch(/^Current +orders_b, version v+, since 2026-11-20 03:00:00 UTC/m);
  expect(out).toMatch(/^Seen +web at 10.0.3.17 with orders_a/m);
  expect(out).toMatch(/promoted +.*verdict MATCH.* ops\?\[2J +turn-1$/m);
  expect(out).toContain("Nothing stands.");
});

test("an access key has what was done to it", async () => {
  const { code, out } = await show(EXAMPLE_KEY);
  expect(code).toBe(0);
  expect(out).toMatch(/deactivated +done DEACTIVATED, user deployer +aws.health/);
});

test("of whom there is nothing, it says where to look", async () => {
  const { code, out, err } = await show("ffffff");
  expect({ code, out }).toEqual({ code: 3, out: "" });
  expect(err).toMatch(/^keyturn: There is nothing of ffffff .*: `keyturn fleet --all` lists all instances\.$/m);
});
