import { describe, expect, test } from "vitest";
import { readCredentials } from "../../../functions/watch/read-credentials/step.ts";
import {
  CREDENTIAL,
  type CredentialWorld,
  credentialWorld,
  FIRST,
  passwordOf,
  QUIET_MS,
  READER,
  SECRET,
  THIRD,
  TOKEN,
  WRITER,
} from "../credential/support.ts";
import { counted } from "./counted.ts";

/** One look at one credential. */
async function look(world: CredentialWorld) {
  const { credentials } = await readCredentials({}, world);
  const [seen] = credentials;
  if (seen === undefined || credentials.length > 1) throw new Error("one credential is to be seen");
  return seen;
}

const away = (world: CredentialWorld, host = READER) => {
  const server = world.authority.servers.get(host);
  if (server) server.isAway = true;
};

test("a credential that is accepted, and whose other user nobody uses", async () => {
  const world = await credentialWorld();
  world.connect("orders_a", "pool");
  expect(await look(world)).toEqual({
    name: SECRET,
    stages: { current: FIRST, pending: TOKEN },
    says: [
      { host: WRITER, says: "ACCEPTED" },
      { host: READER, says: "ACCEPTED" },
    ],
    uses: { moved: false, behind: 0 },
  });
});

test("whom it sees is noted in the record, as a rotation notes it", async () => {
  const world = await credentialWorld();
  world.connect("orders_a", "pool");
  world.prove(FIRST);
  await look(world);
  expect((await world.record()).sightings.map(({ consumer, by, user }) => [consumer, by, user]).sort()).toEqual([
    ["pool", "sessions", "orders_a"],
    ["web", "proofs", "orders_a"],
  ]);
});

test("who would be locked out by a turn is counted", async () => {
  const world = await credentialWorld();
  world.connect("orders_b", "pool");
  world.connect("orders_b", "somebody");
  expect(await look(world)).toMatchObject({ uses: { moved: false, behind: 2 } });
});

test("all have moved, a quiet time after a turn", async () => {
  const world = await credentialWorld();
  await world.turn();
  world.connect("orders_b", "pool");
  world.prove(TOKEN);
  expect((await look(world)).uses?.moved).toBe(false);
  world.clock.at += QUIET_MS + 1;
  world.prove(TOKEN);
  expect(await look(world)).toMatchObject({ stages: { current: TOKEN }, uses: { moved: true, behind: 0 } });
});

describe("what the servers say is told by server, printable and cut", () => {
  test("refused", async () => {
    const world = await credentialWorld();
    await world.authority.honour({ user: "orders_a", password: "another" }, async () => true);
    const accepts: CredentialWorld["authority"]["accepts"] = async (login) => {
      const answers = await world.authority.accepts(login);
      return answers.map((one) => (one.says === "REFUSED" ? { ...one, words: `a\nb${"c".repeat(3000)}` } : one));
    };
    const authorities = { ...world.authorities, of: () => ({ ...world.authority, accepts }) };
    const { says } = await look({ ...world, authorities } as unknown as CredentialWorld);
    expect(says).toEqual([
      { host: WRITER, says: "REFUSED", words: `a?b${"c".repeat(197)}` },
      { host: READER, says: "ACCEPTED" },
    ]);
  });

  test("not reached: then nobody is asked for sessions", async () => {
    const world = await credentialWorld();
    away(world);
    const seen = await look(world);
    expect(seen.says).toEqual([
      { host: WRITER, says: "ACCEPTED" },
      { host: READER, says: "UNREACHABLE", words: "it is away" },
    ]);
    expect(seen).not.toHaveProperty("uses");
    expect(seen).not.toHaveProperty("failed");
  });
});

test("one that is turned at this moment is asked once more, with what is current by then", async () => {
  const world = await credentialWorld();
  let tried = 0;
  const accepts: CredentialWorld["authority"]["accepts"] = async (login) => {
    tried += 1;
    if (tried === 1) {
      await world.turn();
      await world.authority.honour({ user: "orders_a", password: "set anew" }, async () => true);
      world.authority.catchUp();
    }
    return world.authority.accepts(login);
  };
  const authorities = { ...world.authorities, of: () => ({ ...world.authority, accepts }) };
  const seen = await look({ ...world, authorities } as unknown as CredentialWorld);
  expect(seen.stages?.current).toBe(TOKEN);
  expect(seen.says.map(({ says }) => says)).toEqual(["ACCEPTED", "ACCEPTED"]);
  expect(tried).toBe(2);
});

test("one whose secret is gone has no stages", async () => {
  const world = await credentialWorld();
  world.secrets.delete(SECRET);
  expect(await look(world)).toEqual({ name: SECRET, says: [] });
});

test.each([
  ["somebody else's login", JSON.stringify({ username: "postgres", password: "x", host: "evil.example" })],
  ["no JSON", "hello"],
])("a value that is %s is not tried anywhere, and whoever uses the users is seen all the same", async (_, value) => {
  const world = await credentialWorld();
  world.secrets.putCurrent(SECRET, THIRD, value);
  const calls: string[] = [];
  const authorities = { ...world.authorities, of: () => counted("authority", world.authority, calls) };
  expect(await look({ ...world, authorities })).toMatchObject({ stages: { current: THIRD }, says: [], uses: {} });
  expect(calls).toEqual(["authority.usesOf"]);
});

describe("what keeps one from being seen is said, and what was seen of it as well", () => {
  test("the manager is refused", async () => {
    const world = await credentialWorld();
    world.authority.refusesManager = true;
    const seen = await look(world);
    expect(seen.says.map(({ says }) => says)).toEqual(["ACCEPTED", "ACCEPTED"]);
    expect(seen).not.toHaveProperty("uses");
    expect(seen.failed).toMatchObject({ error: "ManagerRefused", said: expect.stringMatching("manager") });
  });

  test("the others are looked at", async () => {
    const world = await credentialWorld();
    world.secrets.create("billing/db", FIRST, world.valueFor(FIRST, "orders_a"));
    const billing = { ...CREDENTIAL, name: "billing/db" };
    const stages: CredentialWorld["secrets"]["stages"] = async (name) => {
      if (name === SECRET) throw Object.assign(new Error("denied"), { name: "AccessDeniedException" });
      return world.secrets.stages(name);
    };
    const secrets = { ...world.secrets, stages };
    const seen = await readCredentials({}, { ...world, secrets, credentialSettings: [world.credential, billing] });
    expect(seen.credentials).toMatchObject([
      { name: SECRET, says: [], failed: { error: "AccessDeniedException", said: "denied" } },
      { name: "billing/db", stages: { current: FIRST } },
    ]);
  });
});

test("no value stands in what is given on", async () => {
  const world = await credentialWorld();
  world.connect("orders_b", "pool");
  expect(JSON.stringify(await look(world))).not.toContain(passwordOf(FIRST));
});

test("what a look costs: for each credential the calls that are stated, and nothing where there is none", async () => {
  const world = await credentialWorld();
  const calls: string[] = [];
  const watched = {
    secrets: counted("secrets", world.secrets, calls),
    credentials: counted("credentials", world.credentials, calls),
    uses: counted("uses", world.uses, calls),
    authorities: { ...world.authorities, of: () => counted("authority", world.authority, calls) },
  };
  const idle = await readCredentials({}, { ...world, ...watched, credentialSettings: [] });
  expect([idle, calls]).toEqual([{ credentials: [] }, []]);
  world.connect("orders_a", "pool");
  await look({ ...world, ...watched } as unknown as CredentialWorld);
  expect(calls.sort()).toEqual([
    ...["authority.accepts", "authority.usesOf"],
    ...["credentials.find", "credentials.find", "credentials.find", "credentials.write"],
    ...["secrets.read", "secrets.stages"],
    "uses.of",
  ]);
});
