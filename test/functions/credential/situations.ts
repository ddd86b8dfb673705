import type { FakeAuthority } from "../../../functions/clients/authority.fake.ts";
import type { FakeIssuer } from "../../../functions/clients/issuer.fake.ts";
import { MOST_USES } from "../../../functions/clients/uses.ts";
import type { DatabaseCredential } from "../../../functions/shared/credential-settings.ts";
import { followed, tokenOf } from "../../harness/scenarios/tokens.ts";
import type { World } from "../../harness/world.ts";
import { before, type Situation } from "../situation.ts";
import { EC2, hex64Of } from "../support.ts";
import { SECRET, THIRD, TOKEN } from "./support.ts";

/** A credential that was turned before, and its consumers, who follow it. */
export async function withConsumers(world: World): Promise<void> {
  const credential = await world.settledCredential();
  for (const { name } of credential.consumers) await world.consumer(credential, name, "asks");
}

/** Somebody asks Secrets Manager for a rotation. */
export const askForTurn = (world: World) => world.rotateSecret(settingsOf(world), TOKEN);

function settingsOf(world: World): DatabaseCredential {
  const [settings] = world.credentialSettings;
  if (settings?.kind !== "database") throw new Error("there is no credential of a database");
  return settings;
}

/** Something becomes so just before the step runs. */
const once = (change: (world: World, step: string) => unknown): Situation => ({
  arrange: (world, _, step) => before(world, step, () => change(world, step)),
});

/** The credential's database is so from when the step runs. */
const database = (change: (authority: FakeAuthority) => unknown): Situation =>
  once((world) => change(world.authorities.of(settingsOf(world))));

/** There is a token instead, whose issuer is so from when the step runs. */
function issuer(change: (issuer: FakeIssuer, world: World) => unknown): Situation {
  return {
    async arrange(world, _, step) {
      world.credentialSettings.splice(0);
      world.consumers.splice(0);
      const settings = await followed(world);
      before(world, step, () => change(world.authorities.issuerOf(settings), world));
    },
    act: (world) => world.rotateSecret(tokenOf(world), TOKEN),
  };
}

const each = (authority: FakeAuthority, change: object) => {
  for (const server of authority.servers.values()) Object.assign(server, change);
};

/** For each error that contracts of the flow `credential` declare, how it comes about. */
export const CREDENTIAL_SITUATIONS: Record<string, Situation> = {
  // Somebody deploys while it is turned.
  UnknownCredential: once((world) => world.credentialSettings.splice(0)),
  // Of the functions, one has the new users first.
  SecretUnfit: {
    arrange(world, _, step) {
      const credentialSettings = [{ ...settingsOf(world), users: ["orders_c", "orders_d"] }];
      world.functions.replaced.set(
        step,
        (real) => (input, neighbours) => real(input, Object.assign(neighbours, { credentialSettings })),
      );
    },
  },
  SecretGone: once((world) => world.secrets.delete(SECRET)),
  NotPending: once((world) => world.secrets.dropPending(SECRET, TOKEN)),
  Superseded: once(async (world, step) => {
    // Of a version that is neither pending nor current, the first step says something else.
    world.secrets.putCurrent(SECRET, step === "credential/validate-secret" ? TOKEN : THIRD, "by hand");
    await world.secrets.dropPending(SECRET, TOKEN);
  }),
  // A person lets the former user in again, once, between the two strokes.
  LetInAgain: {
    arrange(world, _, step) {
      let isDone = false;
      world.functions.replaced.set(step, (real) => async (input: { stroke: string }, neighbours) => {
        const { predecessor = "" } = (await world.secrets.stages(SECRET)) ?? {};
        const { username: user, password } = JSON.parse((await world.secrets.read(SECRET, predecessor)) ?? "{}");
        const isBetween = input.stroke === "PASSWORD" && !isDone;
        isDone ||= isBetween;
        if (isBetween) await world.authorities.of(settingsOf(world)).honour({ user, password }, async () => true);
        return real(input as never, neighbours);
      });
    },
  },
  TooManyUses: once((world) => {
    const use = { secret: SECRET, versionId: THIRD, ec2InstanceId: EC2, proof: hex64Of("none") };
    for (let n = 0; n <= MOST_USES; n += 1) {
      world.uses.write({ ...use, consumer: `flood-${n}`, timeMs: world.clock.now() });
    }
  }),
  AuthorityUnreachable: database((authority) => each(authority, { isAway: true })),
  AuthorityBusy: database((authority) => Object.assign(authority, { isBusy: true })),
  AuthorityUnwilling: once((world) => {
    // It is Keyturn's settings that do not do, not theirs.
    world.consumers.splice(0);
    world.authorities.of(settingsOf(world)).isUnwilling = true;
  }),
  ManagerRefused: database((authority) => Object.assign(authority, { refusesManager: true })),
  AuthorityPutsOff: issuer((one) => Object.assign(one, { putsOff: true })),
  KeyRefused: issuer((one, { credentialSettings }) => {
    for (const settings of credentialSettings) {
      if (settings.kind === "token") one.refusedKeys = new Set(settings.keys);
    }
  }),
  AnswerUnfit: issuer((one) => Object.assign(one, { answersUnfit: true })),
  TokenRefused: issuer(async (_, world) => {
    const settings = tokenOf(world);
    await world.revokeBehind(settings, (await world.secrets.stages(settings.name))?.pending);
  }),
  StillAccepted: issuer((one) => Object.assign(one, { revokesNothing: true })),
  LoginRefused: database((authority) => authority.honour({ user: "orders_b", password: "another" }, async () => true)),
  // A reader lags behind its writer, always.
  ReaderBehind: { arrange: () => {} },
  OwnerLost: database((authority) => each(authority, { actingAs: { fresh: "orders", afterDiscard: "orders_b" } })),
  RotationFailed: {
    arrange: (world) => world.functions.next("credential/derive-successor", { error: "SomethingElse" }),
  },
  // A function that does not come back is run again, until its time is over each time.
  RotationUnderWay: {
    arrange: (world) =>
      world.functions.replaced.set("credential/push-to-authority", () => () => new Promise(() => undefined)),
  },
};
