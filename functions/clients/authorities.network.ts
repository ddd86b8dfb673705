import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { TokenFor } from "../postgres/rds-token.ts";
import type { DatabaseCredential } from "../shared/credential-settings.ts";
import type { Limits } from "../shared/database-sessions.ts";
import { StepError } from "../shared/errors.ts";
import type { Authorities } from "./authorities.ts";
import { postgresAuthority } from "./authority.postgres.ts";
import { AUTHORITY_ERRORS, type Authority, type AuthoritySettings, type ManagerLogin } from "./authority.ts";
import { oauth2Issuer } from "./issuer.oauth2.ts";
import { isLoopback } from "./loopback.ts";
import { managerLogin } from "./manager-login.ts";
import { rdsCertificates } from "./rds-certificates.ts";

interface Means {
  /** Where the managers' logins are. */
  secrets: SecretsManagerClient;
  /** Makes a token for a manager who signs in by IAM. */
  token: (asked: TokenFor) => Promise<string>;
  random: (bytes: number) => Buffer;
  wait: (ms: number) => Promise<unknown>;
  /** Milliseconds since 1970. */
  now: () => number;
  limits?: Partial<Limits>;
}

/**
 * The databases and issuers that honour the credentials, where the settings have them. A manager's login is read anew for each
 * session, since it turns as well, and a token is made for one; an API key for each request.
 */
export function networkAuthorities({ secrets, token, now, ...means }: Means): Authorities {
  return {
    issuerOf: (credential) => oauth2Issuer(credential, { secrets, now, wait: means.wait }),
    of: (credential) =>
      whenMade(async () => {
        const settings = await authoritySettings(credential);
        const { engine, port, manager: by } = credential;
        if ("iamUser" in by) {
          if (engine !== "postgres") throw unwilling(credential, `a manager signs in to ${engine} by a secret`);
          const user = by.iamUser;
          const manager = async (host: string): Promise<ManagerLogin> => {
            return { user, password: await token({ host, port, user }), isToken: true };
          };
          return postgresAuthority(settings, { manager, ...means });
        }
        const manager = () => managerLogin(secrets, by.secret);
        if (engine === "postgres") return postgresAuthority(settings, { manager, ...means });
        // Its client is larger than all the rest of a function: who turns no credential of MySQL's does not load it.
        const { mysqlAuthority } = await import("./authority.mysql.ts");
        return mysqlAuthority(settings, { manager, ...means });
      }),
  };
}

async function authoritySettings(credential: DatabaseCredential): Promise<AuthoritySettings> {
  const { name, hosts, port, dbname, owner, users, tls, tlsName } = credential;
  const settings = { credential: name, hosts, port, dbname, owner, users };
  if (tls === "rds") {
    return { ...settings, tls: { ca: await rdsCertificates(), ...(tlsName !== undefined && { name: tlsName }) } };
  }
  const away = hosts.filter((host) => !isLoopback(host));
  if (tls === "none" && away.length === 0) return settings;
  throw unwilling(credential, `nothing is said in the clear to ${away.join(", ")}: set tls to rds`);
}

function unwilling({ name }: DatabaseCredential, what: string): StepError {
  return new StepError(AUTHORITY_ERRORS.unwilling, `The settings of the credential ${name} do not do: ${what}.`);
}

/** An authority that is made for each call: what it needs is large, and is loaded only with the first one. */
function whenMade(make: () => Promise<Authority>): Authority {
  return {
    accepts: async (...asked) => (await make()).accepts(...asked),
    actsAs: async (...asked) => (await make()).actsAs(...asked),
    usesOf: async (...asked) => (await make()).usesOf(...asked),
    honour: async (...asked) => (await make()).honour(...asked),
    refuse: async (...asked) => (await make()).refuse(...asked),
  };
}
