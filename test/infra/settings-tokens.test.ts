import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { credentialsOf } from "../../functions/shared/credential-settings.ts";
import { toldOf } from "../../infra/settings/credentials.ts";
import { token } from "../../infra/settings/token.ts";
import { checkSettings, SettingsError } from "../../infra/settings.ts";
import { API, NETWORK, ORDERS, SHORT, WITH_TOKENS } from "./credential-settings.ts";
import { firstColumn } from "./headings.ts";
import { shippedSettings } from "./synthesized.ts";

const NOW = Date.parse("2026-11-27T12:00:00Z");

/** The lines that somebody reads who sets that, but for the one that says where settings are explained. */
function refusalsOf(changes: Record<string, unknown>): string[] {
  try {
    checkSettings({ ...shippedSettings(), ...changes }, { now: NOW });
  } catch (error) {
    if (error instanceof SettingsError) return error.message.split("\n").slice(0, -1);
    throw error;
  }
  return [];
}

const withOne = (changes: Record<string, unknown>, more: unknown[] = []) =>
  refusalsOf({ credentials: [{ ...API, ...changes }, ...more] });
const withShort = (changes: Record<string, unknown>, others: Record<string, unknown> = {}) =>
  refusalsOf({ credentials: [{ ...SHORT, ...changes }], ...others });

function told(...credentials: unknown[]) {
  const settings = checkSettings({ ...shippedSettings(), credentials, credentialNetwork: NETWORK }, { now: NOW });
  return credentialsOf(JSON.stringify(toldOf(settings.credentials)));
}

describe("tokens", () => {
  test("functions are told of them in the form in which they read them, beside databases, of which nothing changes", () => {
    const [api, short, orders] = told(API, SHORT, ORDERS);
    expect(api).toEqual({
      ...{ kind: "token", name: "api/token", users: ["token_a", "token_b"] },
      ...{ tokenUrl: API.tokenUrl, revocationUrl: API.revocationUrl, probeUrl: API.probeUrl },
      ...{ keys: API.keys, tokensPerKey: "one", scope: "orders:read orders:write", lifetimeSeconds: 5_184_000 },
      consumers: [
        { name: "web", seenBy: "proofs" },
        { name: "importer", seenBy: "proofs" },
      ],
      ...{ quietSeconds: 3900, deadlineSeconds: 3900 + 86_400 },
    });
    expect(short).toMatchObject({
      keys: ["maps/key"],
      tokensPerKey: "many",
      lifetimeSeconds: 7200,
      halfLife: true,
      quietSeconds: 1200,
    });
    expect(short).not.toHaveProperty("revocationUrl");
    expect(short).not.toHaveProperty("scope");
    expect(orders).toMatchObject({ kind: "database", users: ["orders_a", "orders_b"] });
    const settings = checkSettings({ ...shippedSettings(), credentials: [ORDERS], credentialNetwork: NETWORK });
    expect(JSON.stringify(toldOf(settings.credentials))).not.toContain("kind");
  });

  test.each([
    ["1 hour", 3600],
    ["3599 seconds", 3599],
    ["90 minutes", 5400],
    ["60 days", 5_184_000],
  ])("a lifetime of %s is %i seconds", (tokenLifetime, seconds) => {
    expect(told({ ...SHORT, tokenLifetime })).toMatchObject([{ lifetimeSeconds: seconds }]);
  });

  test("consumers are awaited half-way into what a former token has left, and no longer than a day after the quiet time", () => {
    // Of two hours the former one has one left.
    expect(told(SHORT)).toMatchObject([{ deadlineSeconds: 40 * 60 }]);
    expect(told({ ...SHORT, tokenLifetime: "60 days" })).toMatchObject([{ deadlineSeconds: 1460 * 60 }]);
    expect(told({ ...SHORT, deadlineMinutes: 59 })).toMatchObject([{ deadlineSeconds: 59 * 60 }]);
  });

  test.each([
    ["kind", "key", '0.kind must be "database" or "token", or be left out for a database; it is "key"'],
    ["name", "i-0abc1234def567890", "0.name must be another one: it looks like the ID of a host"],
    ["tokenUrl", "http://login.example.com/token", "0.tokenUrl must be an address that begins with https"],
    ["tokenUrl", "login.example.com", "0.tokenUrl must be an address that begins with https"],
    ["tokenUrl", "https://login.example.com/token#part", "0.tokenUrl must be without what follows a #"],
    ["tokenUrl", "https://login.example.com/to ken", "0.tokenUrl must be an address that begins with https"],
    ["revocationUrl", undefined, "0.revocationUrl is missing; it must be an address that begins with https"],
    ["revocationUrl", "", "0.revocationUrl must be an address that begins with https"],
    ["probeUrl", "none", "0.probeUrl must be an address that begins with https"],
    ["keys", [], "0.keys must name one secret at least; it is []"],
    ["keys", ["a", "b", "c"], "0.keys must name two secrets at the most"],
    ["keys", ["api/key-a"], '0.keys must be two where tokensPerKey is "one"'],
    ["keys", ["api/key-a", "api/key-a"], "0.keys.1 must be another secret: the two keys take turns"],
    [
      "keys",
      ["api/key-a", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:api/key-a-AbCdEf"],
      "0.keys.1 must be another secret: the two keys take turns",
    ],
    [
      "keys",
      ["api/key-a", "api/token"],
      "0.keys.1 must be a secret of its own, with an API key: it is that of the credential",
    ],
    ["keys", ["two words", "b"], "0.keys.0 must be the name or the whole ARN of a secret"],
    ["tokensPerKey", "two", '0.tokensPerKey must be "one" or "many"'],
    ["scope", "a  b", "0.scope must be what OAuth calls a scope"],
    ["scope", 'say "hi"', "0.scope must be what OAuth calls a scope"],
    ["tokenLifetime", 3600, "0.tokenLifetime must be how long the issuer says that a token lasts; it is 3600"],
    ["tokenLifetime", "2 weeks", '0.tokenLifetime must be like "40 minutes", "2 hours" or "60 days"'],
    ["tokenLifetime", "4000 days", "0.tokenLifetime must be 3650 days at the most"],
    [
      "schedule",
      "monthly",
      '0.schedule must be like "rate(30 days)" (4 to 23 hours, 1 to 999 days) or "cron(0 4 1 * ? *)", or "half-life"',
    ],
    ["deadlineMinutes", 65, "0.deadlineMinutes must be longer than the quiet time, 65 minutes"],
    ["deadlineMinutes", 18_700, "0.deadlineMinutes must be 18590 at the most with a quietMinutes of 65"],
    ["quietMinutes", 0, "0.quietMinutes must be a whole number from 1 to 10080"],
    [
      "consumers",
      [{ name: "web", seenBy: "sessions" }],
      '0.consumers.0.seenBy must be "proofs": a token has no sessions',
    ],
    [
      "consumers",
      [{ name: "web", seenBy: "proofs", role: "a b" }],
      "0.consumers.0.role must be the name of an IAM role",
    ],
    ["port", 443, "0.port is a setting of a database, and this credential is a token: take it out"],
    ["deadlineHours", 24, "0.deadlineHours is a setting of a database, and this credential is a token: take it out"],
    ["lifetime", 24, "0.lifetime is no setting"],
  ])("a wrong %s is stopped with one sentence", (name, value, sentence) => {
    expect(withOne({ [name]: value })).toEqual([
      expect.stringContaining(`In cdk.json, keyturn.credentials.${sentence}`),
    ]);
  });

  test("an address with a password in it is refused, and not repeated", () => {
    for (const scheme of ["https", "http"]) {
      for (const at of ["hidden@login.example.com/token", "hidden:hidden@login.example.com", "hidden@", "hidden@:x"]) {
        const [refusal, ...more] = withOne({ tokenUrl: `${scheme}://${at}` });
        expect(refusal).toContain("credentials.0.tokenUrl has a user or a password in it: take it out");
        expect(refusal).not.toContain("hidden");
        expect(more).toEqual([]);
      }
    }
    expect(withOne({ probeUrl: "https://api.example.com/users/me@example.com" })).toEqual([]);
  });

  test("what a token has is named where it stands in a database, and a consumer's role is for proofs", () => {
    const refused = (changes: object) =>
      refusalsOf({ credentials: [{ ...ORDERS, ...changes }], credentialNetwork: NETWORK });
    expect(refused({ tokenUrl: API.tokenUrl })).toEqual([
      expect.stringContaining(
        `0.tokenUrl is a setting of a token, and this credential is a database's: take it out, or say`,
      ),
    ]);
    expect(refused({ consumers: [{ name: "web", seenBy: "sessions", role: "web" }] })).toEqual([
      expect.stringContaining("0.consumers.0.role must be left out of a consumer that is seen by its sessions"),
    ]);
    expect(refused({ kind: "database", consumers: [{ name: "web", seenBy: "proofs", role: "web" }] })).toEqual([]);
  });

  test("keys are nobody else's: no manager's, and no other token's where a key has one at a time", () => {
    const more = (changes: object) =>
      refusalsOf({ credentials: [API, { ...SHORT, ...changes }], credentialNetwork: NETWORK });
    expect(more({ keys: ["api/key-b"] })).toEqual([
      expect.stringContaining(
        'credentials.1.keys.0 must be another one than a key of api/token: where tokensPerKey is "one", each would end',
      ),
    ]);
    expect(more({})).toEqual([]);
    const many = { ...API, tokensPerKey: "many" };
    expect(refusalsOf({ credentials: [many, { ...SHORT, keys: ["api/key-b"] }] })).toEqual([]);
    const database = { ...ORDERS, manager: { secret: "maps/key" } };
    expect(refusalsOf({ credentials: [SHORT, database], credentialNetwork: NETWORK })).toEqual([
      expect.stringContaining(
        "credentials.0.keys.0 must be a secret of its own, with an API key: it is that of the manager",
      ),
    ]);
  });

  test("a lifetime of less than two periods is refused, as there would be times without a token", () => {
    const sentence = (pause: string) =>
      expect.stringContaining(
        `0.tokenLifetime must be two periods of the schedule at least, whose longest pause is ${pause}`,
      );
    expect(withOne({ tokenLifetime: "59 days" })).toEqual([sentence("30 days")]);
    expect(withOne({ tokenLifetime: "60 days" })).toEqual([]);
    // The longest of months counts.
    const monthly = { schedule: "cron(0 4 1 * ? *)" };
    expect(withOne({ ...monthly, tokenLifetime: "61 days" })).toEqual([sentence("31 days")]);
    expect(withOne({ ...monthly, tokenLifetime: "62 days" })).toEqual([]);
  });

  test("below four hours it is turned at half of its life, and not more often than every twenty minutes", () => {
    expect(withShort({ tokenLifetime: "4 hours", schedule: "rate(4 hours)" })).toEqual([
      expect.stringContaining(
        "0.tokenLifetime must be two periods of the schedule at least, whose longest pause is 4 hours",
      ),
    ]);
    const quick = { quietMinutes: 5 };
    expect(withShort({ ...quick, tokenLifetime: "40 minutes" })).toEqual([]);
    expect(
      withShort({ ...quick, tokenLifetime: "39 minutes" }, { watch: { freshnessMinutes: 4, proofMinutes: 60 } }),
    ).toEqual([
      expect.stringContaining(
        "0.tokenLifetime must be 40 minutes at least, since it is turned when half of that is over",
      ),
    ]);
  });

  test("the watch looks four times in the second half of a life", () => {
    const watch = { freshnessMinutes: 20, proofMinutes: 60 };
    expect(withShort({}, { watch })).toEqual([
      expect.stringContaining(
        "0.tokenLifetime must be 160 minutes at least with a keyturn.watch.freshnessMinutes of 20, so that the watch looks 4 times",
      ),
    ]);
    expect(withShort({}, { watch: { freshnessMinutes: 15, proofMinutes: 60 } })).toEqual([]);
  });

  test("the quiet time is over before the next turn, and people are told while the former token is still good", () => {
    expect(withShort({ quietMinutes: 60 })).toEqual([
      expect.stringContaining("0.quietMinutes must be shorter than half of tokenLifetime, 60 minutes"),
    ]);
    expect(withShort({ quietMinutes: 59 })).toEqual([]);
    expect(withShort({ deadlineMinutes: 60 })).toEqual([
      expect.stringContaining("0.deadlineMinutes must be shorter than what a former token has left, 1 hour,"),
    ]);
    expect(withShort({ deadlineMinutes: 59 })).toEqual([]);
    const weekly = { schedule: "rate(7 days)", tokenLifetime: "14 days" };
    expect(withOne({ ...weekly, deadlineMinutes: 7 * 1440 })).toEqual([
      expect.stringContaining("0.deadlineMinutes must be shorter than what a former token has left, 7 days"),
    ]);
  });

  test("they need no network; in one, a way to their issuers, which endpoints are not", () => {
    expect(refusalsOf(WITH_TOKENS)).toEqual([]);
    const inOne = (changes: object, credentials: unknown[] = [API]) =>
      refusalsOf({ timeSeries: "dynamodb", credentials, credentialNetwork: { ...NETWORK, ...changes } });
    expect(inOne({})).toEqual([]);
    expect(inOne({ subnets: [], waysOut: "none" })).toEqual([
      expect.stringContaining(
        "credentialNetwork.subnets must name subnets of that VPC from which the issuers are reached",
      ),
      expect.stringContaining('credentialNetwork.waysOut must be "nat"'),
    ]);
    for (const credentials of [[API], [ORDERS, API]]) {
      expect(inOne({ waysOut: "endpoints", routeTables: "there" }, credentials)).toEqual([
        expect.stringContaining(
          'credentialNetwork.waysOut must be "nat" with a token, api/token: endpoints lead to AWS alone',
        ),
      ]);
    }
    expect(inOne({ vpcId: "none" }, [ORDERS, API])).toEqual([
      expect.stringContaining("credentialNetwork.vpcId must be the VPC in which the databases of keyturn.credentials"),
    ]);
  });

  test("what docs/deploying.md shows is taken as it stands there", () => {
    const text = readFileSync(new URL("../../docs/deploying.md", import.meta.url), "utf8");
    const [, shown = ""] = /### Tokens\n.*?```json\n(.*?),\n```/s.exec(text) ?? [];
    const given = JSON.parse(`{${shown}}`);
    expect(given.credentials).toHaveLength(1);
    expect(refusalsOf(given)).toEqual([]);
    const [, consumers = ""] = /### Consumers that are no instances\n.*?```json\n(.*?),\n```/s.exec(text) ?? [];
    expect(withOne(JSON.parse(`{${consumers}}`))).toEqual([]);
  });

  test("docs/deploying.md lists exactly what is said of one", () => {
    const text = readFileSync(new URL("../../docs/deploying.md", import.meta.url), "utf8");
    const message = "docs/deploying.md, Tokens: a row for each field of infra/settings/token.ts, and no other";
    expect(firstColumn(text, "Tokens").sort(), message).toEqual(Object.keys(token.shape).sort());
  });
});
