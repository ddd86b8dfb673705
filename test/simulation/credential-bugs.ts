import type { CredentialSettings } from "../../functions/shared/credential-settings.ts";
import type { Definitions } from "../harness/definitions.ts";
import type { RunStep } from "../harness/functions.ts";
import type { World } from "../harness/world.ts";
import { after, type Bug } from "./bug.ts";
import { AN_HOUR_MS } from "./setup.ts";

/** The schedule turns each credential once or twice. */
const TURNED = { agents: 1, days: 1, calmDays: 0, only: [] };

/** Somebody finds access keys in public. */
const EXPOSED = { ...TURNED, days: 2, calmDays: 1, often: 12, only: ["access keys are exposed"] };

/** Bugs with credentials and access keys, as those of bugs.ts. */
export const CREDENTIAL_BUGS: Record<string, Bug> = {
  "a login is shut as soon as it is promoted": {
    seenBy: "the current version of a secret is honoured, once it was",
    setup: TURNED,
    breaks: ({ world }) =>
      after(world, "credential/promote-successor", () => {
        for (const settings of ofKind(world, "database")) {
          const { servers } = world.authorities.of(settings);
          for (const user of settings.users) servers.get(settings.hosts[0])?.users.set(user, SHUT);
        }
        return look(world);
      }),
  },
  "a former user is shut without waiting for anybody": {
    seenBy: "a credential that a consumer holds is honoured",
    setup: TURNED,
    alters: retireAtOnce,
  },
  "a version is filled twice": {
    seenBy: "a version of a secret has one value",
    setup: TURNED,
    breaks: ({ world }) =>
      after(world, "credential/derive-successor", () => {
        const { read } = world.secrets;
        let reads = 0;
        world.secrets.read = async (secret, version) => {
          reads += 1;
          return (await read(secret, version))?.replace('"password":"', `"password":"${reads}`);
        };
        return look(world);
      }),
  },
  "a former user is shut without waiting, and nobody looks until the end": {
    seenBy: "no consumer was refused",
    setup: { ...TURNED, days: 2, calmDays: 1, often: 60, only: ["a consumer does not move"] },
    alters: retireAtOnce,
    breaks: ({ world }) => {
      world.watching = false;
    },
  },
  "AWSPENDING stays where a rotation fails": {
    seenBy: "a secret is free for its next rotation",
    setup: TURNED,
    breaks: ({ world }) => {
      world.functions.next("credential/push-to-authority", { error: "SecretUnfit" }, 100);
      world.functions.replaced.set("credential/drop-pending", () => async () => ({}));
    },
  },
  "a former user keeps his password": {
    seenBy: "a former user is shut once all have moved, and only then",
    setup: TURNED,
    breaks: ({ world }) =>
      after(world, "credential/retire-predecessor", () => {
        for (const settings of ofKind(world, "database")) {
          const users = world.authorities.of(settings).servers.get(settings.hosts[0])?.users;
          for (const [user, { password }] of users ?? []) {
            if (password === undefined) users?.set(user, { mayLogIn: false, password: "kept" });
          }
        }
      }),
  },
  "what was issued is not remembered": {
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
    setup: { ...TURNED, days: 2 },
    breaks: (fleet) => fleet.later(AN_HOUR_MS, () => believeRevoked(fleet.world)),
  },
  "the audit line of a credential is lost": {
    seenBy: "each promotion of a credential has its audit line, once, and the lines are chained",
    setup: TURNED,
    breaks: ({ world }) => {
      const { write } = world.credentials;
      world.credentials.write = ({ auditDue: _, ...record }, before) => write(record, before);
    },
  },
  "a step logs a password": {
    seenBy: "no password or token is anywhere but in its secret, at its consumers and at its authority",
    setup: TURNED,
    breaks: ({ world }) =>
      after(world, "credential/derive-successor", () => {
        world.journal.info(`drawn: ${world.secrets.everyValue().at(-1)}`);
      }),
  },
  "mails of exposed keys are noted as sent, and are not": {
    seenBy: "of each exposed key people are told, and of one that can be used still that it may not be shut",
    setup: EXPOSED,
    breaks: ({ world }) => {
      const { send } = world.mail;
      world.mail.send = async (subject, text) => (/AKIA|exposed-key/.test(text) ? undefined : send(subject, text));
    },
  },
  "an exposed key is only said to be shut": {
    seenBy: "no key is told to be shut that can be used",
    setup: EXPOSED,
    breaks: ({ world: { functions } }) => {
      functions.replaced.set("exposed-key/deactivate-key", () => async () => ({ done: "DEACTIVATED" }));
      const gone = { is: "INACTIVE", otherKeys: [], quarantine: [] };
      functions.replaced.set("exposed-key/confirm-gone", () => async () => gone);
    },
  },
};

const SHUT = { mayLogIn: false, password: undefined };

function retireAtOnce({ credential }: Definitions): void {
  for (const choice of credential.States.Promoted?.Choices ?? []) choice.Next = "RetirePredecessor";
}

/** Nothing is revoked, and whoever asks is answered that it is. */
function believeRevoked(world: World): void {
  const refuses = async () => [{ host: "api.example", says: "REFUSED" as const, words: "it answers 401" }];
  for (const settings of ofKind(world, "token")) {
    const issuer = world.authorities.issuerOf(settings);
    const { through } = issuer;
    issuer.revokesNothing = true;
    world.functions.replaced.set("credential/retire-predecessor", (real: RunStep) => async (input, neighbours) => {
      const issuerOf = (one: CredentialSettings) => ({ ...world.authorities.issuerOf(one as never), accepts: refuses });
      issuer.through = (pass) => ({ ...through(pass), accepts: refuses });
      const output = await real(input, {
        ...(neighbours as object),
        authorities: { ...world.authorities, issuerOf },
      } as never);
      issuer.through = through;
      return output;
    });
  }
}

function ofKind<Kind extends CredentialSettings["kind"]>({ credentialSettings }: World, kind: Kind) {
  return credentialSettings.filter((one): one is Extract<CredentialSettings, { kind: Kind }> => one.kind === kind);
}

function look({ calls }: World): Promise<void> {
  return calls.pass("somebody", "secrets.looked", async () => undefined);
}
