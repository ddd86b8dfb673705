import type { CredentialSettings } from "../shared/credential-settings.ts";
import type { Authority } from "./authority.ts";

/** Who honours the credentials: for each its own authority. */
export interface Authorities {
  of(credential: CredentialSettings): Authority;
}
