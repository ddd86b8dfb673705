import { expect, test } from "vitest";
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
  requestTurn,
  rotateSecret,
  showRecord,
  turnNow,
} from "../../../functions/telling/commands.ts";
import { LIVE, NAMES, stateMachineNameOf } from "../../../infra/wiring.ts";
import { EC2, EXECUTION, ID } from "../support.ts";

const { detailType, detail } = credentialRotationRequested;
const about = { id: ID, ec2InstanceId: EC2, execution: EXECUTION };

test("commands name what the deployment makes", () => {
  expect(showRecord(about)).toContain(`--table-name ${NAMES.instanceTable} --key '{"id":{"S":"${ID}"}}'`);
  expect(listFindings(about)).toContain(`--table-name ${NAMES.findingTable} --index-name ${OPEN_INDEX.name} `);
  expect(listFindings(about)).toContain(`"#o":"${OPEN_INDEX.partitionKey.name}"`);
  expect(FINDINGS_TABLE.partitionKey.name).toBe("subject");
  expect(turnNow(about)).toContain(`:stateMachine:${stateMachineNameOf("rotation")}:${LIVE} --input '{"id":"${ID}"}'`);
  expect(installAgent(about)).toContain(`--document-name ${NAMES.installDocument} --document-version '$LATEST' `);
  expect(installAgent(about)).toContain(` --instance-ids ${EC2}`);
  expect(readExecution(about)).toContain(`--execution-arn ${EXECUTION}`);
});

test("a rekey of one, or of all with a cause, is an execution that operate takes as it is typed", () => {
  const typed = [rekey(about), rekey(about, { anew: true }), rekeyAll("MISMATCH", about)];
  typed.push(rekeyAll("REKEY_TAKEN", about, { anew: true }));
  const asked = typed.map((command = "") => {
    const [, machine, input = ""] =
      /^aws stepfunctions start-execution --state-machine-arn (\S+) --input '(.*)'$/.exec(command) ?? [];
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
  expect(describeSecret(credential)).toBe("aws secretsmanager describe-secret --secret-id orders/db");
  expect(rotateSecret(credential)).toBe("aws secretsmanager rotate-secret --secret-id orders/db");
  for (const more of [undefined, "heal", "force"] as const) {
    const [, entries = ""] = /^aws events put-events --entries '(.*)'$/.exec(requestTurn(credential, more) ?? "") ?? [];
    const [{ EventBusName, DetailType, Detail }] = JSON.parse(entries);
    expect({ EventBusName, DetailType }).toEqual({ EventBusName: NAMES.eventBus, DetailType: detailType });
    expect(detail.parse(JSON.parse(Detail))).toEqual({ secret: "orders/db", ...(more && { [more]: true }) });
  }
});

test("the agent is installed by the document's latest version: CloudFormation moves no default", () => {
  expect(installAgent(about)).toContain(" --document-version '$LATEST' ");
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
  const commands = Object.values(ADVICE).flatMap(
    ({ command }) => command?.({ ...about, secret: "orders/db", execution }) ?? [],
  );
  const message = "Let functions/telling name what is beside the execution, by namesBeside and flowBeside";
  expect(
    commands.filter((command) => command.includes(NAMES.prefix)),
    message,
  ).toEqual([]);
  expect(flowBeside(execution, "rotation")).toMatch(/:stateMachine:blue-rotation:live$/);
  for (const name of ["blue-instances", "blue-findings", "blue-schedule", "alias/blue-key-material"]) {
    expect(commands.join("\n")).toContain(name);
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
  expect(showRecord(about)).not.toMatch(/ciphertext|nonce|pushes|agentPublic/);
  expect(showRecord(about)).toContain("--projection-expression");
});
