import type { Running } from "./place/running.ts";

/** What a shell is to do so that the AWS CLI, and `keyturn`, speak to a place. */
export interface ShellEnv {
  /** Taken away before, with what the shell itself finds of the developer's own where `everyAws` says so. */
  unset: readonly string[];
  everyAws?: true;
  set: Readonly<Record<string, string>>;
}

/**
 * The `npm start` of this computer: nothing of the developer's own AWS settings counts any more.
 *
 * Its endpoint stands in a variable, which the AWS CLI knows from 2.13 on; earlier ones take `--endpoint-url "$AWS_ENDPOINT_URL"`.
 */
export function shellEnvHere({ endpoint, region, credentials }: Omit<Running, "pid" | "account">): ShellEnv {
  return {
    unset: ["AWS_PROFILE"],
    everyAws: true,
    set: {
      ...{ AWS_CONFIG_FILE: "/dev/null", AWS_SHARED_CREDENTIALS_FILE: "/dev/null", AWS_PAGER: "" },
      ...{ NO_PROXY: "127.0.0.1", no_proxy: "127.0.0.1" },
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_DEFAULT_REGION: region,
    },
  };
}

/** A deployment on an account. Credentials in the environment would go before a profile that is named. */
export function shellEnvOf(place: { region: string; profile: string | undefined; stack: string }): ShellEnv {
  const { region, profile, stack } = place;
  return {
    unset: profile === undefined ? [] : ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"],
    set: {
      // The AWS CLI knows the first from version 2 on, and the SDK for JavaScript not the second.
      ...{ AWS_REGION: region, AWS_DEFAULT_REGION: region },
      ...(profile !== undefined && { AWS_PROFILE: profile }),
      KEYTURN_STACK: stack,
    },
  };
}

/** Lines for sh, bash and zsh, each of which can also be typed. */
export function shellLines({ unset, everyAws, set }: ShellEnv): string {
  const found = everyAws ? ["$(env | sed -n 's/^\\(AWS_[A-Z0-9_]*\\)=.*/\\1/p')"] : [];
  const gone = [...unset, ...found];
  const lines = Object.entries(set).map(([name, value]) => `export ${name}=${quoted(value)}`);
  return [...(gone.length > 0 ? [`unset ${gone.join(" ")}`] : []), ...lines].map((line) => `${line}\n`).join("");
}

/** A word of a shell that is just this text, whatever it holds. */
function quoted(text: string): string {
  return /^[\w./:@%+,-]*$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
