import { Stack } from "aws-cdk-lib";
import * as iam from "aws-cdk-lib/aws-iam";
import type { IConstruct } from "constructs";
import type { StepContract } from "../functions/shared/contract.ts";
import { type ResourceName, USABLE } from "../functions/shared/uses.ts";
import { allInstancesArn, flowArn, INSTANCE_TAG, pushDocumentArn } from "./arns.ts";
import type { Data } from "./data.ts";
import type { Settings } from "./settings.ts";

/** What the steps' rights are about. */
export interface Resources {
  data: Data;
  topicArn: string;
  busArn: string;
  timeSeries: Settings["timeSeries"];
}

interface Grant {
  resources: string[];
  conditions?: Record<string, Record<string, unknown>>;
}

/**
 * A step's rights: exactly the actions that its contract names, on exactly what they are about.
 *
 * @throws Error for a pair of resource and action that is not known: AWS takes any, and denies the use of a wrong one
 */
export function rightsOf(scope: IConstruct, step: StepContract, resources: Resources): iam.PolicyStatement[] {
  const uses = Object.entries<readonly string[]>(step.uses).map(([resource, actions]): [ResourceName, string[]] => {
    const known = knownResource(step, resource, actions);
    return [known, actions.filter((action) => isUsable(known, action, resources.timeSeries))];
  });
  const statements = uses
    .filter(([, actions]) => actions.length > 0)
    .map(([resource, actions]) => new iam.PolicyStatement({ actions, ...grantOn(scope, resource, resources) }));
  return [...statements, ...rightsToTableKey(scope, uses, resources)];
}

function knownResource({ flow, name }: StepContract, resource: string, actions: readonly string[]): ResourceName {
  const usable = new Map<string, readonly string[]>(Object.entries(USABLE)).get(resource);
  for (const action of actions) {
    if (usable?.includes(action)) continue;
    throw new Error(
      `The step ${flow}/${name} uses "${action}" on ${resource}, for which no rights are known. Look up on which ` +
        "resource and under which conditions AWS allows the action, and add the pair to functions/shared/uses.ts.",
    );
  }
  return resource as ResourceName;
}

/** A step can read the series in either store; it may read the one that there is. */
function isUsable(resource: ResourceName, action: string, store: Settings["timeSeries"]): boolean {
  if (resource === "timeSeries") return action.startsWith(`${store}:`);
  return store === "timestream" || !action.startsWith("timestream:");
}

function grantOn(scope: IConstruct, resource: ResourceName, { data, topicArn, busArn }: Resources): Grant {
  switch (resource) {
    case "instanceTable":
      return { resources: [data.instanceTable.tableArn] };
    case "instanceIndexes":
      return { resources: [`${data.instanceTable.tableArn}/index/*`] };
    case "keyEncryptionKey":
      return { resources: [data.keyMaterialKey.keyArn], conditions: NAMED_KEY_ONLY };
    case "nonceKey":
      return {
        resources: [data.nonceKey.keyArn],
        conditions: { StringEquals: { "kms:MacAlgorithm": "HMAC_SHA_256" } },
      };
    case "timeSeries":
      return { resources: [data.seriesArn] };
    case "pushDocument":
      return { resources: [pushDocumentArn(scope)] };
    case "hosts":
      return {
        resources: [allInstancesArn(scope)],
        conditions: { StringEquals: { [`ssm:resourceTag/${INSTANCE_TAG.key}`]: INSTANCE_TAG.value } },
      };
    case "alertTopic":
      return { resources: [topicArn] };
    case "eventBus":
      return { resources: [busArn] };
    case "registrationFlow":
      return { resources: [flowArn(scope, "registration")] };
    case "rotationFlow":
      return { resources: [flowArn(scope, "rotation")] };
    case "unscoped":
      return { resources: ["*"] };
  }
}

/** Key material is encrypted and decrypted only under the name of the key that it is. */
const CONTEXT = ["id", "ec2InstanceId", "generation"];
const NAMED_KEY_ONLY = {
  "ForAllValues:StringEquals": { "kms:EncryptionContextKeys": CONTEXT },
  Null: Object.fromEntries(CONTEXT.map((name) => [`kms:EncryptionContext:${name}`, "false"])),
};

/** What DynamoDB and SNS do with their key on behalf of a caller, who needs the right to it. */
export const READ_THROUGH = ["kms:Decrypt", "kms:DescribeKey"];
export const WRITE_THROUGH = [
  ...READ_THROUGH,
  "kms:Encrypt",
  "kms:GenerateDataKey",
  "kms:GenerateDataKeyWithoutPlaintext",
  "kms:ReEncryptFrom",
  "kms:ReEncryptTo",
];

function rightsToTableKey(scope: IConstruct, uses: [ResourceName, string[]][], { data }: Resources) {
  const actions = uses.flatMap(([, names]) => names);
  const writes = actions.some((action) => /^dynamodb:(Put|Update|Delete)Item$/.test(action));
  const reads = actions.some((action) => action.startsWith("dynamodb:"));
  return [
    ...(reads ? [throughService(scope, "dynamodb", data, writes ? WRITE_THROUGH : READ_THROUGH)] : []),
    ...(actions.includes("sns:Publish")
      ? [throughService(scope, "sns", data, ["kms:Decrypt", "kms:GenerateDataKey"])]
      : []),
  ];
}

/** The key of the tables may be used by way of the service that it is for, and not by itself. */
export function throughService(scope: IConstruct, service: "dynamodb" | "sns", { tableKey }: Data, actions: string[]) {
  const { region, urlSuffix } = Stack.of(scope);
  return new iam.PolicyStatement({
    actions,
    resources: [tableKey.keyArn],
    conditions: { StringEquals: { "kms:ViaService": `${service}.${region}.${urlSuffix}` } },
  });
}
