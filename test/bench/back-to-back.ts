import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { KMSClient } from "@aws-sdk/client-kms";
import { CreateStateMachineCommand, SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { SSMClient } from "@aws-sdk/client-ssm";
import { TimestreamQueryClient } from "@aws-sdk/client-timestream-query";
import { ACCOUNT, type EmbeddedAws, REGION } from "embedded-aws";
import { openSeries } from "../../agent/series/open.ts";
import { dynamodbTickets } from "../../agent/turn/tickets.dynamodb.ts";
import { VERSION } from "../../agent/version.ts";
import { keyRotated } from "../../events/key-rotated.ts";
import { lineOf } from "../../functions/audit/line.ts";
import { putLines } from "../../functions/audit/put-lines.ts";
import { dynamoAudit } from "../../functions/clients/audit.dynamodb.ts";
import { eventBridgeBus } from "../../functions/clients/bus.eventbridge.ts";
import { ssmCommands } from "../../functions/clients/commands.ssm.ts";
import { sfnExecutions } from "../../functions/clients/executions.sfn.ts";
import { kmsNonces } from "../../functions/clients/nonces.kms.ts";
import { dynamoRegistry } from "../../functions/clients/registry.dynamodb.ts";
import { dynamoTickets } from "../../functions/clients/tickets.dynamodb.ts";
import { timestreamSeries } from "../../functions/clients/time-series.timestream.ts";
import { kmsVault } from "../../functions/clients/vault.kms.ts";
import { NAMES } from "../../infra/wiring.ts";
import { liveArn } from "../../local/roles.ts";

const DOCUMENT = "Bench-Nothing";
const HEX = "ab".repeat(32);

/**
 * The AWS calls of a rotation, one after the other, by the clients that the steps use, on a record of its own and with
 * an instance that does nothing. What is started is a state machine that does nothing either.
 *
 * @returns makes the calls of one rotation
 */
export async function backToBack(aws: EmbeddedAws): Promise<() => Promise<void>> {
  const config = { endpoint: aws.endpoint, region: aws.region, credentials: aws.credentials };
  const sfn = new SFNClient(config);
  const document = {
    schemaVersion: "2.2",
    mainSteps: [{ action: "aws:runShellScript", name: "nothing", inputs: { runCommand: [":"] } }],
  };
  aws.commands.deployDocument(DOCUMENT, JSON.stringify(document));
  const definition = { QueryLanguage: "JSONata", StartAt: "Done", States: { Done: { Type: "Succeed" } } };
  const { stateMachineArn } = await sfn.send(
    new CreateStateMachineCommand({
      name: "bench-nothing",
      definition: JSON.stringify(definition),
      roleArn: `arn:aws:iam::${ACCOUNT}:role/bench`,
    }),
  );
  const registry = dynamoRegistry(new DynamoDBClient(config), NAMES.instanceTable);
  const audit = dynamoAudit(new DynamoDBClient(config), NAMES.auditTable);
  const samples = timestreamSeries(new TimestreamQueryClient(config), {
    database: NAMES.timestreamDatabase,
    table: NAMES.timestreamTable,
  });
  const tickets = dynamoTickets(new DynamoDBClient(config), {
    ...{ table: NAMES.ticketTable, partition: "aws", account: ACCOUNT },
  });
  const kms = new KMSClient(config);
  const vault = kmsVault(kms, NAMES.keyMaterialKey);
  const nonces = kmsNonces(kms, NAMES.nonceKey);
  const commands = ssmCommands(new SSMClient(config), DOCUMENT);
  const executions = sfnExecutions(sfn, {
    rotation: liveArn("rotation"),
    "fleet-rotation": liveArn("fleet-rotation"),
    credential: liveArn("credential"),
    "exposed-key": liveArn("exposed-key"),
  });
  const bus = eventBridgeBus(new EventBridgeClient(config), NAMES.eventBus);

  const [id, ec2InstanceId] = ["bbbbbb", "i-bbbbbbbbbbbbbbbbb"];
  const credentials = { sessionToken: "", ...aws.credentialsOf(ec2InstanceId), expiration: new Date(8e15) };
  const first = { generation: 1, nonce: "", ciphertext: await vault.seal(HEX, { id, ec2InstanceId, generation: 1 }) };
  await registry.add({
    ...{
      id,
      ec2InstanceId,
      ip: "10.0.0.1",
      status: "ACTIVE",
      agentVersion: VERSION,
      agentPublic: HEX,
      serverPublic: HEX,
    },
    ...{ registeredAt: 0, startedAt: 0, dueAt: 8e15, current: { ...first, since: 0 } },
  });

  let current = first;
  return async () => {
    const generation = current.generation + 1;
    const name = { id, ec2InstanceId, generation };
    await sfn.send(new StartExecutionCommand({ stateMachineArn, input: JSON.stringify({ id }) }));
    await registry.find(id);
    await samples.read({ id, ec2InstanceId, from: Date.now() - 60_000, to: Date.now() + 60_000, limit: 200 });
    await registry.find(id);
    await vault.unseal(current.ciphertext, { ...name, generation: current.generation });
    await registry.find(id);
    await vault.unseal(current.ciphertext, { ...name, generation: current.generation });
    const nonce = await nonces.compute(name);
    const ciphertext = await vault.seal(HEX, name);
    const pending = { generation, nonce, ciphertext, ticketProof: HEX, receiptDigest: HEX, pushes: {} };
    await registry.setPending(id, { pending, verdict: "MATCH", lastProofAt: Date.now() });
    const push = { taskToken: HEX, sentAt: Date.now() };
    await registry.setPush(id, { generation, execution: "bench", push });
    await tickets.lay(ec2InstanceId, { id, generation, nonce, proof: HEX }, { at: Date.now() });
    const commandId = await commands.send(ec2InstanceId);
    await commands.state(commandId, ec2InstanceId);
    await registry.find(id);
    // No execution waits for this token, which costs the same call.
    await executions.endTask(HEX, { output: {} });
    const at = Date.now();
    const line = lineOf("promoted", at, { generation });
    const promotion = { generation, receiptDigest: HEX, execution: "bench", at, dueAt: 8e15, line };
    await putLines(id, (await registry.promote(id, promotion)) ?? {}, { audit, registry, now: Date.now });
    await bus.put(keyRotated, { ...name, execution: "bench" });
    const place = {
      region: async () => REGION,
      partition: async () => "aws",
      accountId: async () => ACCOUNT,
      credentials: async () => credentials,
    };
    const fetching = dynamodbTickets(NAMES.ticketTable, place);
    await fetching.find({ id, ec2InstanceId });
    fetching.close();
    const table = { database: NAMES.timestreamDatabase, table: NAMES.timestreamTable };
    const series = openSeries({ kind: "timestream", ...table }, place);
    await series.write({ ...name, timeMs: Date.now(), hash: HEX });
    series.close();
    current = pending;
  };
}
