import { Duration, RemovalPolicy } from "aws-cdk-lib";
import * as iam from "aws-cdk-lib/aws-iam";
import * as lambda from "aws-cdk-lib/aws-lambda";
import * as logs from "aws-cdk-lib/aws-logs";
import type * as sqs from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import type { StepContract } from "../functions/shared/contract.ts";
import type { SettingName } from "../functions/shared/settings.ts";
import { functionNameIn, functionNameOf, modulePathOf, type STEPS, type StepName } from "../functions/steps.ts";
import { contract as sealDay } from "../functions/watch/seal-day/contract.ts";
import type { Bundles } from "./bundles.ts";
import type { CredentialNetwork } from "./credential-network.ts";
import { environmentOf } from "./environment.ts";
import { arnIn, namesIn } from "./in-stack.ts";
import { hasStep, type Part, stepsOf } from "./parts.ts";
import type { Arns } from "./rights/arns.ts";
import { networkRights } from "./rights/network.ts";
import { stepRights, stepsThatMay } from "./rights/steps.ts";

export type Step = (typeof STEPS)[number];

/** Lambda gives processor time by memory: with less, a cold start takes most of a step's time. */
const MEMORY_MB = 512;

/**
 * Where Lambda's runtimes from Node 20 on have the certificates of all of Amazon's authorities, those of RDS in later Regions and
 * other partitions among them, and do not load them by themselves. Should the file go, Node warns and starts without it.
 */
const AMAZON_CERTIFICATES = "/var/runtime/ca-cert.pem";

interface FunctionsProps {
  parts: readonly Part[];
  bundles: Bundles;
  arns: Arns;
  variables: Record<SettingName, string>;
  logRetentionDays: number;
  /** How long that one log is kept, and beyond the stack, which holds what others are to be checked by. */
  sealLogDays: number;
  /** Where events go that an asynchronous function could not work off. */
  deadLetters: sqs.IQueue;
  isAsynchronous: (step: StepName) => boolean;
  /** Where the steps run that deal with databases and issuers; undefined where none has to be reached through a VPC. */
  network: CredentialNetwork | undefined;
}

/** A Lambda function for each step that is there, made from the list of steps, each with a role of its own. */
export class Functions extends Construct {
  private readonly byPath = new Map<string, lambda.Function>();
  private readonly parts: readonly Part[];

  constructor(scope: Construct, id: string, props: FunctionsProps) {
    super(scope, id);
    this.parts = props.parts;
    for (const step of stepsOf(props.parts)) this.byPath.set(modulePathOf(step), this.makeFunction(step, props));
  }

  /** @throws Error when there is no such function */
  get(step: StepName): lambda.Function {
    const found = this.byPath.get(modulePathOf(step));
    if (found === undefined) throw new Error(`There is no step ${step.flow}/${step.name}.`);
    return found;
  }

  /** The roles of the steps that may do something, e.g. put events. */
  rolesThatMay(action: string): string[] {
    const there = stepsThatMay(action).filter((step) => hasStep(this.parts, step));
    return there.map((step) => this.get(step).role?.roleArn ?? "");
  }

  private makeFunction(step: Step, props: FunctionsProps): lambda.Function {
    const functionName = functionNameIn(namesIn(this).prefix, step);
    const place = new Construct(this, idOf(step));
    // Its log has the seals over the audit: who can alter the table cannot alter them there.
    const isSealer = step === sealDay;
    const logGroup = new logs.LogGroup(place, "Log", {
      logGroupName: `/aws/lambda/${functionName}`,
      retention: (isSealer ? props.sealLogDays : props.logRetentionDays) as logs.RetentionDays,
      removalPolicy: isSealer ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
    });
    const role = new iam.Role(place, "Role", {
      description: `Keyturn: ${step.does}`,
      assumedBy: new iam.ServicePrincipal("lambda.amazonaws.com"),
    });
    role.addToPolicy(
      new iam.PolicyStatement({
        actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
        resources: [logGroup.logGroupArn],
      }),
    );
    const network = isInNetwork(step) ? props.network : undefined;
    const connecting = network === undefined ? [] : networkRights(arnIn(this)("lambda", `function:${functionName}`));
    for (const statement of [...stepRights(step, props.arns), ...connecting]) {
      role.addToPolicy(iam.PolicyStatement.fromJson(statement));
    }
    const made = new lambda.Function(place, "Function", {
      functionName,
      description: `${step.does} (${modulePathOf(step)})`,
      code: lambda.Code.fromAsset(props.bundles.folderOf(functionNameOf(step))),
      handler: "index.handler",
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      memorySize: MEMORY_MB,
      timeout: Duration.seconds(step.timeoutSeconds),
      environment: {
        ...environmentOf(step, props.variables),
        ...(network !== undefined && { NODE_EXTRA_CA_CERTS: AMAZON_CERTIFICATES }),
        ...(network?.secretsUrl !== undefined && { AWS_ENDPOINT_URL_SECRETS_MANAGER: network.secretsUrl }),
      },
      role,
      logGroup,
      ...(props.isAsynchronous(step) && { deadLetterQueue: props.deadLetters, retryAttempts: 2 }),
    });
    if (network !== undefined) connect(made, network);
    return made;
  }
}

/** Whether a step talks to databases and issuers itself. */
export function isInNetwork({ neighbours }: Pick<StepContract, "neighbours">): boolean {
  return neighbours.includes("authorities");
}

/** As CloudFormation writes it: CDK's own property wants a VPC that it looks up, and gives the function more rights. */
function connect(made: lambda.Function, { subnetIds, securityGroupId }: CredentialNetwork): void {
  (made.node.defaultChild as lambda.CfnFunction).vpcConfig = { subnetIds, securityGroupIds: [securityGroupId] };
}

/** E.g. `RotationVerifyHash`. */
export function idOf({ flow, name }: StepName): string {
  const words = `${flow}-${name}`.split("-");
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}
