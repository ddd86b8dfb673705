import type { EmbeddedAws } from "embedded-aws";
import { NAMES } from "../infra/wiring.ts";
import { keyturnFor } from "../operator/place/keyturn-for.ts";
import { shellEnvHere, shellLines } from "../operator/shell-env.ts";
import { DEPLOYER } from "./exposed/settings.ts";
import type { Options } from "./options.ts";
import { ORDERS_SECRET } from "./orders/orders.ts";
import type { OrdersPorts } from "./orders/ports.ts";
import { flowArn, liveArn } from "./roles.ts";
import { SHOP_SECRET } from "./shop/shop.ts";
import type { ShopPorts } from "./shop/start-shop.ts";

/** With it the CLI goes where it should in every version: those before 2.13 do not know the variable. */
const HERE = '--endpoint-url "$AWS_ENDPOINT_URL"';

/**
 * What `npm start` says once it is up. What begins with `export` or `unset`, or is indented, can be pasted into a shell as
 * it stands; what is said of it stands apart, since some shells know no comments when one types into them.
 */
export function introduction(
  aws: Pick<EmbeddedAws, "endpoint" | "region" | "credentials"> & { page: string },
  options: Options,
  shared?: Shared,
  shop?: ShownShop,
): string {
  const rotation = flowArn("rotation");
  const keyturn = keyturnFor(options.data);
  const isShared = shared !== undefined && "ports" in shared;
  return `Keyturn on this machine: a stand-in for AWS on loopback, and ${options.agents} agent${options.agents === 1 ? "" : "s"} as ${options.agents === 1 ? "a process" : "processes"}.
A key is turned when it is ${options.everySeconds} s old, and every ${options.samplesSeconds} s the watch looks at everybody. Everything is kept in ${options.data}. Times are in UTC. Ctrl-C stops it.
${aboutShared(shared)}${aboutShop(shop)}${options.expose ? ABOUT_EXPOSED : ""}To look at it in a browser on this computer, open
  ${aws.page}
docs/ten-minutes.md goes through it: look, tamper with a key, read the mail and the execution, mend it.

To look and steer, in another terminal in this folder (npx keyturn --help lists everything):
  ${keyturn} fleet
  ${keyturn} findings
  ${keyturn} secrets
  ${keyturn} mail
  ${keyturn} open
Have the key of one of them turned now, and see its whole life:
  ID=$(${keyturn} fleet | awk 'NR == 2 { print $1 }')
  ${keyturn} rotate $ID --wait
  ${keyturn} show $ID

For the AWS CLI, type eval "$(${keyturn} env)" there, or paste this:
${shellLines(shellEnvHere(aws))}
What to try there. The same by AWS's own API, where a rotation is an execution:
  ID=$(aws dynamodb scan ${HERE} --table-name ${NAMES.instanceTable} --query 'Items[?ec2InstanceId]|[0].id.S' --output text)
  aws stepfunctions start-execution ${HERE} --state-machine-arn ${liveArn("rotation")} --input "{\\"id\\":\\"$ID\\"}"
The latest rotations:
  aws stepfunctions list-executions ${HERE} --state-machine-arn ${rotation} --max-items 3
What instances were sent, that they are to turn, and nothing more:
  aws ssm list-commands ${HERE} --max-items 3 --query 'Commands[].[Status,DocumentName,Parameters]'
${isShared ? TO_TRY_WITH_CREDENTIAL : ""}${shop ? TO_TRY_WITH_TOKEN : ""}${options.expose ? TO_TRY_WITH_EXPOSED : ""}`;
}

/** The credential that is shared here, or why there is none. */
export type Shared = { ports: OrdersPorts; turnedAfterSeconds: number } | { missing: string };

function aboutShared(shared: Shared | undefined): string {
  if (shared === undefined) return "";
  if ("missing" in shared) return `There is no database with a credential to turn: ${shared.missing}\n`;
  const { ports, turnedAfterSeconds } = shared;
  return `A PostgreSQL on port ${ports.database} has a credential that two applications share, the secret ${ORDERS_SECRET}. It is turned every ${turnedAfterSeconds} s.
They show what they use: web, which connects for each request, at http://127.0.0.1:${ports.web}/ and pool, whose sessions stay open, at http://127.0.0.1:${ports.pool}/
`;
}

/** The token that is shared here. */
export type ShownShop = { ports: ShopPorts; turnedAfterSeconds: number };

function aboutShop(shop: ShownShop | undefined): string {
  if (shop === undefined) return "";
  const { ports, turnedAfterSeconds } = shop;
  return `A token issuer on port ${ports.issuer} gives the token by which cart, at http://127.0.0.1:${ports.cart}/, calls an API: the secret ${SHOP_SECRET}. It is turned every ${turnedAfterSeconds} s.
`;
}

const ABOUT_EXPOSED = `In some seconds a thief finds an access key of the IAM user ${DEPLOYER} and uses it; then AWS Health says so, and the key is shut. Lines with THIEF say what he does, the mails what was done.
`;

const TO_TRY_WITH_EXPOSED = `The key that was exposed, what CloudTrail has of it, and how its executions ended:
  KEY=$(aws iam list-access-keys ${HERE} --user-name ${DEPLOYER} --query 'AccessKeyMetadata[0].AccessKeyId' --output text)
  aws iam list-access-keys ${HERE} --user-name ${DEPLOYER} --query 'AccessKeyMetadata[].[AccessKeyId,Status]' --output text
  aws cloudtrail lookup-events ${HERE} --lookup-attributes "AttributeKey=AccessKeyId,AttributeValue=$KEY" --query 'Events[].[EventTime,EventName]' --output text
  aws stepfunctions list-executions ${HERE} --state-machine-arn ${flowArn("exposed-key")} --query 'executions[].[name,status]' --output text
Its audit lines:
  aws dynamodb query ${HERE} --table-name ${NAMES.auditTable} --key-condition-expression 'subject = :key' --expression-attribute-values "{\\":key\\":{\\"S\\":\\"$KEY\\"}}" --query 'Items[].[act.S,details.S]' --output text
Start the same by hand with a pasted event, here AWS Health's of a sample with that key in it:
  aws stepfunctions start-execution ${HERE} --state-machine-arn ${liveArn("exposed-key")} --input "$(sed "s/AKIAIOSFODNN7EXAMPLE/$KEY/" events/samples/health-risk.json)"
`;

const TO_TRY_WITH_TOKEN = `The same of the API's token:
  aws secretsmanager describe-secret ${HERE} --secret-id ${SHOP_SECRET} --query '[LastRotatedDate,VersionIdsToStages]'
  aws secretsmanager rotate-secret ${HERE} --secret-id ${SHOP_SECRET} || true
`;

const TO_TRY_WITH_CREDENTIAL = `The credential that the applications share, its versions and which of them is in force:
  aws secretsmanager describe-secret ${HERE} --secret-id ${ORDERS_SECRET} --query '[LastRotatedDate,VersionIdsToStages]'
Turn it now (refused while a turn is under way):
  aws secretsmanager rotate-secret ${HERE} --secret-id ${ORDERS_SECRET} || true
`;
