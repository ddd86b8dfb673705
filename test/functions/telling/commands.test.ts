import { describe, expect, test } from "vitest";
import { credentialRotationRequested } from "../../../events/credential-rotation-requested.ts";
import { FINDINGS_TABLE, OPEN_INDEX } from "../../../functions/findings/table.ts";
import { request } from "../../../functions/operate/request.ts";
import { checkInput } from "../../../functions/shared/input.ts";
import { originOf } from "../../../functions/shared/names.ts";
import { ADVICE } from "../../../functions/telling/advice.ts";
import {
  describeSecret,
  flowBeside,
  installAgent,
  listFindings,
  readExecution,
  rekey,
  rekeyAll,
  reportBy,
  requestTurn,
  rotateSecret,
  showRecord,
  showSchedule,
  turnNow,
} from "../../../functions/telling/commands.ts";
import type { Typed } from "../../../functions/telling/typed.ts";
import { LIVE, NAMES, stateMachineNameOf } from "../../../infra/wiring.ts";
import { findPlace } from "../../../operator/place/place.ts";
import { parsed } from "../../operator/parsed.ts";
import { EC2, EXECUTION, hex64Of, ID } from "../support.ts";

const { detailType, detail } = credentialRotationRequested;
const about = { id: ID, ec2InstanceId: EC2, execution: EXECUTION };

const awsOf = (typed: Typed | undefined) => typed?.aws ?? "";

test("commands name what the deployment makes", () => {
  expect(awsOf(showRecord(about))).toContain(`--table-name ${NAMES.instanceTable} --key '{"id":{"S":"${ID}"}}'`);
  expect(awsOf(listFindings(about))).toContain(`--table-name ${NAMES.findingTable} --index-name ${OPEN_INDEX.name} `);
  expect(awsOf(listFindings(about))).toContain(`"#o":"${OPEN_INDEX.partitionKey.name}"`);
  expect(FINDINGS_TABLE.partitionKey.name).toBe("subject");
  expect(awsOf(turnNow(about))).toContain(
    `:stateMachine:${stateMachineNameOf("rotation")}:${LIVE} --input '{"id":"${ID}"}'`,
  );
  expect(awsOf(installAgent(about))).toContain(
    `--document-name ${NAMES.installDocument} --document-version '$LATEST' `,
  );
  expect(awsOf(installAgent(about))).toContain(` --instance-ids ${EC2}`);
  expect(awsOf(readExecution(about))).toContain(`--execution-arn ${EXECUTION}`);
});

test("a rekey of one, or of all with a cause, is an execution that operate takes as it is typed", () => {
  const typed = [rekey(about), rekey(about, { anew: true }), rekeyAll("MISMATCH", about)];
  typed.push(rekeyAll("REKEY_TAKEN", about, { anew: true }));
  const asked = typed.map((command) => {
    const [, machine, input = ""] =
      /^aws stepfunctions start-execution --state-machine-arn (\S+) --input '(.*)'$/.exec(awsOf(command)) ?? [];
    expect(machine).toMatch(new RegExp(`:stateMachine:${stateMachineNameOf("operate")}:${LIVE}$`));
    expect(checkInput(request, JSON.parse(input))).toMatchObject({ ok: true });
    return JSON.parse(input);
  });
  expect(asked).toEqual([
    { act: "rekey", id: ID },
    { act: "rekey", id: ID, anew: true },
    { act: "rekey", cause: "MISMATCH" },
    { act: "rekey", cause: "REKEY_TAKEN", anew: true },
  ]);
  expect(rekey({ execution: EXECUTION })).toBeUndefined();
});

test("of a credential, Secrets Manager is asked by its secret's name, and Keyturn by an event on its bus", () => {
  const credential = { secret: "orders/db", execution: EXECUTION };
  expect(awsOf(describeSecret(credential))).toBe("aws secretsmanager describe-secret --secret-id orders/db");
  expect(awsOf(rotateSecret(credential))).toBe("aws secretsmanager rotate-secret --secret-id orders/db");
  for (const more of [undefined, "heal", "force"] as const) {
    const [, entries = ""] =
      /^aws events put-events --entries '(.*)'$/.exec(awsOf(requestTurn(credential, more))) ?? [];
    const [{ EventBusName, DetailType, Detail }] = JSON.parse(entries);
    expect({ EventBusName, DetailType }).toEqual({ EventBusName: NAMES.eventBus, DetailType: detailType });
    expect(detail.parse(JSON.parse(Detail))).toEqual({ secret: "orders/db", ...(more && { [more]: true }) });
  }
});

describe("by the command line keyturn", () => {
  const execution = "arn:aws-cn:states:cn-north-1:123456789012:execution:keyturn-watch:one";
  const there = { ...about, secret: "orders/db", execution };
  const region = "--region cn-north-1";
  const seal = { day: "2026-11-19", digest: hex64Of("seal") };

  test.each<[string | undefined, string]>([
    [turnNow(there)?.keyturn, `rotate ${ID} ${region}`],
    [rekey(there)?.keyturn, `rekey ${ID} ${region}`],
    [rekey(there, { anew: true })?.keyturn, `rekey ${ID} --anew ${region}`],
    [rekeyAll("MISMATCH", there).keyturn, `rekey --cause MISMATCH ${region}`],
    [rekeyAll("REKEY_TAKEN", there, { anew: true }).keyturn, `rekey --cause REKEY_TAKEN --anew ${region}`],
    [showRecord(there)?.keyturn, `show ${ID} ${region}`],
    [describeSecret(there)?.keyturn, `show orders/db ${region}`],
    [rotateSecret(there)?.keyturn, `rotate orders/db ${region}`],
    [requestTurn(there)?.keyturn, `rotate orders/db ${region}`],
    [requestTurn(there, "heal")?.keyturn, `rotate orders/db --heal ${region}`],
    [requestTurn(there, "force")?.keyturn, `rotate orders/db --force ${region}`],
    [listFindings(there).keyturn, `findings ${region}`],
    [showSchedule(there).keyturn, `doctor ${region}`],
    [reportBy(seal, execution), `report --seal 2026-11-19=${seal.digest} ${region}`],
  ])("%s", async (typed = "", words) => {
    expect(typed).toBe(`npx keyturn ${words}`);
    expect((await parsed(typed))?.global).toMatchObject({ region: "cn-north-1", stack: undefined });
  });

  test("another deployment is named, as shipped none is", async () => {
    const blue = execution.replace("keyturn-", "blue-");
    expect(turnNow({ ...there, execution: blue })?.keyturn).toBe(`npx keyturn rotate ${ID} ${region} --stack Blue`);
    expect(findPlace({ stack: "Blue", data: "" }, {}).prefix).toBe("blue");
  });

  test("a secret whose name begins as an option does is none", async () => {
    const typed = requestTurn({ secret: "--all", execution }, "force")?.keyturn ?? "";
    expect(typed).toBe(`npx keyturn rotate --force ${region} -- --all`);
    const { arguments: subjects, options } = (await parsed(typed)) ?? {};
    expect([subjects, options?.all, options?.force]).toEqual([["--all"], undefined, true]);
  });
});

test("the agent is installed by the document's latest version: CloudFormation moves no default", () => {
  expect(awsOf(installAgent(about))).toContain(" --document-version '$LATEST' ");
});

test.each(["aws", "aws-cn", "aws-us-gov"])(
  "a flow is named in the account, Region and partition %s of an execution",
  (partition) => {
    const execution = `arn:${partition}:states:eu-west-1:123456789012:execution:keyturn-rotation:one`;
    expect(flowBeside(execution, "rotation")).toBe(
      `arn:${partition}:states:eu-west-1:123456789012:stateMachine:keyturn-rotation:live`,
    );
  },
);

test("what is told of a deployment of another name leads to that one's own", () => {
  const execution = EXECUTION.replace("keyturn-rotation", "blue-fleet-rotation/TurnEach");
  const commands = Object.values(ADVICE).flatMap(({ command }) => {
    const { aws, keyturn } = command?.({ ...about, secret: "orders/db", execution }) ?? { aws: "" };
    // The program is called so wherever it works.
    return [aws, ...(keyturn === undefined ? [] : [keyturn.replace("npx keyturn ", "npx ")])];
  });
  const message = "Let functions/telling name what is beside the execution, by namesBeside and flowBeside";
  expect(
    commands.filter((command) => command.includes(NAMES.prefix)),
    message,
  ).toEqual([]);
  expect(flowBeside(execution, "rotation")).toMatch(/:stateMachine:blue-rotation:live$/);
  for (const name of ["blue-instances", "blue-findings", "blue-schedule", "alias/blue-key-material"]) {
    expect(commands.join("\n")).toContain(name);
  }
  for (const command of commands.filter((one) => one.startsWith("npx "))) {
    expect(command).toMatch(/ --region us-east-1 --stack Blue$/);
  }
  expect(commands.join("\n")).toContain('"EventBusName":"blue"');
  expect(commands.join("\n")).toContain("/aws/vendedlogs/states/blue-registration ");
});

test("an execution tells of which deployment and flow it is", () => {
  const of = (rest: string) => originOf(`arn:aws:states:eu-west-1:123456789012:${rest}`);
  expect(of("execution:keyturn-fleet-rotation:one")).toEqual({ prefix: "keyturn", flow: "fleet-rotation" });
  expect(of("express:blue-registration:one:two")).toEqual({ prefix: "blue", flow: "registration" });
});

test("no command shows a ciphertext, a nonce or a token", () => {
  expect(awsOf(showRecord(about))).not.toMatch(/ciphertext|nonce|pushes|agentPublic/);
  expect(awsOf(showRecord(about))).toContain("--projection-expression");
});
