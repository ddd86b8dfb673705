import type { DatabaseCredential, TokenCredential } from "../shared/credential-settings.ts";
import type { Authorities } from "./authorities.ts";
import { type After, type FakeAuthority, fakeAuthority } from "./authority.fake.ts";
import { type FakeIssuer, fakeIssuer } from "./issuer.fake.ts";

export interface FakeAuthorities extends Authorities {
  of(credential: DatabaseCredential): FakeAuthority;
  issuerOf(credential: TokenCredential): FakeIssuer;
}

/**
 * A database or an issuer in memory for each credential.
 *
 * @param lockMs how long a call waits for a credential's lock
 * @param now milliseconds since 1970, by which tokens end
 * @param after by whose time a lock is waited for; real time where it is left out
 */
export function fakeAuthorities(lockMs?: number, now?: () => number, after?: After): FakeAuthorities {
  const databases = new Map<string, FakeAuthority>();
  const issuers = new Map<string, FakeIssuer>();
  return {
    of(credential) {
      const { name, hosts, port, dbname, owner, users } = credential;
      const known = databases.get(name);
      const authority = known ?? fakeAuthority({ credential: name, hosts, port, dbname, owner, users }, lockMs, after);
      databases.set(name, authority);
      return authority;
    },
    issuerOf(credential) {
      const issuer = issuers.get(credential.name) ?? fakeIssuer(credential, now);
      issuers.set(credential.name, issuer);
      return issuer;
    },
  };
}
