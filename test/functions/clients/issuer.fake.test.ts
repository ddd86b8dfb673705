import { describe } from "vitest";
import { type FakeIssuer, fakeIssuer } from "../../../functions/clients/issuer.fake.ts";
import { TOKENS_PER_KEY, type TokenCredential } from "../../../functions/shared/credential-settings.ts";
import { issuerSuite } from "./issuer.suite.ts";
import { tokenCredentialOf } from "./token-credential-of.ts";

describe.each(TOKENS_PER_KEY)("a fake issuer with %s tokens a key", (tokensPerKey) => {
  issuerSuite(
    () => {
      let time = 1_800_000_000_000;
      let asked = 0;
      const settings = tokenCredentialOf({ tokensPerKey });
      const fakes: FakeIssuer[] = [];
      function all(change: Partial<FakeIssuer>): void {
        for (const fake of fakes) Object.assign(fake, change);
      }
      return {
        settings,
        issuerOf(its: TokenCredential) {
          const fake = fakeIssuer(its, () => time);
          fakes.push(fake);
          return fake.through((_, run) => {
            asked += 1;
            return run();
          });
        },
        elapse(seconds) {
          time += seconds * 1000;
        },
        refuse(secret, isRefused) {
          all({ refusedKeys: new Set(isRefused ? [secret] : []) });
        },
        away: (isAway) => all({ isAway }),
        asked: () => asked,
        behave: (how) =>
          all({
            revokesNothing: how === "revokes nothing",
            putsOff: how === "puts off",
            answersUnfit: how === "answers unfit",
            saysNoLifetime: how === "says no lifetime",
          }),
      };
    },
    { tokensPerKey, behaves: true },
  );
});
