import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import type { CallRecord } from "embedded-aws";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { dynamoCredentials } from "../../functions/clients/credentials.dynamodb.ts";
import { dynamoFindings } from "../../functions/clients/findings.dynamodb.ts";
import { newRecord } from "../../functions/credential/record.ts";
import type { Finding } from "../../functions/findings/finding.ts";
import { NAMES } from "../../infra/wiring.ts";
import { run } from "../../operator/commands/fleet.ts";
import { startTestFleet, type TestFleet } from "../flows/support.ts";
import { envOf, keyturn, personWith, type Ran } from "./keyturn.ts";
import { finding, HOUR } from "./support.ts";

// What shows a fleet, as whoever may only look sees it. Its records are written straight into the table.

const SECRET_WORDS = ["c2VhbGVk", "nonce-that-nobody-sees", "token-of-a-task", "token-of-a-turn"];
const NOW = Date.now();
const BEHIND_MB = "x".repeat(250_000);

let fleet: TestFleet;
let env: Record<string, string>;
let calls: CallRecord[] = [];
const asReader = (...args: string[]): Promise<Ran> => keyturn(args, { env });
const idOf = (n: number) => n.toString(16).padStart(6, "0");
const hostOf = (n: number) => `i-${n.toString(16).padStart(17, "0")}`;

beforeAll(async () => {
  fleet = await startTestFleet(0, { onCall: (call) => calls.push(call) });
  env = envOf(fleet, await personWith("reader", fleet));
  const { endpoint, region, credentials } = fleet.aws;
  const client = new DynamoDBClient({ endpoint, region, credentials });
  const put = (item: object) =>
    client.send(
      new PutItemCommand({ TableName: NAMES.instanceTable, Item: marshall(item, { removeUndefinedValues: true }) }),
    );
  const [ciphertext, nonce, taskToken, token] = SECRET_WORDS;
  for (let n = 1; n <= 8; n += 1) {
    await put({
      ...{ id: idOf(n), ec2InstanceId: hostOf(n), ip: `10.0.0.${n}`, status: n === 8 ? "STOPPED" : "ACTIVE" },
      ...{ agentVersion: n === 5 ? "0.1.0" : "0.2.0", agentPublic: ciphertext, serverPublic: ciphertext },
      ...{ registeredAt: NOW - 90 * 24 * HOUR, startedAt: NOW, dueAt: NOW + 24 * HOUR, lastProofAt: NOW },
      ...{ verdict: n === 3 ? "STALE" : "MATCH", judgedAt: NOW, auditDue: [{ details: BEHIND_MB }] },
      current: {
        generation: n,
        nonce,
        ciphertext,
        since: NOW - n * 24 * HOUR,
        pushes: { x: { taskToken, sentAt: 0 } },
      },
      ...(n === 4 && { failingSince: NOW - HOUR }),
    });
  }
  await put({ id: idOf(9), ec2InstanceId: hostOf(9), status: "RETIRED", retiredAt: NOW });
  await put({ id: `owner#${hostOf(1)}`, holder: idOf(1), cameAt: [], version: 1 });
  // Somebody has written this who wants to be seen at the top of the screen.
  await put({ id: idOf(10), ec2InstanceId: "\x1b[H\nroot", status: "ACTIVE", verdict: "MATCH" });

  const findings = dynamoFindings(client, NAMES.findingTable);
  const told = (one: Partial<Finding> & Pick<Finding, "subject" | "cause">) =>
    findings.write(finding({ since: NOW - HOUR, ...one }), undefined);
  // Of this one, the record says nothing yet.
  await told({ subject: idOf(2), cause: "MISMATCH", facts: { ec2InstanceId: hostOf(2) }, since: NOW - 2 * HOUR });
  await told({ subject: hostOf(6), cause: "InstanceUnreachable", since: NOW - HOUR - 1 });
  await told({ subject: "fleet", cause: "ScheduleSilent", since: NOW - 3 * HOUR });
  await told({ subject: idOf(7), cause: "STALE", endedAt: NOW - 1000 });
  // A storm, and those that it is of.
  await told({ subject: "fleet", cause: "PushRefused", since: NOW - 4 * HOUR, firstAt: { [idOf(1)]: NOW } });
  for (const n of [1, 5]) await told({ subject: idOf(n), cause: "PushRefused", ofStorm: n === 5 });
  const behind = [{ consumer: "job", why: "NOT_SEEN" as const }];
  await told({ subject: "orders/db", cause: "ConsumersBehind", facts: { behind } });

  const records = dynamoCredentials(client, NAMES.instanceTable);
  const seen = { user: "orders_a", by: "sessions" as const };
  await records.write(
    {
      ...newRecord("orders/db"),
      current: { versionId: "5".repeat(32), user: "orders_b", since: NOW - 2 * HOUR, execution: "orders-turn" },
      predecessor: { versionId: "4".repeat(32), user: "orders_a", announced: [] },
      requested: [{ token: token ?? "", force: false, heal: false, at: 0 }],
      sightings: [
        { ...seen, consumer: "web", at: NOW - HOUR, address: "10.0.0.1" },
        // It has moved.
        { ...seen, consumer: "shop", at: NOW - HOUR },
        { ...seen, consumer: "shop", at: NOW - HOUR / 2, user: "orders_b" },
      ],
    },
    undefined,
  );
  await records.write(newRecord("new/db"), undefined);
});
afterAll(() => fleet.close());
beforeEach(() => {
  calls = [];
});

const firstWords = (text: string) =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => line.split(" ")[0]);

/** Nothing of keys and tokens is printed, nor read. */
function expectNoSecret(out: string): void {
  for (const word of SECRET_WORDS) expect(out).not.toContain(word);
}

describe("keyturn fleet", () => {
  test("shows every instance that is not retired, the worst first, in one call beside its pages", async () => {
    const { code, out, err } = await asReader("fleet", "--check");
    expect({ code, err }).toEqual({ code: 5, err: "" });
    expect(firstWords(out)).toEqual([
      "ID",
      // MISMATCH stands, whatever the record says; then what else is wrong, the oldest key first; then what fails.
      ...[2, 10, 6, 5, 3, 1, 4, 7, 8].map(idOf),
      ...["Beside", "9"],
    ]);
    expect(out).toMatch(/^000002 .* ACTIVE +MATCH +2 +2 d +in \d+ h +\d+ s ago +0\.2\.0 +MISMATCH$/m);
    expect(out).toContain(
      "Beside them stand: PushRefused (fleet), ScheduleSilent (fleet), ConsumersBehind (orders/db).",
    );
    expect(out).toMatch(/9 instances: 7 MATCH, 1 STALE, 1 STOPPED; 7 to look at\./);
    expect(out).toContain("?[H?root");
    const counts = calls.map(({ service, operation }) => `${service}:${operation}`);
    // 2 MB of records.
    expect(counts.filter((one) => one === "dynamodb:Scan").length).toBeLessThanOrEqual(3);
    expect(counts.filter((one) => one !== "dynamodb:Scan")).toEqual(["dynamodb:Query"]);
  });

  test("--check exits with 0 where nothing is to be looked at", async () => {
    expect((await asReader("fleet", "--check", "--where", "status=STOPPED")).code).toBe(0);
  });

  test("--where chooses, --all has the retired, and --json is one document", async () => {
    const chosen = await asReader("fleet", "--where", "agent<0.2.0", "--where", "cause=PushRefused");
    expect(firstWords(chosen.out)).toEqual(["ID", idOf(5), "1"]);
    const { out, err, code } = await asReader("fleet", "--all", "--json");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expectNoSecret(out);
    const { instances, otherFindings } = JSON.parse(out);
    expect(instances).toHaveLength(10);
    expect(instances.at(-1)).toMatchObject({ id: idOf(9), status: "RETIRED", findings: [], needsAttention: false });
    expect(instances[0]).toMatchObject({
      id: idOf(2),
      generation: 2,
      findings: [{ cause: "MISMATCH" }],
      needsAttention: true,
    });
    expect(otherFindings).toHaveLength(3);
  });

  test.each([
    [["--where", "cause=MISMTCH"], 2, "Did you mean MISMATCH?"],
    [["--where", "cause=KeyTooOld"], 3, "Nothing matched: of 9 instances, none meets cause=KeyTooOld."],
  ])("%j is refused with a sentence, and %d", async (args, code, said) => {
    const ran = await asReader("fleet", ...args);
    expect(ran).toMatchObject({ code, out: "" });
    expect(ran.err).toContain(said);
    expect(ran.err).not.toMatch(/^ {4}at /m);
  });

  test.each([{ json: true }, { check: true as const }])(
    "--watch goes with neither --json nor --check: %j",
    async ({ json, check }) => {
      const context = { out: { json } } as never;
      await expect(run({ arguments: [], options: { watch: true, ...(check && { check }) } }, context)).rejects.toThrow(
        "leave one of them out",
      );
    },
  );

  test("--watch prints each look apart until Ctrl-C, and exits with 130", async () => {
    const ran = await keyturn(["fleet", "--watch", "1s"], {
      env,
      onStart(child) {
        let looks = 0;
        child.stdout?.on("data", (text) => {
          looks += String(text).split("Read at ").length - 1;
          if (looks === 2) child.kill("SIGINT");
        });
      },
    });
    expect({ code: ran.code, err: ran.err }).toEqual({ code: 130, err: "" });
    expect(ran.out.match(/^ID /gm)).toHaveLength(2);
    expect(ran.out).not.toContain("\x1b");
  });
});

describe("keyturn findings", () => {
  test("shows what stands, the oldest first, each storm once, and what to type", async () => {
    const { code, out, err } = await asReader("findings", "--check");
    expect({ code, err }).toEqual({ code: 5, err: "" });
    expect(firstWords(out)).toEqual(["SUBJECT", "fleet", "fleet", idOf(2), hostOf(6), "orders/db", "5"]);
    expect(out).toMatch(/^fleet +PushRefused .* 2 subjects .* npx keyturn rekey --cause PushRefused /m);
    expect(out).toMatch(
      new RegExp(`^000002 +MISMATCH +\\S+ \\S+ UTC  .*its key  +${hostOf(2)} +1 +2 h ago +\\S.*000002`, "m"),
    );
    expect(calls.map(({ operation }) => operation)).toEqual(["Query"]);
  });

  test("--cause chooses, --ended has what is over, and --json has those of a storm", async () => {
    const stale = await asReader("findings", "--cause", "STALE", "--ended", "--check");
    expect({ code: stale.code, err: stale.err }).toEqual({ code: 0, err: "" });
    expect(stale.out).toMatch(/^000007 +STALE .*\nNothing stands with the cause STALE\.\n$/m);
    const { findings } = JSON.parse((await asReader("findings", "--cause", "PushRefused", "--json")).out);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({ subject: "fleet", members: [{ subject: idOf(1) }, { subject: idOf(5) }] });
  });
});

describe("keyturn secrets", () => {
  test("shows whose the current version is, and who has not moved", async () => {
    const { code, out, err } = await asReader("secrets", "--check");
    expect({ code, err }).toEqual({ code: 5, err: "" });
    expect(firstWords(out)).toEqual(["SECRET", "orders/db", "new/db", "2"]);
    expect(out).toMatch(
      /^orders\/db +orders_b +2 h ago +orders_a, let in +job, web at 10\.0\.0\.1 .* ConsumersBehind$/m,
    );
    expect(out).toMatch(/^new\/db .* never turned$/m);
    expect(out).not.toContain("shop");
    const json = (await asReader("secrets", "--json")).out;
    expectNoSecret(json);
    const { secrets } = JSON.parse(json);
    expect(secrets[0]).toMatchObject({ name: "orders/db", current: { user: "orders_b", execution: "orders-turn" } });
  });
});
