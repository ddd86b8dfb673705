import { arnAt } from "../../protocol/index.ts";
import { needsNetwork } from "../credential-network.ts";
import { secretIdOf } from "../credentials.ts";
import { type Credential, type Database, isDatabase, isToken } from "../settings/credentials.ts";
import type { Token } from "../settings/token.ts";
import type { Account, Secret } from "./account.ts";
import type { Plan } from "./plan.ts";
import type { Question } from "./report.ts";

/** What AWS is asked before credentials are turned; nothing where there are none. */
export function questionsAboutCredentials(plan: Plan, account: Account): Question[] {
  const { credentials } = plan.settings;
  if (credentials.length === 0) return [];
  const databases = credentials.filter(isDatabase);
  return [
    ...(needsNetwork(plan.settings) ? [aboutNetwork(plan, account)] : []),
    ...(databases.length > 0 ? [aboutGroups(databases, plan, account)] : []),
    ...credentials.flatMap((one) => [
      aboutSecret(one, plan, account),
      ...(isToken(one) ? aboutToken(one, account) : aboutManager(one, account)),
    ]),
    ...aboutConsumers(plan, account),
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

function aboutGroups(credentials: readonly Database[], { place }: Plan, account: Account): Question {
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
  if (isToken(credential)) {
    return (
      `The secret ${name} was made for a database, and CloudFormation would make another one for the token, and cannot, since ` +
      "this one has the name: give the token a name of its own in cdk.json."
    );
  }
  return (
    `The first of users, the engine, the first of hosts, port or dbname of the credential ${name} is another one than when its ` +
    "secret was made. CloudFormation would make another secret, and cannot, since this one has the name. To go on with this " +
    `one, whose value the next rotation brings up to date, say so in cdk.json: ${EXISTING}`
  );
}

/** Nothing of a manager who signs in by IAM: whether a database lets him in, it alone says. */
function aboutManager({ name, manager: { secret: named } }: Database, account: Account): Question[] {
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

/** What a token is made by, and, where its secret is there already, whether it holds one. No value is shown. */
function aboutToken({ name, keys, tokensPerKey, existingSecret }: Token, account: Account): Question[] {
  const ofKeys = keys.map(
    (key): Question => ({
      whether: `whether the secret ${key} holds an API key`,
      async ask() {
        const secret = await account.secret(key);
        const made = "make it, as JSON with client_id and client_secret, or correct keys in cdk.json";
        if (secret === undefined || secret.isDeleted) {
          return { complaints: [`There is no secret ${key}, with whose API key the token ${name} is made: ${made}.`] };
        }
        const fields = await account.textFields(key);
        const missing = ["client_id", "client_secret"].filter((field) => !fields.has(field));
        if (missing.length === 0) return {};
        const complaint =
          `The secret ${key} of the token ${name} has no ${missing.join(" and no ")}: its value must be JSON with both, as texts. ` +
          "Put it with aws secretsmanager put-secret-value, the value in a file.";
        return { complaints: [complaint] };
      },
    }),
  );
  const [one, other] = keys;
  if (tokensPerKey === "one" && one !== undefined && other !== undefined) {
    ofKeys.push({
      whether: `whether the secrets ${one} and ${other} hold two API keys`,
      async ask() {
        if (!(await account.haveSameText("client_id", [one, other]))) return {};
        const complaint =
          `The secrets ${one} and ${other} of the token ${name} have the same client_id, and each fetch would end the token in use: ` +
          "make a second key at the issuer, and put it into the second one.";
        return { complaints: [complaint] };
      },
    });
  }
  if (!existingSecret) return ofKeys;
  const ofToken: Question = {
    whether: `whether the secret ${name} holds a token`,
    async ask() {
      if ((await account.secret(name)) === undefined) return {};
      const fields = await account.textFields(name);
      if (fields.has("access_token")) return {};
      if (fields.has("username") && fields.has("password")) {
        const complaint =
          `The secret ${name} holds a login, and a turn would put a token in its place, so that whoever reads the login there has none: ` +
          "give the token a secret of its own in cdk.json.";
        return { complaints: [complaint] };
      }
      // The first rotation puts one: until then, consumers have none.
      const note = `The secret ${name} has no access_token: its consumers have a token from the first rotation on, which begins at once.`;
      return { notes: [note] };
    },
  };
  return [...ofKeys, ofToken];
}

/** A policy is attached to roles by their names, and a use proof lies under a role's ARN. */
function aboutConsumers({ settings: { credentials }, place }: Plan, account: Account): Question[] {
  const named = credentials.flatMap(({ consumers }) => consumers).flatMap(({ role }) => role ?? []);
  return [...new Set(named)].map((setting) => ({
    whether: `whether there is the role ${setting} of a consumer`,
    async ask() {
      const role = await account.role(setting.slice(setting.lastIndexOf("/") + 1));
      if (role === undefined)
        return {
          complaints: [`There is no role ${setting} in this account: correct the consumer's role in cdk.json.`],
        };
      const [, partition = "aws"] = role.arn.split(":");
      const meant = /^arn:/.test(setting)
        ? setting
        : arnAt({ partition, account: place.account }, "iam", `role/${setting}`);
      if (role.arn === meant) return {};
      const complaint =
        `The role ${setting} of a consumer is ${role.arn}, and its use proofs would lie where nobody may write them: say it with ` +
        "its path in cdk.json.";
      return { complaints: [complaint] };
    },
  }));
}
