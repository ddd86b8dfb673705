import assert from "node:assert/strict";
import { judgeOf } from "../../../functions/clients/authorities.ts";
import { readLogin } from "../../../functions/credential/secret-value.ts";
import { tryName } from "../../../functions/credential/tries.ts";
import type { CredentialSettings, DatabaseCredential } from "../../../functions/shared/credential-settings.ts";
import type { Definitions } from "../definitions.ts";
import { World } from "../world.ts";
import type { Check, End, Scenario } from "./scenario.ts";
import { followed, MANY, TOKEN, TOKEN_ROUTES } from "./tokens.ts";

const NEXT = "22222222-2222-4222-8222-222222222222";
const SECRET = "orders/db";

/** Two applications that follow a credential. */
async function settled(world: World): Promise<DatabaseCredential> {
  const credential = await world.settledCredential();
  await world.consumer(credential, "web", "asks");
  await world.consumer(credential, "pool", "asks");
  return credential;
}

/** One of two applications reads its credential once, when it starts. */
async function withHolder(world: World): Promise<DatabaseCredential> {
  const credential = await world.settledCredential();
  await world.consumer(credential, "web", "holds");
  await world.consumer(credential, "pool", "asks");
  return credential;
}

/** A rotation whose consumers were waited for until somebody stopped it. */
async function unretired(world: World): Promise<void> {
  await settled(world);
  await ask(world);
  await world.until(() => world.credentials.records.get(SECRET)?.predecessor !== undefined);
  for (const execution of world.flows.executions("credential")) await world.flows.stop(execution);
  await world.settle();
}

const settingsOf = (world: World) => world.credentialSettings[0] as DatabaseCredential;
/** As a person asks: Secrets Manager has the rotation function do its steps. */
const ask = (world: World) => world.rotateSecret(settingsOf(world), TOKEN);
/** The flow alone, for a version that is pending. */
function begin(world: World, input: object = {}): void {
  world.secrets.begin(SECRET, TOKEN);
  world.start("credential", { secret: SECRET, token: TOKEN, ...input }, tryName({ secret: SECRET, token: TOKEN }, 1));
}

const ROTATED: End = { end: "ROTATED", mails: 0 };
const quiet = (end: string): End => ({ end, mails: 0 });

/** The other one is set, and its version is lost: somebody took the label off, as AWS advises where a rotation hangs. */
const labelTakenOff = (what: string, arrange: (world: World) => Promise<CredentialSettings>): Check => ({
  name: `AWSPENDING is taken off by hand, whichever call it comes before, of ${what}: the next request is served, and the lost version is honoured no longer`,
  async run(definitions: Definitions) {
    const calls = await callsOf(definitions, arrange);
    for (let at = 1; at <= calls; at += 1) {
      const world = new World({ definitions });
      const credential = await arrange(world);
      const { name } = credential;
      world.calls.countAnew();
      world.calls.faults.push({ call: at, when: "before", what: "blackout" });
      await world.rotateSecret(credential, TOKEN);
      await world.settle();
      const lost = readLogin(await world.secrets.read(name, TOKEN), credential);
      const { current } = (await world.secrets.stages(name)) ?? {};
      await world.secrets.dropPending(name, TOKEN);
      await world.lift();
      const then = (await world.secrets.stages(name))?.current;
      // It was promoted before: until all have moved, the next one would be told who is behind.
      if (then === TOKEN) await world.comeRound();
      await world.rotateSecret(credential, NEXT);
      await world.settle();
      const now = (await world.secrets.stages(name))?.current;
      assert.equal(now, NEXT, `before call ${at}: the next request left ${now} current, after ${current} and ${then}`);
      if (then === TOKEN || lost === undefined) continue;
      const [answer] = await judgeOf(credential, world.authorities).accepts(lost);
      assert.equal(answer?.says, "REFUSED", `before call ${at}: the lost version is honoured`);
    }
  },
});

async function callsOf(
  definitions: Definitions,
  arrange: (world: World) => Promise<CredentialSettings>,
): Promise<number> {
  const world = new World({ definitions });
  const credential = await arrange(world);
  world.calls.countAnew();
  await world.rotateSecret(credential, TOKEN);
  await world.settle();
  return world.calls.counted.length;
}

export const scenario: Scenario = {
  routes: [
    { name: "a credential whose consumers move", arrange: settled, start: ask, comesTo: ROTATED },
    {
      name: "a credential that the stack has just drawn",
      arrange: (world) => world.newCredential(),
      start: begin,
      comesTo: ROTATED,
    },
    {
      name: "a consumer that does not move",
      arrange: withHolder,
      start: ask,
      comesTo: { end: "Keyturn.ConsumersBehind", mails: 1 },
    },
    {
      name: "a rotation that was stopped while its consumers were waited for, gone on with",
      arrange: unretired,
      start: (world) => world.start("credential", { secret: SECRET, token: TOKEN, trigger: "watch" }),
      // Of the execution that was stopped, a rule tells.
      comesTo: { end: "ABORTED", mails: 1 },
    },
    {
      name: "a password that somebody changed",
      async arrange(world) {
        const credential = await settled(world);
        world.watching = false;
        world.forced.add(SECRET);
        const another = { user: "orders_a", password: "another" };
        await world.authorities.of(credential).honour(another, async () => true);
        world.authorities.of(credential).catchUp();
      },
      start: begin,
      comesTo: { end: "Keyturn.MISMATCH", mails: 1 },
    },
    {
      name: "a version that is pending no more",
      arrange: settled,
      start: (world) => world.start("credential", { secret: SECRET, token: TOKEN }),
      comesTo: quiet("SUPERSEDED"),
    },
    {
      name: "a test of how it is set up",
      arrange: settled,
      start: (world) => world.start("credential", { secret: SECRET, token: TOKEN, test: true }),
      comesTo: quiet("MATCH"),
    },
    ...TOKEN_ROUTES,
  ],

  edges: [
    labelTakenOff("a database", settled),
    labelTakenOff("an issuer with one token a key", (world) => followed(world)),
    labelTakenOff("an issuer with many", (world) => followed(world, MANY)),
  ],

  end({ output, error, status }) {
    if (status === "ABORTED") return status;
    return error ?? JSON.parse(output ?? "{}").outcome;
  },

  failsWith(state, error, { comesTo }) {
    if (error === "Superseded" || error === "NotPending") return quiet("SUPERSEDED");
    // The former user is waited for anew, and then shut.
    if (error === "LetInAgain") return comesTo;
    // People are told what came before.
    if (state === "DropPending") return comesTo;
    // On the way to its end it tells the bus first: what fails there no more often than that is told of.
    const isOutlasted = ["Lambda.ServiceException", "Lambda.TooManyRequestsException"].includes(error);
    // Who tells cannot tell of itself: a rule does.
    if (state === "NotifySns" || state === "NotifyBehind")
      return { end: isOutlasted ? `Keyturn.${error}` : error, mails: 1 };
    return { end: `Keyturn.${error}`, mails: comesTo.mails + 1 };
  },
};
