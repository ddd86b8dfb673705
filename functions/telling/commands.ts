import { credentialRotationRequested } from "../../events/credential-rotation-requested.ts";
import { arnAt } from "../../protocol/index.ts";
import { LIVE, machineNameOf, originOf, typedNamesOf } from "../shared/names.ts";
import { keyturnLine, type Typed } from "./typed.ts";

/** What a command is about. */
export interface About {
  id?: string | undefined;
  ec2InstanceId?: string | undefined;
  /** The name of a credential's secret. */
  secret?: string | undefined;
  /** The name or ARN of the secret with the API key that a token is made by. */
  keySecret?: string | undefined;
  /** The ID of an access key, and the name of the IAM user whose it is. */
  accessKeyId?: string | undefined;
  user?: string | undefined;
  /** ARN of an execution, of whose deployment, account and Region the others are. */
  execution: string;
}

/** Has the key of an instance turned now; undefined where it is not known which. */
export function turnNow({ id, execution }: About): Typed | undefined {
  if (id === undefined) return undefined;
  const machine = flowBeside(execution, "rotation");
  return {
    keyturn: keyturnLine(execution, ["rotate"], id),
    aws: `aws stepfunctions start-execution --state-machine-arn ${machine} --input '{"id":"${id}"}'`,
  };
}

/**
 * Has an instance agree a new key; undefined where it is not known which.
 *
 * @param more `anew` where somebody else has answered a rekey that stands already
 */
export function rekey({ id, execution }: About, more: { anew?: true } = {}): Typed | undefined {
  if (id === undefined) return undefined;
  return {
    keyturn: keyturnLine(execution, ["rekey", ...flagsOf(more)], id),
    aws: startOperate(execution, { act: "rekey", id, ...more }),
  };
}

/** Has all instances of whom a finding with this cause stands agree a new key, each its own. */
export function rekeyAll(cause: string, { execution }: Pick<About, "execution">, more: { anew?: true } = {}): Typed {
  return {
    keyturn: keyturnLine(execution, ["rekey", "--cause", cause, ...flagsOf(more)]),
    aws: startOperate(execution, { act: "rekey", cause, ...more }),
  };
}

const flagsOf = (more: object) => Object.keys(more).map((name) => `--${name}`);

function startOperate(execution: string, request: object): string {
  const machine = flowBeside(execution, "operate");
  return `aws stepfunctions start-execution --state-machine-arn ${machine} --input '${JSON.stringify(request)}'`;
}

/** Shows the record of an instance, without its ciphertexts; undefined where it is not known which. */
export function showRecord({ id, execution }: About): Typed | undefined {
  if (id === undefined) return undefined;
  return {
    keyturn: keyturnLine(execution, ["show"], id),
    aws:
      `aws dynamodb get-item --table-name ${namesBeside(execution).instanceTable} --key '{"id":{"S":"${id}"}}' --projection-expression ` +
      `'ec2InstanceId, ip, #s, verdict, judgedAt, lastProofAt, dueAt, #c.generation, #c.since' ` +
      `--expression-attribute-names '{"#s":"status","#c":"current"}'`,
  };
}

/** Installs the agent of this deployment on a host, or brings the one there up to date; undefined where it is not known which. */
export function installAgent({ ec2InstanceId, execution }: About): Typed | undefined {
  if (ec2InstanceId === undefined) return undefined;
  return {
    aws:
      `aws ssm send-command --document-name ${namesBeside(execution).installDocument} --document-version '$LATEST' ` +
      `--instance-ids ${ec2InstanceId}`,
  };
}

const ofHost =
  (asked: (ec2InstanceId: string) => string) =>
  ({ ec2InstanceId }: About): Typed | undefined =>
    ec2InstanceId === undefined ? undefined : { aws: asked(ec2InstanceId) };

/** Shows whether EC2 says that a host runs; undefined where it is not known which. */
export const hostState = ofHost(
  (host) => `aws ec2 describe-instances --instance-ids ${host} --query 'Reservations[].Instances[].State.Name'`,
);

/** Shows whether SSM reaches a host; undefined where it is not known which. */
export const hostInSsm = ofHost(
  (host) => `aws ssm describe-instance-information --filters Key=InstanceIds,Values=${host}`,
);

/** Shows what came of the last commands to a host; undefined where it is not known which. */
export const lastCommand = ofHost(
  (host) => `aws ssm list-command-invocations --instance-id ${host} --details --max-items 3`,
);

/** Shows which versions a secret has, which of them is current or pending, and how it is rotated; no value. */
export function describeSecret({ secret, execution }: About): Typed | undefined {
  if (secret === undefined) return undefined;
  return {
    keyturn: keyturnLine(execution, ["show"], secret),
    aws: `aws secretsmanager describe-secret --secret-id ${secret}`,
  };
}

/** Shows whom a secret's own policy lets in; undefined where it is not known which. */
export function readPolicy({ secret }: About): Typed | undefined {
  return secret === undefined ? undefined : { aws: `aws secretsmanager get-resource-policy --secret-id ${secret}` };
}

/** Has a credential turned now; undefined where it is not known which. */
export function rotateSecret({ secret, execution }: About): Typed | undefined {
  if (secret === undefined) return undefined;
  return {
    keyturn: keyturnLine(execution, ["rotate"], secret),
    aws: `aws secretsmanager rotate-secret --secret-id ${secret}`,
  };
}

/** Puts an API key, which somebody has saved as `key.json`, into its secret; undefined where it is not known which. */
export function putKey({ keySecret }: About): Typed | undefined {
  if (keySecret === undefined) return undefined;
  return { aws: `aws secretsmanager put-secret-value --secret-id ${keySecret} --secret-string file://key.json` };
}

/**
 * Asks Keyturn itself for a turn, which also takes a version that was left pending out of the way; undefined where it is not
 * known of which credential.
 *
 * @param more `heal` where the database refuses the current credential; `force` where consumers who are behind are locked out,
 *   and a former token is revoked at once
 */
export function requestTurn({ secret, execution }: About, more?: "heal" | "force"): Typed | undefined {
  if (secret === undefined) return undefined;
  const entry = {
    EventBusName: namesBeside(execution).eventBus,
    Source: "by.hand",
    DetailType: credentialRotationRequested.detailType,
    Detail: JSON.stringify({ secret, ...(more && { [more]: true }) }),
  };
  return {
    keyturn: keyturnLine(execution, ["rotate", ...(more === undefined ? [] : [`--${more}`])], secret),
    aws: `aws events put-events --entries '${JSON.stringify([entry])}'`,
  };
}

/** Shows how an execution went, its end first. */
export function readExecution({ execution }: About): Typed {
  return {
    aws: `aws stepfunctions get-execution-history --reverse-order --max-items 5 --execution-arn ${execution}`,
  };
}

/** Lists all of which there is something to tell. */
export function listFindings({ execution }: Pick<About, "execution">): Typed {
  return {
    keyturn: keyturnLine(execution, ["findings"]),
    aws:
      `aws dynamodb query --table-name ${namesBeside(execution).findingTable} --index-name byOpen --key-condition-expression '#o = :y' ` +
      `--expression-attribute-names '{"#o":"open"}' --expression-attribute-values '{":y":{"S":"YES"}}'`,
  };
}

/** Whether the schedule of the runs over the fleet is on. */
export function showSchedule({ execution }: About): Typed {
  return {
    keyturn: keyturnLine(execution, ["doctor"]),
    aws: `aws scheduler get-schedule --name ${namesBeside(execution).schedule}`,
  };
}

/**
 * Reports on all audit lines, and holds them against a seal that somebody knows from outside of AWS. Without the command line
 * it takes more than one command: docs/audit.md.
 */
export function reportBy({ day, digest }: { day: string; digest: string }, execution: string): string {
  return keyturnLine(execution, ["report", "--seal", `${day}=${digest}`]);
}

/** ARN to start a flow by, in the deployment of an execution. */
export function flowBeside(execution: string, flow: string): string {
  const [, partition = "", service = "", region = "", account = ""] = execution.split(":");
  const machine = machineNameOf(flow, originOf(execution).prefix);
  return arnAt({ partition, region, account }, service, `stateMachine:${machine}:${LIVE}`);
}

/** The names that people type, in the deployment of an execution. */
export function namesBeside(execution: string): ReturnType<typeof typedNamesOf> {
  return typedNamesOf(originOf(execution).prefix);
}
