import * as z from "zod/mini";
import { OWN_NAME, SEEN_BY } from "../../functions/shared/credential-settings.ts";
import { arnAt, FORMS } from "../../protocol/index.ts";
import { FLOWS } from "../wiring.ts";
import { checked, group, oneOf, text, texts, whole } from "./forms.ts";

/** What else findings and audit lines are about, beside instances and their hosts. */
const OTHER_SUBJECTS: readonly string[] = ["fleet", "watch", "mail", ...FLOWS.map(({ name }) => name)];

const SECRET = "must be the name of a secret in Secrets Manager: up to 512 letters, digits and _ / + = . @ -";

/** A finding's subject is the secret's name: it must be nobody else's. */
function faultOfSecretName(name: string): string | undefined {
  if (!FORMS.secretName.test(name)) return SECRET;
  if (FORMS.instanceId.test(name)) return "must be another one: it looks like the ID of an instance";
  if (FORMS.ec2InstanceId.test(name)) return "must be another one: it looks like the ID of a host";
  if (OTHER_SUBJECTS.includes(name)) return `must be another one: by "${name}" people are told of something else`;
  return undefined;
}

/** A secret of somebody else's that Keyturn reads. RDS names the secrets that it manages itself with a `!`. */
export const foreignSecret = text(
  /^([\w/+=.@!-]{1,512}|arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@!-]{1,512}-[A-Za-z0-9]{6})$/,
  "must be the name or the whole ARN of a secret in Secrets Manager",
);

/** The name of a secret that settings call by its name or by its ARN: two may be the same one. */
export function secretNameOf(secret: string): string {
  return /^arn:[^:]*:[^:]*:[^:]*:[^:]*:secret:(.+)-[A-Za-z0-9]{6}$/.exec(secret)?.[1] ?? secret;
}

const NOWHERE = { partition: "aws", account: "000000000000" };

/** The role of a consumer that is no instance: its name after its path, if it has one, or its whole ARN. */
const role = texts(
  (given) => FORMS.roleArn.test(/^arn:/.test(given) ? given : arnAt(NOWHERE, "iam", `role/${given}`)),
  'must be the name of an IAM role, with its path if it has one, or its ARN, e.g. "orders-web" or "service/orders-web"',
);

const consumer = group({
  name: checked("must be a consumer's name", (name) => {
    if (!FORMS.consumer.test(name)) return "must be 1 to 63 letters, digits and _ . : @ / + = -";
    return name === OWN_NAME
      ? `must be another one: by "${OWN_NAME}" the database knows Keyturn's own sessions`
      : undefined;
  }),
  seenBy: oneOf(SEEN_BY),
  role: z.optional(role),
}).check(({ value, issues }) => {
  if (value.role === undefined || value.seenBy === "proofs") return;
  const message =
    "must be left out of a consumer that is seen by its sessions: the role is given the right to write proofs";
  issues.push({ code: "custom", input: value.role, path: ["role"], message });
});

/** What every credential has, whatever its kind. */
export const ANY_CREDENTIAL = {
  name: checked(SECRET, faultOfSecretName),
  consumers: z.array(consumer, "must be a list of consumers").check(({ value, issues }) => {
    for (const [i, { name }] of value.entries()) {
      if (value.findIndex((one) => one.name === name) === i) continue;
      issues.push({ code: "custom", input: name, path: [i, "name"], message: `is "${name}" once more` });
    }
  }),
  quietMinutes: z._default(whole(1, 10_080), 65),
  existingSecret: z._default(z.boolean("must be true or false"), false),
  instancesRead: z._default(z.boolean("must be true or false"), false),
};
