import { secretIdOf } from "../credentials.ts";
import type { Credential } from "../settings/credentials.ts";
import type { Account, Secret } from "./account.ts";
import type { Plan } from "./plan.ts";
import type { Question } from "./report.ts";

/** What AWS is asked before credentials are turned; nothing where there are none. */
export function questionsAboutCredentials(plan: Plan, account: Account): Question[] {
  const { credentials } = plan.settings;
  if (credentials.length === 0) return [];
  return [
    aboutNetwork(plan, account),
    aboutGroups(plan, account),
    ...credentials.flatMap((one) => [aboutSecret(one, plan, account), ...aboutManager(one, account)]),
  ];
}

function aboutNetwork({ settings: { credentialNetwork }, place }: Plan, account: Account): Question {
  const { vpcId, subnets } = credentialNetwork;
  return {
    whether: `whether there are the subnets of credentialNetwork in ${vpcId}`,
    async ask() {
      const found = await account.subnets(subnets);
      const complaints = subnets.flatMap((id) => {
        const vpc = found.get(id);
        if (vpc === vpcId) return [];
        const is = vpc === undefined ? `is not there in ${place.region}` : `is in ${vpc}, and not in ${vpcId}`;
        return [`The subnet ${id} ${is}: correct credentialNetwork in cdk.json.`];
      });
      return { complaints };
    },
  };
}

function aboutGroups({ settings: { credentials }, place }: Plan, account: Account): Question {
  return {
    whether: "whether there are the security groups of the databases",
    async ask() {
      const found = await account.securityGroups([...new Set(credentials.map(({ securityGroup }) => securityGroup))]);
      const complaints = credentials
        .filter(({ securityGroup }) => !found.has(securityGroup))
        .map(
          ({ name, securityGroup }) =>
            `The security group ${securityGroup} of the credential ${name} is not there in ${place.region}: correct ` +
            "securityGroup in cdk.json.",
        );
      return { complaints };
    },
  };
}

function aboutSecret(credential: Credential, plan: Plan, account: Account): Question {
  return {
    whether: `whether the secret ${credential.name} is as cdk.json says`,
    async ask() {
      const complaint = complaintAboutSecret(credential, await account.secret(credential.name), plan);
      return complaint === undefined ? {} : { complaints: [complaint] };
    },
  };
}

function complaintAboutSecret(
  credential: Credential,
  secret: Secret | undefined,
  { names, stack }: Plan,
): string | undefined {
  const { name, existingSecret } = credential;
  const EXISTING = '"existingSecret": true';
  if (secret?.isDeleted) {
    return (
      `The secret ${name} is about to be deleted, and until then its name is taken: aws secretsmanager restore-secret ` +
      `--secret-id ${name}, and ${EXISTING} in cdk.json.`
    );
  }
  if (existingSecret) {
    if (secret !== undefined) return undefined;
    return `There is no secret ${name}: take ${EXISTING} out of its credential in cdk.json to have one made, or correct name.`;
  }
  if (secret === undefined) return undefined;
  const isOurs = stack !== undefined && (secret.stack === undefined || secret.stack === names.stack);
  if (!isOurs) {
    return `The secret ${name} is there already. To have that one turned, say so in its credential in cdk.json: ${EXISTING}`;
  }
  if (secret.logicalId === undefined || secret.logicalId === secretIdOf(credential)) return undefined;
  return (
    `The first of users, the engine, the first of hosts, port or dbname of the credential ${name} is another one than when its ` +
    "secret was made. CloudFormation would make another secret, and cannot, since this one has the name. To go on with this " +
    `one, whose value the next rotation brings up to date, say so in cdk.json: ${EXISTING}`
  );
}

/** Nothing of a manager who signs in by IAM: whether a database lets him in, it alone says. */
function aboutManager({ name, manager: { secret: named } }: Credential, account: Account): Question[] {
  if (named === undefined) return [];
  const question: Question = {
    whether: `whether there is the manager's secret ${named}`,
    async ask() {
      const secret = await account.secret(named);
      if (secret !== undefined && !secret.isDeleted) return {};
      const complaint =
        `There is no secret ${named}, with whose login the users of the credential ${name} are altered: make it, or ` +
        "correct manager.secret in cdk.json.";
      return { complaints: [complaint] };
    },
  };
  return [question];
}
