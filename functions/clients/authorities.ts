import type { CredentialSettings, DatabaseCredential, TokenCredential } from "../shared/credential-settings.ts";
import type { Authority } from "./authority.ts";
import type { Issuer } from "./issuer.ts";

/** Who honours the credentials: for each its own database, or issuer. */
export interface Authorities {
  of(credential: DatabaseCredential): Authority;
  issuerOf(credential: TokenCredential): Issuer;
}

/** Whoever says whether a credential is accepted, whatever its kind. */
export function judgeOf(
  credential: CredentialSettings,
  authorities: Authorities,
): Pick<Authority, "accepts"> & Pick<Issuer, "accepts"> {
  return credential.kind === "token" ? authorities.issuerOf(credential) : authorities.of(credential);
}
