import type { CredentialSettings } from "../shared/credential-settings.ts";
import type { Authorities } from "./authorities.ts";
import { type FakeAuthority, fakeAuthority } from "./authority.fake.ts";

export interface FakeAuthorities extends Authorities {
  of(credential: CredentialSettings): FakeAuthority;
}

/**
 * An authority in memory for each credential.
 *
 * @param lockMs how long a call waits for a credential's lock
 */
export function fakeAuthorities(lockMs?: number): FakeAuthorities {
  const authorities = new Map<string, FakeAuthority>();
  return {
    of(credential) {
      const { name, hosts, port, dbname, owner, users } = credential;
      const known = authorities.get(name);
      const authority = known ?? fakeAuthority({ credential: name, hosts, port, dbname, owner, users }, lockMs);
      authorities.set(name, authority);
      return authority;
    },
  };
}
