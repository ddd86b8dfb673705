import { LIVE, machineNameOf, TYPED_NAMES } from "../shared/names.ts";

/** What a command is about. */
export interface About {
  id?: string | undefined;
  ec2InstanceId?: string | undefined;
  /** ARN of an execution, whose account and Region the others are in. */
  execution: string;
}

/** Has the key of an instance turned now; undefined where it is not known which. */
export function turnNow({ id, execution }: About): string | undefined {
  return (
    id &&
    `aws stepfunctions start-execution --state-machine-arn ${flowBeside(execution, "rotation")} --input '{"id":"${id}"}'`
  );
}

/** Shows the record of an instance, without its ciphertexts; undefined where it is not known which. */
export function showRecord({ id }: About): string | undefined {
  return (
    id &&
    `aws dynamodb get-item --table-name ${TYPED_NAMES.instanceTable} --key '{"id":{"S":"${id}"}}' --projection-expression ` +
      `'ec2InstanceId, ip, #s, verdict, judgedAt, lastProofAt, dueAt, #c.generation, #c.since' ` +
      `--expression-attribute-names '{"#s":"status","#c":"current"}'`
  );
}

/** Installs the agent of this deployment on a host, or brings the one there up to date; undefined where it is not known which. */
export function installAgent({ ec2InstanceId }: About): string | undefined {
  return (
    ec2InstanceId &&
    `aws ssm send-command --document-name ${TYPED_NAMES.installDocument} --document-version '$LATEST' ` +
      `--instance-ids ${ec2InstanceId}`
  );
}

/** Shows how an execution went, its end first. */
export function readExecution({ execution }: About): string {
  return `aws stepfunctions get-execution-history --reverse-order --max-items 5 --execution-arn ${execution}`;
}

/** Lists all of which there is something to tell. */
export function listFindings(): string {
  return (
    `aws dynamodb query --table-name ${TYPED_NAMES.findingTable} --index-name byOpen --key-condition-expression '#o = :y' ` +
    `--expression-attribute-names '{"#o":"open"}' --expression-attribute-values '{":y":{"S":"YES"}}'`
  );
}

/** ARN to start a flow by, in the account and Region of an execution. */
export function flowBeside(execution: string, flow: string): string {
  const [arn, partition, service, region, account] = execution.split(":");
  return [arn, partition, service, region, account, "stateMachine", machineNameOf(flow), LIVE].join(":");
}
