import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Issuer } from "../../../functions/clients/issuer.ts";
import { keyOf, type TokenCredential } from "../../../functions/shared/credential-settings.ts";

/** An issuer that is all right whenever a test begins, with a key of its own for each of the two tokens. */
export interface IssuerPlace {
  settings: TokenCredential;
  /** For settings of which some may be others. */
  issuerOf(settings: TokenCredential): Issuer;
  /** Lets time pass, for the issuer. */
  elapse(seconds: number): void;
  /** Has it refuse the key of a secret, or serve it again. */
  refuse(secret: string, isRefused: boolean): Promise<void> | void;
  /** Has issuer and resource be away, or come back. */
  away(isAway: boolean): Promise<void> | void;
  /** How often it was asked for a token or a revocation. */
  asked(): number;
  /** Has it do from now on what it ought not to, or behave well. */
  behave?(how: Behaviour): void;
}

export type Behaviour = "well" | "revokes nothing" | "puts off" | "answers unfit" | "says no lifetime";

const yes = async () => true;
const [A, B] = ["token_a", "token_b"] as const;

/**
 * What all issuers do; `makePlace` is called once.
 *
 * @param can.tokensPerKey how many it honours, as the settings say
 * @param can.behaves whether the place has `behave`
 */
export function issuerSuite(
  makePlace: () => IssuerPlace | Promise<IssuerPlace>,
  can: { tokensPerKey: TokenCredential["tokensPerKey"]; behaves: boolean },
): void {
  let place: IssuerPlace;
  let issuer: Issuer;
  beforeAll(async () => {
    place = await makePlace();
  });
  beforeEach(() => {
    issuer = place.issuerOf(place.settings);
  });

  async function issue(user: string, by = issuer): Promise<string> {
    const issued = await by.issue(user, yes);
    if (issued === undefined) throw new Error("It was allowed, and nothing was issued.");
    return issued.token;
  }

  async function says(password: string, user: string = A): Promise<string> {
    const [answer, ...more] = await issuer.accepts({ user, password });
    expect(more).toEqual([]);
    if (answer?.says !== "ACCEPTED") expect(answer?.words).toMatch(/\w/);
    return answer?.says ?? "none";
  }

  test("a token is issued for as long as it says, and accepted until then", async () => {
    const issued = await issuer.issue(A, yes);
    expect(issued).toEqual({ token: expect.stringMatching(/^[\x21-\x7e]+$/), lifetimeSeconds: 60 });
    const { token = "" } = issued ?? {};
    expect(await says(token)).toBe("ACCEPTED");
    place.elapse(58);
    expect(await says(token)).toBe("ACCEPTED");
    place.elapse(3);
    expect(await says(token)).toBe("REFUSED");
  });

  test("what is no token of its own is refused, also what no header can carry", async () => {
    for (const token of ["nobody's", "with a blank", "with a newline\n", "ü", ""]) {
      expect(await says(token), token).toBe("REFUSED");
    }
  });

  test("each of the two is made by its own key, and no two are the same", async () => {
    await place.refuse(keyOf(place.settings, A), true);
    try {
      await expect(issuer.issue(A, yes)).rejects.toMatchObject({ name: "KeyRefused" });
      expect(await says(await issue(B))).toBe("ACCEPTED");
    } finally {
      await place.refuse(keyOf(place.settings, A), false);
    }
    expect(await issue(A)).not.toBe(await issue(B));
  });

  test(`of ${can.tokensPerKey} tokens of a key the former one is ${can.tokensPerKey === "one" ? "refused" : "accepted"}`, async () => {
    const [former, others] = [await issue(A), await issue(B)];
    const token = await issue(A);
    expect(await says(former)).toBe(can.tokensPerKey === "one" ? "REFUSED" : "ACCEPTED");
    expect(await says(token)).toBe("ACCEPTED");
    expect(await says(others)).toBe("ACCEPTED");
  });

  test("one that is revoked is refused, and no other one; revoking again is all right", async () => {
    const [revoked, other] = [await issue(A), await issue(B)];
    const login = { user: A, password: revoked };
    expect(await issuer.revoke(login, yes)).toBe(true);
    expect(await says(revoked)).toBe("REFUSED");
    expect(await says(other)).toBe("ACCEPTED");
    expect(await issuer.revoke(login, yes)).toBe(true);
    expect(await issuer.revoke({ user: A, password: "nobody's" }, yes)).toBe(true);
  });

  test("a key revokes no token of the other one, whatever the issuer says to that", async () => {
    const password = await issue(B);
    await issuer.revoke({ user: A, password }, yes).catch(() => undefined);
    expect(await says(password)).toBe("ACCEPTED");
  });

  test("a revocation needs its key", async () => {
    const password = await issue(A);
    await place.refuse(keyOf(place.settings, A), true);
    try {
      await expect(issuer.revoke({ user: A, password }, yes)).rejects.toMatchObject({ name: "KeyRefused" });
    } finally {
      await place.refuse(keyOf(place.settings, A), false);
    }
    expect(await says(password)).toBe("ACCEPTED");
  });

  test("where it has no way to revoke, nothing is asked", async () => {
    const { revocationUrl: _, ...without } = place.settings;
    const password = await issue(A);
    const before = place.asked();
    expect(await place.issuerOf(without).revoke({ user: A, password }, yes)).toBe(false);
    expect(place.asked()).toBe(before);
    expect(await says(password)).toBe("ACCEPTED");
  });

  describe("whether it may go on", () => {
    test("is asked once for a request that changes something, and where it may not, nothing is sent", async () => {
      const password = await issue(A);
      const before = place.asked();
      let times = 0;
      const no = async () => {
        times += 1;
        return false;
      };
      expect(await issuer.issue(A, no)).toBeUndefined();
      expect(await issuer.revoke({ user: A, password }, no)).toBe(false);
      expect([times, place.asked()]).toEqual([2, before]);
      expect(await says(password)).toBe("ACCEPTED");
    });

    test("where that cannot be said, nothing is sent, and it fails by that", async () => {
      const password = await issue(A);
      const before = place.asked();
      const fails = () => Promise.reject(new RangeError("nobody knows"));
      await expect(issuer.issue(A, fails)).rejects.toThrow(RangeError);
      await expect(issuer.revoke({ user: A, password }, fails)).rejects.toThrow(RangeError);
      expect(place.asked()).toBe(before);
      expect(await says(password)).toBe("ACCEPTED");
    });
  });

  test("one that is away says nothing of a token, and is itself again when it is back", async () => {
    const password = await issue(A);
    await place.away(true);
    try {
      expect(await says(password)).toBe("UNREACHABLE");
      const asked = [issuer.issue(B, yes), issuer.revoke({ user: A, password }, yes)];
      for (const one of await Promise.allSettled(asked)) {
        expect(one).toMatchObject({ reason: { name: "AuthorityUnreachable" } });
      }
    } finally {
      await place.away(false);
    }
    expect(await says(password)).toBe("ACCEPTED");
  });

  if (!can.behaves) return;
  describe("one that does not behave", () => {
    function behave(how: Behaviour): void {
      if (place.behave === undefined) throw new Error("This place says that it behaves on demand.");
      place.behave(how);
    }
    afterEach(() => behave("well"));

    test("says that it has revoked, and accepts the token still", async () => {
      const password = await issue(A);
      behave("revokes nothing");
      expect(await issuer.revoke({ user: A, password }, yes)).toBe(true);
      expect(await says(password)).toBe("ACCEPTED");
      behave("well");
      expect(await issuer.revoke({ user: A, password }, yes)).toBe(true);
      expect(await says(password)).toBe("REFUSED");
    });

    test("asks to come again much later", async () => {
      const password = await issue(A);
      behave("puts off");
      await expect(issuer.issue(B, yes)).rejects.toMatchObject({ name: "AuthorityPutsOff" });
      await expect(issuer.revoke({ user: A, password }, yes)).rejects.toMatchObject({ name: "AuthorityPutsOff" });
      expect(await says(password)).toBe("ACCEPTED");
    });

    test("answers what is no token", async () => {
      behave("answers unfit");
      await expect(issuer.issue(A, yes)).rejects.toMatchObject({ name: "AnswerUnfit" });
    });

    test("does not say for how long a token is good", async () => {
      behave("says no lifetime");
      expect(await issuer.issue(A, yes)).toEqual({ token: expect.any(String), lifetimeSeconds: undefined });
    });
  });
}
