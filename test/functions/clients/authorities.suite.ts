import { beforeAll, beforeEach, expect, test } from "vitest";
import type { Authorities } from "../../../functions/clients/authorities.ts";
import type { DatabaseCredential } from "../../../functions/shared/credential-settings.ts";

/** Two credentials, and who honours them. */
export interface AuthorityPlaces {
  authorities: Authorities;
  /** Their users differ. */
  credentials: readonly [DatabaseCredential, DatabaseCredential];
  /** Has the first one's manager turn his own login. */
  turnManager(): Promise<void> | void;
}

const yes = async () => true;

/** How all give a credential its authority; `makePlaces` is called once. */
export function authoritiesSuite(makePlaces: () => AuthorityPlaces | Promise<AuthorityPlaces>): void {
  let places: AuthorityPlaces;
  let one: DatabaseCredential;
  let other: DatabaseCredential;
  beforeAll(async () => {
    places = await makePlaces();
    [one, other] = places.credentials;
  });
  let password: string;
  let turns = 0;
  beforeEach(() => {
    turns += 1;
    password = `password-${turns}`;
  });

  const says = async (credential: DatabaseCredential, user: string) =>
    (await places.authorities.of(credential).accepts({ user, password })).map((answer) => answer.says);

  test("a credential's authority honours and shuts its users, whenever it is asked for", async () => {
    const [user] = one.users;
    expect(await says(one, user)).toEqual(["REFUSED"]);
    expect(await places.authorities.of(one).honour({ user, password }, yes)).toBe(true);
    expect(await says(one, user)).toEqual(["ACCEPTED"]);
    expect(await places.authorities.of(one).actsAs({ user, password })).toMatchObject([{ asOwner: true }]);
    expect(await places.authorities.of(one).usesOf(one.users)).toEqual([]);
    expect(await places.authorities.of(one).refuse(user, "PASSWORD", yes)).toBe(true);
    expect(await says(one, user)).toEqual(["REFUSED"]);
  });

  test("each credential has its own, which knows no user of another's", async () => {
    const [user] = one.users;
    await places.authorities.of(one).honour({ user, password }, yes);
    await expect(says(other, user)).rejects.toThrow(TypeError);
    await expect(places.authorities.of(other).honour({ user, password }, yes)).rejects.toThrow(TypeError);
    expect(await says(other, other.users[0])).toEqual(["REFUSED"]);
  });

  test("an authority that was given before its manager turned goes on", async () => {
    const [user] = one.users;
    const authority = places.authorities.of(one);
    await authority.honour({ user, password }, yes);
    await places.turnManager();
    expect(await authority.refuse(user, "LOGIN", yes)).toBe(true);
    expect(await says(one, user)).toEqual(["REFUSED"]);
  });
}
