import { readFileSync } from "node:fs";
import type { AuthoritySettings, Login } from "../../functions/clients/authority.ts";
import { rdsCertificates } from "../../functions/clients/rds-certificates.ts";
import type { DatabaseCredential } from "../../functions/shared/credential-settings.ts";
import { Refused } from "../deploy/report.ts";
import { WrongUse } from "./arguments.ts";

/** How the database is reached by whoever may prepare it. */
export interface OwnersWay {
  host: string;
  port: number;
  dbname: string;
  login: Login;
  tls?: NonNullable<AuthoritySettings["tls"]>;
}

export const VARIABLE = "CREDENTIAL_PREPARE_URL";

/** The schemes of an engine's URLs, and its port. */
export interface Addressed {
  schemes: readonly string[];
  port: number;
}

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/;

/**
 * Reads where and as whom, of the variable; none of its parts but host and database is ever repeated.
 *
 * @throws WrongUse when there is no URL, or when it is none of this engine's
 * @throws Refused when it leads to another database, or out into a network and nothing would be encrypted
 */
export async function ownersWay(
  text: string | undefined,
  { dbname, hosts, tls: isTls, tlsName }: Pick<DatabaseCredential, "dbname" | "hosts" | "tls" | "tlsName">,
  { schemes, port }: Addressed,
): Promise<OwnersWay> {
  const form = `${schemes[0]}://USER:PASSWORD@HOST:PORT/${encodeURIComponent(dbname)}`;
  if (text === undefined || text === "") {
    throw new WrongUse(
      `To run the SQL, ${VARIABLE} must hold the URL of who owns the database or is a superuser: ${form}`,
    );
  }
  const url = URL.parse(text);
  if (url === null || !schemes.includes(url.protocol.slice(0, -1))) {
    throw new WrongUse(`${VARIABLE} is no URL of this kind of database. It must be like ${form}`);
  }
  const [user, password, database] = [url.username, url.password, url.pathname.slice(1)].map(decoded);
  if (!user || !password || url.hostname === "") {
    throw new WrongUse(`${VARIABLE} lacks the user, the password or the host. It must be like ${form}`);
  }
  if (database && database !== dbname) {
    throw new Refused(
      `${VARIABLE} leads to the database ${database}, and the credential's is ${dbname}. Correct the URL.`,
    );
  }
  const unknown = [...url.searchParams.keys()].filter((name) => name !== "sslrootcert");
  if (unknown.length > 0) throw new WrongUse(`${VARIABLE} may have no other parameter than sslrootcert.`);
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const isHere = LOOPBACK.test(host);
  const file = url.searchParams.get("sslrootcert");
  const way = { host, port: Number(url.port) || port, dbname, login: { user, password } };
  if (isTls === "none" && file === null) {
    if (isHere) return way;
    throw new Refused(
      `${host} is another computer, and nothing is said in the clear: add ?sslrootcert=FILE to ${VARIABLE}.`,
    );
  }
  // At the end of a tunnel, the server still is who it is.
  const name = tlsName ?? (isHere ? hosts[0] : undefined);
  const ca = file === null ? await rdsCertificates() : certificates(file);
  return { ...way, tls: { ca, ...(name !== undefined && { name }) } };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new WrongUse(`${VARIABLE} has a % that stands for itself: write it as %25.`);
  }
}

function certificates(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new Refused(
      `The certificates that ${VARIABLE} names cannot be read: ${(error as NodeJS.ErrnoException).code}.`,
    );
  }
}
