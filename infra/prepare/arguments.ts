import { parseArgs } from "node:util";

/** It was called wrongly. Its message is for the user. */
export class WrongUse extends Error {}

export const HELP = `npm run credential:prepare -- NAME [--apply] [--former USER] [--manager USER]

Brings the database of a credential that cdk.json lists under Keyturn: makes a role that owns everything and cannot log in,
the two users that take turns acting as it, and the manager who may alter these two. Prints the SQL, which holds no password.

  --apply          runs it, as the database's owner or a superuser; it may be run again at any time
  --former USER    one of the two users, who is there already and has owned everything: the owner gets what is his
  --manager USER   what the manager is called, where his secret does not say it; without it, as the secret

With --apply, these say where and as whom:
  CREDENTIAL_PREPARE_URL   postgres://USER:PASSWORD@HOST:PORT/DATABASE, or mysql://…. What has a meaning of its own in a URL
                           is written as %XX. HOST may be this end of a tunnel: the server still has to prove its own name,
                           as it has to functions. ?sslrootcert=FILE names the certificates that may vouch for it, where
                           those of Amazon RDS that Keyturn comes with are too old.
  AWS_PROFILE, AWS_REGION  and so on, as for the AWS CLI. The manager's login is read from his secret; where there is none yet,
                           a password is drawn, put there and shown to nobody. Of one who signs in by IAM nothing is asked.

Tried on PostgreSQL 18 and MariaDB 10.11. Untried: Amazon RDS, Aurora, MySQL 8, PostgreSQL 17 and 16. It refuses PostgreSQL
before 16, MySQL before 8 and MariaDB before 10.4.
docs/credentials.md goes through it.`;

/** What the user asks for. */
export interface Asked {
  name: string | undefined;
  apply: boolean;
  help: boolean;
  former: string | undefined;
  manager: string | undefined;
}

/** @throws WrongUse for what is no argument of it */
export function askedBy(args: readonly string[]): Asked {
  const options = {
    apply: { type: "boolean", default: false },
    former: { type: "string" },
    help: { type: "boolean", short: "h", default: false },
    manager: { type: "string" },
  } as const;
  const { values, positionals } = parsed(() =>
    parseArgs({ args: [...args], options, allowPositionals: true, strict: true }),
  );
  const [name, ...more] = positionals;
  // Somebody may have given the URL there: nothing is repeated.
  if (more.length > 0)
    throw new WrongUse(`One credential at a time: ${positionals.length} names were given. ${SEE_HELP}`);
  for (const option of ["former", "manager"] as const) {
    if (values[option] === "") throw new WrongUse(`--${option} wants a user's name. ${SEE_HELP}`);
  }
  const { apply, help, former, manager } = values;
  return { name, apply, help, former, manager };
}

export const SEE_HELP = "npm run credential:prepare -- --help says more.";

function parsed<Result>(parse: () => Result): Result {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS")))
      throw error;
    const [sentence = ""] = error.message.split(/\.? To specify|\n/);
    throw new WrongUse(`${sentence.replace(/\.$/, "")}. ${SEE_HELP}`);
  }
}
