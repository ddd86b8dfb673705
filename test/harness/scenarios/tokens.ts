import { tryName } from "../../../functions/credential/tries.ts";
import type { TokenCredential } from "../../../functions/shared/credential-settings.ts";
import { before } from "../../functions/situation.ts";
import type { World } from "../world.ts";
import type { Route } from "./scenario.ts";

export const TOKEN = "11111111-1111-4111-8111-111111111111";
const AN_HOUR_MS = 3_600_000;
/** Of an issuer that honours many tokens of a key, one is enough. */
export const MANY: Partial<TokenCredential> = { tokensPerKey: "many", keys: ["shop/api-key"] };

type Arranged = Parameters<World["settledToken"]>;

/** A token that two applications follow. */
export async function followed(world: World, ...how: Arranged): Promise<TokenCredential> {
  const settings = await world.settledToken(...how);
  await world.consumer(settings, "web", "asks");
  await world.consumer(settings, "batch", "asks");
  return settings;
}

/** One of two applications keeps the token that it has read for as long as that is accepted. */
async function withHolder(world: World, ...how: Arranged): Promise<TokenCredential> {
  const settings = await world.settledToken(...how);
  await world.consumer(settings, "web", "holds");
  await world.consumer(settings, "batch", "asks");
  return settings;
}

export function tokenOf({ credentialSettings }: World): TokenCredential {
  const found = credentialSettings.find(({ kind }) => kind === "token");
  if (found?.kind !== "token") throw new Error("there is no token");
  return found;
}

const issuerOf = (world: World) => world.authorities.issuerOf(tokenOf(world));
const ask = (world: World) => world.rotateSecret(tokenOf(world), TOKEN);

/** The flow alone, for a version that is pending. */
function begin(world: World): void {
  const { name: secret } = tokenOf(world);
  world.secrets.begin(secret, TOKEN);
  world.start("credential", { secret, token: TOKEN }, tryName({ secret, token: TOKEN }, 1));
}

/** It was turned a moment ago, and one of two applications goes on with the former one. */
async function unretired(world: World): Promise<void> {
  const settings = await withHolder(world, MANY);
  const { name } = settings;
  const version = "00000000-0000-4000-8000-00000000000b";
  const record = await world.credentials.find(name);
  const from = world.clock.now();
  const { token = "", lifetimeSeconds = 0 } = (await issuerOf(world).issue("token_b", async () => true)) ?? {};
  const life = { from, to: from + lifetimeSeconds * 1000 };
  const times = { issued_at: from / 1000, expires_at: life.to / 1000 };
  world.secrets.putCurrent(name, version, JSON.stringify({ access_token: token, turn: "token_b", ...times }));
  if (record?.current === undefined) throw new Error("there is no record");
  const { since: _, execution, ...former } = record.current;
  const current = { versionId: version, user: "token_b", life, since: from, execution };
  const issued = [former.versionId, version];
  await world.credentials.write({ ...record, current, predecessor: { ...former, announced: [] }, issued }, record);
  for (const consumer of world.consumers) await consumer.use();
}

/** Somebody asks for the end of the former token. */
async function forced(world: World): Promise<void> {
  await unretired(world);
  const { name } = tokenOf(world);
  world.forced.add(name);
  const record = await world.credentials.find(name);
  if (record === undefined) throw new Error("there is no record");
  const requested = [{ token: TOKEN, force: true, heal: false, at: world.clock.now() }];
  await world.credentials.write({ ...record, requested }, record);
}

/** A secret with a token that somebody had before. */
async function brought(world: World): Promise<void> {
  const settings = await world.newToken(MANY);
  const { token } = (await issuerOf(world).issue("token_a", async () => true)) ?? {};
  const { current = "" } = (await world.secrets.stages(settings.name)) ?? {};
  world.secrets.putCurrent(settings.name, current, JSON.stringify({ access_token: token, expires_in: 3600 }));
  await world.consumer(settings, "web", "asks");
  await world.consumer(settings, "batch", "asks");
}

/** Its issuer gives a key the token that it has, for as long as that is good: also to whoever lost the answer. */
async function givenAgain(world: World): Promise<void> {
  await followed(world);
  issuerOf(world).givesAgain = true;
}

/** Its issuer is so, for an hour. */
async function forAnHour(world: World, change: object, back: object): Promise<void> {
  await followed(world);
  Object.assign(issuerOf(world), change);
  world.clock.after(AN_HOUR_MS, () => Object.assign(issuerOf(world), back));
}

/** Somebody has revoked the current one. */
async function refused(world: World, changes: Partial<TokenCredential>): Promise<void> {
  const settings = await followed(world, changes);
  world.forced.add(settings.name);
  await world.revokeBehind(settings);
}

/** The probe refuses the token that is asked for. */
async function neverAccepted(world: World): Promise<void> {
  const { name } = await followed(world, MANY);
  before(world, "credential/confirm-successor", async () => {
    const { pending } = (await world.secrets.stages(name)) ?? {};
    if (pending === TOKEN) await world.revokeBehind(tokenOf(world), pending);
  });
}

const ROTATED = { end: "ROTATED", mails: 0 };
const failed = (what: string) => ({ end: `Keyturn.${what}`, mails: 1 });
/** Where a token may be lost, or one be ended that somebody holds. */
const DELICATE = /issuer\.(issue|revoke)|push-to-authority: secrets\.putPending/;

/** Tokens, on each way that differs from a database's. */
export const TOKEN_ROUTES: Route[] = [
  {
    name: "a token whose consumers move, one a key",
    arrange: (world) => followed(world),
    start: ask,
    inEveryWay: DELICATE,
    comesTo: ROTATED,
  },
  {
    name: "a token whose consumers move, many of one key",
    arrange: (world) => followed(world, MANY),
    start: ask,
    inEveryWay: DELICATE,
    comesTo: ROTATED,
  },
  {
    name: "a token of an issuer that gives a key the same one again",
    arrange: givenAgain,
    start: ask,
    inEveryWay: DELICATE,
    comesTo: ROTATED,
  },
  {
    name: "a token's secret that the stack has just made",
    arrange: (world) => world.newToken(),
    start: begin,
    comesTo: ROTATED,
  },
  { name: "a token that somebody had before", arrange: brought, start: begin, comesTo: ROTATED },
  {
    name: "a token that somebody has revoked, one a key",
    arrange: (world) => refused(world, {}),
    start: begin,
    comesTo: ROTATED,
  },
  {
    name: "an issuer that is down for an hour",
    arrange: (world) => forAnHour(world, { isAway: true }, { isAway: false }),
    start: begin,
    comesTo: failed("AuthorityUnreachable"),
  },
  {
    name: "an issuer that puts off for an hour",
    arrange: (world) => forAnHour(world, { putsOff: true }, { putsOff: false }),
    start: ask,
    comesTo: failed("AuthorityPutsOff"),
  },
  { name: "a former token that is used still", arrange: unretired, start: begin, comesTo: failed("BEHIND") },
  { name: "a former token that has to end now", arrange: forced, start: begin, comesTo: ROTATED },
  {
    name: "a former token that ends before its consumer has moved",
    arrange: (world) => withHolder(world, MANY, { lifetimeSeconds: 600 }),
    start: ask,
    comesTo: ROTATED,
  },
  {
    name: "an issuer that has no way to revoke",
    arrange: (world) => followed(world, MANY, { revokes: false }),
    start: begin,
    comesTo: ROTATED,
  },
  {
    name: "a token that the probe never accepts",
    arrange: neverAccepted,
    start: begin,
    comesTo: failed("TokenRefused"),
  },
];
