import { describe, expect, test } from "vitest";
import { putDue } from "../../../functions/audit/put-due.ts";
import type { Behind } from "../../../functions/credential/inputs.ts";
import { verifyCredential } from "../../../functions/credential/verify-credential/step.ts";
import { utc } from "../../../functions/telling/time.ts";
import { EC2, NOW } from "../support.ts";
import {
  API_SECRET,
  type CredentialWorld,
  credentialWorld,
  FIRST,
  ISSUERS,
  LIFETIME_MS,
  passwordOf,
  READER,
  SECRET,
  THIRD,
  TOKEN,
  type TokenWorld,
  tokenWorld,
  WRITER,
} from "./support.ts";

const INPUT = {
  secret: SECRET,
  token: TOKEN,
  current: { versionId: FIRST, user: "orders_a" },
  other: { user: "orders_b" },
  behind: [] as Behind[],
  force: false,
  heal: false,
  test: false,
};
const BEHIND: Behind[] = [{ consumer: "web", why: "USES_FORMER", lastAt: NOW, ec2InstanceId: EC2 }];

const verify = (world: CredentialWorld, input: Partial<typeof INPUT> = {}) =>
  verifyCredential({ ...INPUT, ...input }, world);

/** What a server knows of a user is changed behind Keyturn's back. */
function refuse(world: CredentialWorld, hosts = [WRITER, READER], user = "orders_a"): void {
  for (const host of hosts) world.authority.servers.get(host)?.users.set(user, { mayLogIn: true, password: "another" });
}

function takeAway(world: CredentialWorld, host: string): void {
  const server = world.authority.servers.get(host);
  if (server) server.isAway = true;
}

/** An earlier try has put the pending version's value, and pushed it to the writer. */
async function push(world: CredentialWorld, user = "orders_b"): Promise<void> {
  await world.secrets.putPending(SECRET, TOKEN, world.valueFor(TOKEN, user));
  await world.authority.honour({ user, password: passwordOf(TOKEN) }, async () => true);
}

/** Audit lines lie there of so many acts, the last of which is this one. */
async function audited(world: CredentialWorld, act: string, lines = 1): Promise<void> {
  const acts = [...Array.from({ length: lines - 1 }, () => "failed"), act];
  const due = acts.map((one, n) => ({ act: one, timeMs: NOW + n, details: "{}" }));
  await putDue(world.audit, { subject: SECRET, due, at: NOW });
}

test("who asks to heal while a consumer is behind is told what it takes, and with force beside it is healed", async () => {
  const world = await credentialWorld();
  await audited(world, "promoted");
  refuse(world);
  const { verdict, turns, said } = await verify(world, { behind: BEHIND, heal: true });
  expect({ verdict, turns }).toEqual({ verdict: "BEHIND", turns: false });
  expect(said).toMatch(/^web used orders_b .*`heal` alone waits for them; with `force` beside it they are locked out/);
  const both = { behind: BEHIND, heal: true, force: true };
  expect(await verify(world, both)).toMatchObject({ verdict: "MISMATCH", turns: true });
});

test("a current credential that all servers accept matches", async () => {
  const world = await credentialWorld();
  expect(await verify(world)).toEqual({ verdict: "MATCH", turns: true, said: "" });
});

test("a version that is current by now, or pending no more, is superseded", async () => {
  const superseded = { verdict: "SUPERSEDED", turns: false, said: "" };
  const world = await credentialWorld();
  expect(await verify(world, { token: THIRD })).toEqual(superseded);
  await world.turn();
  expect(await verify(world)).toEqual(superseded);
  world.secrets.begin(SECRET, TOKEN);
  expect(await verify(world)).toEqual(superseded);
});

test("a secret that is gone is told", async () => {
  const world = await credentialWorld();
  world.secrets.delete(SECRET);
  await expect(verify(world)).rejects.toMatchObject({ name: "SecretGone" });
  await expect(verify(world, { test: true })).rejects.toMatchObject({ name: "SecretGone" });
});

test("a secret that the settings do not name is told", async () => {
  const world = await credentialWorld();
  const asked = verifyCredential(INPUT, { ...world, credentialSettings: [] });
  await expect(asked).rejects.toMatchObject({ name: "UnknownCredential" });
});

test("a pending credential that the writer accepts was pushed by an earlier try, whoever is behind", async () => {
  const world = await credentialWorld();
  await push(world);
  refuse(world, [READER], "orders_b");
  const pushed = { verdict: "MATCH_PENDING", turns: true, said: "" };
  expect(await verify(world)).toEqual(pushed);
  expect(await verify(world, { behind: BEHIND })).toEqual(pushed);
});

test("a pending value that was not pushed, or is not the other user's, says nothing", async () => {
  const unpushed = await credentialWorld();
  await unpushed.secrets.putPending(SECRET, TOKEN, unpushed.valueFor(TOKEN, "orders_b"));
  expect(await verify(unpushed)).toMatchObject({ verdict: "MATCH" });
  const another = await credentialWorld();
  await another.secrets.putPending(SECRET, TOKEN, another.valueFor(FIRST, "orders_a"));
  expect(await verify(another)).toMatchObject({ verdict: "MATCH" });
});

test("whether a pending credential was pushed is not guessed where the writer is away", async () => {
  const world = await credentialWorld();
  await push(world);
  takeAway(world, WRITER);
  await expect(verify(world, { behind: BEHIND })).rejects.toMatchObject({ name: "AuthorityUnreachable" });
});

test("who is behind is not locked out, and is named", async () => {
  const world = await credentialWorld();
  const behind: Behind[] = [
    ...BEHIND,
    { consumer: "pool", why: "NOT_SEEN" },
    { consumer: "psql", why: "NOT_NAMED", lastAt: NOW, address: "10.0.0.4" },
    { consumer: "cron", why: "USES_FORMER" },
  ];
  const said = [
    `web used orders_b at 2026-11-20 03:00:00 UTC (${EC2})`,
    "pool was not seen with orders_a",
    "psql, which the settings do not name, used orders_b at 2026-11-20 03:00:00 UTC (10.0.0.4)",
    "cron used orders_b",
  ];
  expect(await verify(world, { behind })).toEqual({ verdict: "BEHIND", turns: false, said: said.join("; ") });
});

test("of many who are behind, ten are named", async () => {
  const world = await credentialWorld();
  const behind = Array.from({ length: 50 }, (_, n): Behind => ({ consumer: `c${n}`, why: "NOT_SEEN" }));
  const { said } = await verify(world, { behind });
  expect(said).toMatch(/; c9 was not seen with orders_a; and 40 more$/);
});

test("by force, who is behind is not waited for", async () => {
  const world = await credentialWorld();
  expect(await verify(world, { behind: BEHIND, force: true })).toMatchObject({ verdict: "MATCH", turns: true });
});

test("a server that is away makes no mismatch, whatever the others say", async () => {
  for (const [away, refusing] of [
    [WRITER, READER],
    [READER, WRITER],
  ] as const) {
    const world = await credentialWorld();
    refuse(world, [refusing]);
    takeAway(world, away);
    const message = expect.stringContaining(`${away} cannot be reached: it is away`);
    await expect(verify(world)).rejects.toMatchObject({ name: "AuthorityUnreachable", message });
  }
});

test("the first version of a secret, which nobody has ever set, is unset, and turned", async () => {
  const world = await credentialWorld();
  refuse(world);
  await audited(world, "failed");
  const said = `${WRITER} refuses orders_a: the password is wrong`;
  expect(await verify(world)).toEqual({ verdict: "UNSET", turns: true, said });
  expect(await verify(world, { test: true })).toEqual({ verdict: "UNSET", turns: true, said });
});

test.each([
  [
    "the record knows a promotion",
    (world: CredentialWorld) =>
      world.note({ current: { versionId: FIRST, user: "orders_a", since: NOW, execution: "one" } }),
  ],
  ["the audit does", (world: CredentialWorld) => audited(world, "promoted")],
  [
    "the audit does, on a page of its own",
    async (world: CredentialWorld) => {
      await audited(world, "promoted", 3);
      const { lines } = world.audit;
      world.audit.lines = (subject, page) => lines(subject, { ...page, limit: 1 });
    },
  ],
  [
    "there was another version",
    async (world: CredentialWorld) => world.secrets.putCurrent(SECRET, THIRD, world.valueFor(FIRST, "orders_a")),
  ],
])("a refused credential is a mismatch where %s", async (_, arrange) => {
  const world = await credentialWorld();
  refuse(world);
  await arrange(world);
  const said = `${WRITER} refuses orders_a: the password is wrong`;
  expect(await verify(world)).toEqual({ verdict: "MISMATCH", turns: false, said });
  expect(await verify(world, { test: true })).toMatchObject({ verdict: "MISMATCH", turns: false });
  expect(await verify(world, { heal: true })).toEqual({ verdict: "MISMATCH", turns: true, said });
});

test("one server that refuses is a mismatch, and named", async () => {
  const world = await credentialWorld();
  await audited(world, "promoted");
  refuse(world, [READER]);
  expect(await verify(world)).toMatchObject({
    verdict: "MISMATCH",
    said: `${READER} refuses orders_a: the password is wrong`,
  });
});

test("a first version that one server lets in is in use, and no unset one", async () => {
  const world = await credentialWorld();
  refuse(world, [READER]);
  expect(await verify(world)).toMatchObject({ verdict: "MISMATCH", turns: false });
  await push(world);
  expect(await verify(world)).toMatchObject({ verdict: "MATCH_PENDING", turns: true });
});

test("a value that is no login of the two users is never tried, and is not accepted", async () => {
  const world = await credentialWorld();
  const values = ["changed by hand", JSON.stringify({ username: "postgres", password: "secret words" })];
  const tried: unknown[] = [];
  const { accepts } = world.authority;
  world.authority.accepts = (login) => {
    tried.push(login);
    return accepts(login);
  };
  for (const [n, value] of values.entries()) {
    const version = `${n}`.repeat(36);
    world.secrets.putCurrent(SECRET, version, value);
    const found = await verify(world, { current: { versionId: version, user: "orders_a" } });
    expect(found).toEqual({
      verdict: "MISMATCH",
      turns: false,
      said: "The current value of orders/db is no login of orders_a or orders_b.",
    });
  }
  expect(tried).toEqual([]);
});

test("a test asks for the current credential alone", async () => {
  const world = await credentialWorld();
  await push(world);
  expect(await verify(world, { token: THIRD, behind: BEHIND, test: true })).toMatchObject({
    verdict: "MATCH",
    turns: true,
  });
});

test("what the authority says is cut, and one line", async () => {
  const world = await credentialWorld();
  world.authority.accepts = async () => [{ host: WRITER, says: "REFUSED", words: `two\nlines ${"x".repeat(1000)}` }];
  const { said } = await verify(world);
  expect(said).toMatch(/: two\?lines x+$/);
  expect(said.length).toBeLessThan(400);
});

test("nothing that it gives or throws holds a password", async () => {
  const world = await credentialWorld();
  refuse(world);
  const given = JSON.stringify([await verify(world), await verify(world, { behind: BEHIND })]);
  takeAway(world, WRITER);
  const thrown = String(await verify(world).catch((error: unknown) => error));
  for (const version of [FIRST, TOKEN]) expect(given + thrown).not.toContain(passwordOf(version));
});

describe.each(ISSUERS)("a token, of an issuer with $what", ({ changes }) => {
  const current = { versionId: FIRST, user: "token_a" as string | undefined };
  const verifyToken = (world: TokenWorld, input: Partial<Omit<typeof INPUT, "current"> & { current: object }> = {}) =>
    verifyCredential(
      { ...INPUT, secret: API_SECRET, other: { user: "token_b" }, current, ...input } as typeof INPUT,
      world,
    );
  const told = `web used token_b at ${utc(NOW)} (${EC2})`;
  const refused = "api.example refuses token_a: it answers 401";

  /** As the stack makes it, or as somebody filled it who had a token before. */
  async function fresh(value: object): Promise<TokenWorld> {
    const world = await tokenWorld(changes);
    await world.note({ current: undefined });
    world.secrets.create(API_SECRET, FIRST, JSON.stringify(value));
    world.secrets.begin(API_SECRET, TOKEN);
    return world;
  }

  test("that is accepted matches, and is turned unless somebody is behind", async () => {
    const world = await tokenWorld(changes);
    expect(await verifyToken(world)).toEqual({ verdict: "MATCH", turns: true, said: "" });
    expect(await verifyToken(world, { behind: BEHIND })).toEqual({ verdict: "BEHIND", turns: false, said: told });
    expect(await verifyToken(world, { behind: BEHIND, force: true })).toMatchObject({ verdict: "MATCH", turns: true });
  });

  test("whose life is nearly over is turned, whoever is behind", async () => {
    const world = await tokenWorld(changes);
    world.clock.at += LIFETIME_MS * 0.75 - 1;
    expect(await verifyToken(world, { behind: BEHIND })).toMatchObject({ verdict: "BEHIND" });
    world.clock.at += 1;
    expect(await verifyToken(world, { behind: BEHIND })).toEqual({ verdict: "MATCH", turns: true, said: "" });
  });

  test("that is refused is turned at once, whoever is behind, as nobody is served by it", async () => {
    const world = await tokenWorld(changes);
    world.revoke(FIRST);
    const mismatch = { verdict: "MISMATCH", turns: true, said: refused };
    expect(await verifyToken(world)).toEqual(mismatch);
    expect(await verifyToken(world, { behind: BEHIND })).toEqual(mismatch);
    expect(await verifyToken(world, { test: true })).toEqual({ ...mismatch, turns: false });
  });

  test("whose probe is away is neither, and nothing is turned", async () => {
    const world = await tokenWorld(changes);
    world.issuer.isProbeAway = true;
    await expect(verifyToken(world)).rejects.toMatchObject({ name: "AuthorityUnreachable" });
    await expect(verifyToken(world, { behind: BEHIND })).rejects.toMatchObject({ name: "AuthorityUnreachable" });
  });

  test("whose issuer alone is away matches: the push will see that", async () => {
    const world = await tokenWorld(changes);
    world.issuer.refusedKeys = new Set(world.credential.keys);
    expect(await verifyToken(world)).toMatchObject({ verdict: "MATCH" });
  });

  test("that an earlier try has fetched is gone on with, whoever is behind; one that is refused by now is none", async () => {
    const world = await tokenWorld(changes);
    const { value } = await world.issueFor(TOKEN, "token_b");
    await world.secrets.putPending(API_SECRET, TOKEN, value);
    expect(await verifyToken(world, { behind: BEHIND })).toEqual({ verdict: "MATCH_PENDING", turns: true, said: "" });
    world.revoke(TOKEN);
    expect(await verifyToken(world)).toMatchObject({ verdict: "MATCH" });
  });

  test("that there is none of yet is unset, and nobody is told", async () => {
    const world = await fresh({});
    const unset = { verdict: "UNSET", turns: true, said: `The current value of ${API_SECRET} is no token.` };
    expect(await verifyToken(world, { current: { versionId: FIRST } })).toEqual(unset);
  });

  test("that somebody had before is taken for the first one, if it is accepted", async () => {
    const world = await fresh({});
    await world.issueFor(THIRD, "token_a");
    world.secrets.putCurrent(API_SECRET, FIRST, JSON.stringify({ access_token: world.tokenOf(THIRD) }));
    expect(await verifyToken(world)).toEqual({ verdict: "MATCH", turns: true, said: "" });
    world.revoke(THIRD);
    expect(await verifyToken(world)).toEqual({ verdict: "UNSET", turns: true, said: refused });
  });

  test("that somebody has taken out of the secret is fetched anew", async () => {
    const world = await tokenWorld(changes);
    world.secrets.putCurrent(API_SECRET, THIRD, "{}");
    const now = { current: { versionId: THIRD } };
    expect(await verifyToken(world, now)).toMatchObject({ verdict: "MISMATCH", turns: true });
  });
});
