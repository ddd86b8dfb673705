import type { FakeIssuer } from "../../../functions/clients/issuer.fake.ts";
import { after, looks, retireAtOnce } from "../../harness/breaking.ts";
import type { RunStep } from "../../harness/functions.ts";
import type { World } from "../../harness/world.ts";
import type { Bug } from "../bug.ts";
import type { Fleet } from "../fleet.ts";
import { AN_HOUR_MS } from "../times.ts";

/** Each credential is turned once, and nothing befalls anybody. */
const TURNED = { agents: 1, days: 1, calmDays: 0, only: [] };
/** Consumers that stand still while it is turned. */
const HELD = { agents: 1, days: 2, calmDays: 1, often: 20, only: ["a consumer does not move"] };
const EXPOSED = { agents: 1, days: 1, calmDays: 0, often: 12, only: ["access keys are exposed"] };
/** Credentials are there by then. */
const BEGUN_MS = AN_HOUR_MS;

/** For each invariant of credentials and of exposed keys something in the product that is broken on purpose. */
export const BUGS_OF_CREDENTIALS: Record<string, Bug> = {
  "a promoted user is shut": {
    seenBy: "the current version of a secret is honoured, once it was",
    setup: TURNED,
    breaks: ({ world, shared }) =>
      after(world, "credential/promote-successor", () => {
        for (const server of world.authorities.of(shared.database).servers.values()) server.users.clear();
        return looks(world);
      }),
  },
  "consumers are not waited for": {
    seenBy: "a credential that a consumer holds is honoured",
    setup: TURNED,
    alters: retireAtOnce,
  },
  "consumers are not waited for, and nobody looks": {
    seenBy: "no consumer was refused",
    setup: HELD,
    alters: retireAtOnce,
    breaks: ({ world }) => {
      world.watching = false;
    },
  },
  "a password is drawn anew each time that it is read": {
    seenBy: "a version of a secret has one value",
    setup: TURNED,
    breaks: ({ world }) => {
      const { read } = world.secrets;
      let reads = 0;
      after(world, "credential/derive-successor", () => {
        world.secrets.read = async (secret, version) => {
          reads += 1;
          return (await read(secret, version))?.replace('"password":"', `"password":"${reads}`);
        };
        return looks(world);
      });
    },
  },
  "a version that failed stays pending": {
    seenBy: "a secret is free for its next rotation",
    setup: TURNED,
    breaks: ({ world }) => {
      world.functions.replaced.set("credential/drop-pending", () => async () => ({}));
      world.functions.next("credential/confirm-successor", { error: "SecretUnfit" }, 1000);
    },
  },
  "a former user keeps his password": {
    seenBy: "a former user is shut once all have moved, and only then",
    setup: TURNED,
    breaks: ({ world, expectations }) => {
      expectations.nobodyIsToldUntil = Number.POSITIVE_INFINITY;
      const output = { againInSeconds: 1, over: false };
      world.functions.replaced.set("credential/retire-predecessor", () => async () => output);
    },
  },
  "tokens that were asked for are not remembered": {
    seenBy: "no token is forgotten that is honoured, but one that was lost on its way to the secret",
    setup: TURNED,
    breaks: ({ world }) => {
      const { write } = world.credentials;
      world.credentials.write = ({ issued: _, ...record }, before) => write(record, before);
      world.functions.next("credential/confirm-successor", { error: "SecretUnfit" }, 3);
    },
  },
  "nobody looks whether a revoked token is refused": {
    seenBy: "a former token is refused once all have moved",
    setup: TURNED,
    breaks: (fleet) => fleet.later(BEGUN_MS, () => believes(fleet)),
  },
  "the audit lines of credentials are lost": {
    seenBy: "each promotion of a credential has its audit line, once, and the lines are chained",
    setup: TURNED,
    breaks: ({ world }) => {
      const { write } = world.credentials;
      world.credentials.write = ({ auditDue: _, ...record }, before) => write(record, before);
    },
  },
  "a password is logged": {
    seenBy: "no password or token is anywhere but in its secret, at its consumers and at its authority",
    setup: TURNED,
    breaks: ({ world }) =>
      after(world, "credential/derive-successor", () =>
        world.journal.info(`drawn: ${world.secrets.everyValue().join(" ")}`),
      ),
  },
  "an exposed key is only said to be told of": {
    seenBy: "of each exposed key people are told, and of one that can be used still that it may not be shut",
    setup: EXPOSED,
    breaks: ({ world, expectations }) => {
      expectations.nobodyIsToldUntil = Number.POSITIVE_INFINITY;
      world.functions.replaced.set("exposed-key/notify-sns", () => async () => ({ told: true }));
    },
  },
  "an exposed key is only said to be shut": {
    seenBy: "no key is told to be shut that can be used",
    setup: EXPOSED,
    breaks: ({ world }) => {
      const output = { is: "INACTIVE", otherKeys: [], quarantine: [] };
      world.functions.replaced.set("exposed-key/deactivate-key", () => async () => ({ done: "DEACTIVATED" }));
      world.functions.replaced.set("exposed-key/confirm-gone", () => async () => output);
    },
  },
};

/** An issuer revokes nothing, and whoever retires a token is told that it is refused. */
function believes({ world, shared }: Fleet): void {
  for (const settings of shared.all) {
    if (settings.kind === "token") world.authorities.issuerOf(settings).revokesNothing = true;
  }
  const refuses = async () => [{ host: "api.example", says: "REFUSED" as const, words: "it answers 401" }];
  world.functions.replaced.set("credential/retire-predecessor", (real: RunStep) => async (input, neighbours) => {
    const given = neighbours as { authorities: World["authorities"] };
    const issuerOf = (settings: Parameters<World["authorities"]["issuerOf"]>[0]): FakeIssuer => ({
      ...(given.authorities.issuerOf(settings) as FakeIssuer),
      accepts: refuses,
    });
    return real(input, { ...given, authorities: { ...given.authorities, issuerOf } } as never);
  });
}
