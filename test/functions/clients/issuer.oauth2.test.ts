import { randomBytes } from "node:crypto";
import { CreateSecretCommand, DeleteSecretCommand } from "@aws-sdk/client-secrets-manager";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { oauth2Issuer } from "../../../functions/clients/issuer.oauth2.ts";
import { keyOf, TOKENS_PER_KEY, type TokenCredential } from "../../../functions/shared/credential-settings.ts";
import { type LocalIssuer, startIssuer } from "../../../local/issuer/start-issuer.ts";
import { issuerSuite } from "./issuer.suite.ts";
import { keySecrets } from "./key-secrets.ts";
import { tokenCredentialOf } from "./token-credential-of.ts";

// The issuer of local/, with API keys in the embedded AWS's Secrets Manager.

const KEYS = {
  "orders/key-a": { client_id: "0d2f-a_1.x", client_secret: ":+%/ü ~'" },
  "orders/key-b": { client_id: "b", client_secret: "another" },
};
const clients = Object.values(KEYS).map(({ client_id: id, client_secret: secret }) => ({ id, secret }));
const yes = async () => true;
const now = Date.now;
let secrets: Awaited<ReturnType<typeof keySecrets>>;
const issuers: LocalIssuer[] = [];
beforeAll(async () => {
  secrets = await keySecrets(KEYS);
});
afterAll(async () => {
  await Promise.all(issuers.map((issuer) => issuer.close()));
  await secrets.close();
});

async function start(tokensPerKey: TokenCredential["tokensPerKey"], now: () => number = Date.now) {
  const local = await startIssuer({ clients, tokensPerKey, lifetimeSeconds: 60, now, random: randomBytes });
  issuers.push(local);
  const { tokenUrl, revocationUrl, resourceUrl: probeUrl } = local;
  return { local, settings: tokenCredentialOf({ tokensPerKey, tokenUrl, revocationUrl, probeUrl }) };
}

const wait = async () => {};

describe.each(TOKENS_PER_KEY)("the local issuer with %s tokens a key", (tokensPerKey) => {
  issuerSuite(
    async () => {
      let time = Date.now();
      const { local, settings } = await start(tokensPerKey, () => time);
      const { behaviour, counts } = local.handle;
      const unfit = { status: 200, headers: { "content-type": "text/html" }, body: "<html>" };
      return {
        settings,
        issuerOf: (its) => oauth2Issuer(its, { secrets: secrets.client, wait, now }),
        elapse(seconds) {
          time += seconds * 1000;
        },
        refuse(secret, isRefused) {
          const { client_id } = KEYS[secret as keyof typeof KEYS];
          if (isRefused) behaviour.refusedClients.add(client_id);
          else behaviour.refusedClients.delete(client_id);
        },
        away: (isAway) => (isAway ? local.handle.goAway("refusing") : local.handle.comeBack()),
        asked: () => counts.token + counts.revoke,
        behave(how) {
          behaviour.revokesNothing = how === "revokes nothing";
          behaviour.putsOff = how === "puts off" ? "3600" : undefined;
          behaviour.unfit = how === "answers unfit" ? unfit : undefined;
          behaviour.says = how === "says no lifetime" ? { expires_in: undefined } : {};
        },
      };
    },
    { tokensPerKey, behaves: true },
  );
});

describe("API keys", () => {
  test("a key that is turned by hand is read anew, also for what is asked again after a wait", async () => {
    const { local, settings } = await start("many");
    const { client_id: id } = KEYS["orders/key-b"];
    async function turn(secret: string): Promise<void> {
      local.handle.setClient({ id, secret });
      await secrets.put("orders/key-b", { client_id: id, client_secret: secret });
    }
    const waits: number[] = [];
    const turning = async (ms: number) => {
      waits.push(ms);
      local.handle.behaviour.putsOff = undefined;
      await turn("turned twice");
    };
    const issuer = oauth2Issuer(settings, { secrets: secrets.client, wait: turning, now });
    await issuer.issue("token_b", yes);
    await turn("turned once");
    expect(await issuer.issue("token_b", yes)).toBeDefined();
    local.handle.behaviour.putsOff = "7";
    expect(await issuer.issue("token_b", yes)).toBeDefined();
    expect(waits).toEqual([7000]);
    await turn(KEYS["orders/key-b"].client_secret);
  });

  test("where there is one key it makes both", async () => {
    const { settings } = await start("many");
    const one = { ...settings, keys: ["orders/key-b"] } as const;
    expect([keyOf(one, "token_a"), keyOf(one, "token_b")]).toEqual(["orders/key-b", "orders/key-b"]);
    const issuer = oauth2Issuer(one, { secrets: secrets.client, wait, now });
    for (const user of one.users) expect(await issuer.issue(user, yes)).toBeDefined();
  });

  test.each<[string, string | undefined]>([
    ["is no JSON", "hunter2"],
    ["has no client_id", '{"client_secret":"hunter2"}'],
    ["has no client_secret", '{"client_id":"hunter2"}'],
    ["has an empty secret", '{"client_id":"hunter2","client_secret":""}'],
    ["has a number in the place of a text", '{"client_id":"hunter2","client_secret":2}'],
    ["has half of a character", '{"client_id":"hunter2","client_secret":"hunter2\\ud800"}'],
    ["is a list", '["hunter2"]'],
    ["is null", "null"],
    ["is bytes", undefined],
  ])(
    "a secret that %s is told as a key that is refused: nothing is asked, and nothing of it repeated",
    async (_, text) => {
      const { local, settings } = await start("many");
      const secret = `test/key-${randomBytes(4).toString("hex")}`;
      const value = text === undefined ? { SecretBinary: Buffer.from("hunter2") } : { SecretString: text };
      await secrets.client.send(new CreateSecretCommand({ Name: secret, ...value }));
      const issuer = oauth2Issuer({ ...settings, keys: [secret] }, { secrets: secrets.client, wait, now });
      let isAsked = false;
      const mayGoOn = async () => {
        isAsked = true;
        return true;
      };
      for (const asked of [
        issuer.issue("token_a", mayGoOn),
        issuer.revoke({ user: "token_b", password: "t" }, mayGoOn),
      ]) {
        const error = await asked.catch((caught: Error) => caught);
        expect(error).toMatchObject({ name: "KeyRefused", message: expect.stringContaining(secret) });
        expect(`${error} ${(error as Error).stack}`).not.toContain("hunter2");
      }
      expect([isAsked, local.handle.counts.token, local.handle.counts.revoke]).toEqual([false, 0, 0]);
    },
  );

  test("a secret that is not there, has no value, or is deleted, is told so", async () => {
    const { settings } = await start("many");
    const names = { empty: "test/empty", deleted: "test/deleted" };
    await secrets.client.send(new CreateSecretCommand({ Name: names.empty }));
    await secrets.client.send(new CreateSecretCommand({ Name: names.deleted, SecretString: "{}" }));
    await secrets.client.send(new DeleteSecretCommand({ SecretId: names.deleted }));
    for (const [secret, words] of [
      ["test/none", "is not there"],
      [names.empty, "has no value"],
      [names.deleted, "is deleted"],
    ] as const) {
      const issuer = oauth2Issuer({ ...settings, keys: [secret] }, { secrets: secrets.client, wait, now });
      await expect(issuer.issue("token_a", yes)).rejects.toMatchObject({
        name: "KeyRefused",
        message: expect.stringMatching(`${secret}.*${words}`),
      });
    }
  });

  test("what AWS says else is no word on the key", async () => {
    const { settings } = await start("many");
    const denied = Object.assign(new Error("no"), { name: "AccessDeniedException" });
    const client = { send: () => Promise.reject(denied) } as unknown as typeof secrets.client;
    await expect(oauth2Issuer(settings, { secrets: client, wait, now }).issue("token_a", yes)).rejects.toBe(denied);
  });
});

test("whether it may go on is asked after the key is read, and after a wait once more", async () => {
  const { local, settings } = await start("many");
  local.handle.behaviour.putsOff = "1";
  const acts: string[] = [];
  const client = {
    send(...asked: Parameters<typeof secrets.client.send>) {
      acts.push("key");
      return secrets.client.send(...asked);
    },
  };
  const issuer = oauth2Issuer(settings, {
    secrets: client as unknown as typeof secrets.client,
    wait: async () => void acts.push(`waited after ${local.handle.counts.token + local.handle.counts.revoke}`),
    now,
  });
  const once = () => {
    let answers = 0;
    return async () => {
      acts.push("may it");
      answers += 1;
      return answers === 1;
    };
  };
  expect(await issuer.issue("token_a", once())).toBeUndefined();
  expect(acts.splice(0)).toEqual(["key", "may it", "waited after 1", "key", "may it"]);
  expect(await issuer.revoke({ user: "token_a", password: "t" }, once())).toBe(false);
  expect(acts).toEqual(["key", "may it", "waited after 2", "key", "may it"]);
});

test("an answer that is lost after the work is an issuer that cannot be reached; asked again, it gives another", async () => {
  const { local, settings } = await start("one");
  const issuer = oauth2Issuer(settings, { secrets: secrets.client, wait, now });
  const former = await issuer.issue("token_a", yes);
  const held = local.handle.hold("token", "after");
  const lost = issuer.issue("token_a", yes);
  lost.catch(() => undefined);
  await held.arrived;
  await local.handle.goAway("refusing");
  held.letGo();
  await expect(lost).rejects.toMatchObject({ name: "AuthorityUnreachable" });
  await local.handle.comeBack();
  expect(local.handle.honours(former?.token ?? "")).toBe(false);
  const token = (await issuer.issue("token_a", yes))?.token ?? "";
  expect(await issuer.accepts({ user: "token_a", password: token })).toMatchObject([{ says: "ACCEPTED" }]);
});

test("an issuer that answers nothing is given up after its time", async () => {
  const { local, settings } = await start("many");
  const issuer = oauth2Issuer(settings, { secrets: secrets.client, wait, now, answerMs: 50 });
  await local.handle.goAway("hanging");
  await expect(issuer.issue("token_a", yes)).rejects.toMatchObject({
    name: "AuthorityUnreachable",
    message: `127.0.0.1:${local.port} cannot be reached: TimeoutError`,
  });
  const answers = await issuer.accepts({ user: "token_a", password: "t" });
  expect(answers).toEqual([{ host: `127.0.0.1:${local.port}`, says: "UNREACHABLE", words: "TimeoutError" }]);
});

test("what the token is asked for is said", async () => {
  const { local, settings } = await start("many");
  const issuer = oauth2Issuer({ ...settings, scope: "orders:read bills" }, { secrets: secrets.client, wait, now });
  const { token = "" } = (await issuer.issue("token_b", yes)) ?? {};
  const { client_id, client_secret } = KEYS["orders/key-b"];
  const response = await fetch(local.introspectionUrl, {
    method: "POST",
    headers: { authorization: `Basic ${Buffer.from(`${client_id}:${client_secret}`).toString("base64")}` },
    body: new URLSearchParams({ token }),
  });
  expect(await response.json()).toMatchObject({ active: true, client_id, scope: "orders:read bills" });
});
