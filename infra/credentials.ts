import { createHash } from "node:crypto";
import { RemovalPolicy, Stack } from "aws-cdk-lib";
import type * as lambda from "aws-cdk-lib/aws-lambda";
import { CfnPermission } from "aws-cdk-lib/aws-lambda";
import * as secretsmanager from "aws-cdk-lib/aws-secretsmanager";
import { Construct, type IDependable } from "constructs";
import { arnIn, namesIn } from "./in-stack.ts";
import { secretArnOf } from "./rights/arns.ts";
import { type Credential, type Database, isToken } from "./settings/credentials.ts";
import { HALF_LIFE } from "./settings/token.ts";

/**
 * The rarest schedule of Secrets Manager's, for secrets that the watch has turned instead: a rotation function comes with a
 * schedule. CloudFormation takes none at all, but then leaves a former one as it was, which would go on.
 * https://github.com/aws/aws-cdk/issues/27460
 */
const HARDLY_EVER = "rate(999 days)";

interface CredentialsProps {
  credentials: readonly Credential[];
  /** The function that Secrets Manager calls. */
  rotate: lambda.Function;
  /** What the first rotation needs, which begins as soon as a schedule is made. */
  after: IDependable[];
}

/** The secrets of the credentials, and when Secrets Manager has them turned. */
export class Credentials extends Construct {
  constructor(scope: Construct, id: string, { credentials, rotate, after }: CredentialsProps) {
    super(scope, id);
    for (const credential of credentials) {
      const place = new Construct(this, digestOf(credential.name));
      const permission = new CfnPermission(place, "Permission", {
        functionName: rotate.functionName,
        action: "lambda:InvokeFunction",
        principal: "secretsmanager.amazonaws.com",
        sourceAccount: Stack.of(this).account,
        sourceArn: secretArnOf(arnIn(this), credential.name),
      });
      const secret = credential.existingSecret ? [] : [this.makeSecret(place, credential)];
      const schedule = new secretsmanager.CfnRotationSchedule(place, "Schedule", {
        // By its name, also where the stack makes it: with another ID this would be another schedule, and the end of the
        // former one switches rotation off.
        secretId: credential.name,
        rotationLambdaArn: rotate.functionArn,
        rotationRules: { scheduleExpression: scheduleOf(credential) },
        // CloudFormation knows no "when it is made": a change of the schedule, and nothing else, has it turned at once, too.
        // Were it true at the first deployment and false at the second, the second would ask for a rotation under way.
        rotateImmediatelyOnUpdate: true,
      });
      schedule.node.addDependency(permission, ...secret, ...after);
    }
  }

  /** It outlives the stack: applications log in by it. */
  private makeSecret(scope: Construct, credential: Credential): secretsmanager.CfnSecret {
    const { title } = namesIn(this);
    const what = isToken(credential) ? "an API token" : "a database credential";
    const secret = new secretsmanager.CfnSecret(scope, "Secret", {
      name: credential.name,
      description: `${title}: ${what} that is turned`,
      ...(isToken(credential)
        ? { secretString: NO_TOKEN }
        : {
            generateSecretString: {
              passwordLength: 41,
              excludePunctuation: true,
              requireEachIncludedType: true,
              generateStringKey: "password",
              secretStringTemplate: firstLoginOf(credential),
            },
          }),
    });
    secret.overrideLogicalId(secretIdOf(credential));
    secret.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    return secret;
  }
}

function scheduleOf({ schedule }: Credential): string {
  return schedule === HALF_LIFE ? HARDLY_EVER : schedule;
}

/** What stands in the secret of a token until its first rotation: a secret without any value could not be rotated. */
const NO_TOKEN = "{}";

/** What the stack draws a password to, in the form that AWS's drivers read. From the first rotation on, Keyturn writes it. */
function firstLoginOf({ users, engine, hosts, port, dbname }: Database): string {
  return JSON.stringify({ username: users[0], engine, host: hosts[0], port, dbname });
}

/**
 * The logical ID of a credential's secret. It follows from what its password is drawn to: where that changes, CloudFormation
 * would draw another password into the same secret, which no database knows. Under another ID it makes another secret, and
 * fails, since the name is taken; before, `npm run deploy` says what to do instead. What a token's secret is made with never
 * changes, and so is never written again.
 */
export function secretIdOf(credential: Credential): string {
  const first = isToken(credential) ? NO_TOKEN : firstLoginOf(credential);
  return `CredentialSecret${digestOf(credential.name)}${digestOf(first)}`;
}

/** Where in the stack the secret of a credential is made. */
export function secretPathOf({ name }: Pick<Credential, "name">): string {
  return `Credentials/${digestOf(name)}/Secret`;
}

/** Letters and digits, since a secret's name has others. */
function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 10);
}
