import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ADVICE, adviceFor } from "../../../functions/telling/advice.ts";
import { CREDENTIAL_ADVICE } from "../../../functions/telling/credential-advice.ts";
import { EXPOSED_KEY_ADVICE } from "../../../functions/telling/exposed-key-advice.ts";
import { TOKEN_ADVICE } from "../../../functions/telling/token-advice.ts";
import { headingsOf } from "../../infra/headings.ts";
import { parsed } from "../../operator/parsed.ts";
import { EC2, EXECUTION, ID } from "../support.ts";

const KEY = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", user: "deployer" };
const of = (cause: string) => (Object.hasOwn(EXPOSED_KEY_ADVICE, cause) ? KEY : ofOthers(cause));
const ofOthers = (cause: string) =>
  Object.hasOwn(CREDENTIAL_ADVICE, cause) || Object.hasOwn(TOKEN_ADVICE, cause)
    ? { secret: "orders/db", keySecret: "orders/api-key" }
    : { id: ID, ec2InstanceId: EC2 };
const sections = headingsOf(readFileSync(new URL("../../../docs/runbook.md", import.meta.url), "utf8"));
/** One that nobody foresaw has advice, too. */
const CAUSES: [string, "token" | undefined][] = [
  ...Object.keys(ADVICE).map((cause): [string, undefined] => [cause, undefined]),
  ...Object.keys(TOKEN_ADVICE).map((cause): [string, "token"] => [cause, "token"]),
  ["States.Runtime", undefined],
];

describe.each(CAUSES)("the advice for %s, of kind %s", (cause, kind) => {
  const { title, means, todo, section, command, commandForAll } = adviceFor(cause, kind);

  test("says what it is, what it means and what to do", () => {
    expect(title).toMatch(/^\S.{5,60}[^.]$/);
    for (const sentences of [means, todo]) expect(sentences).toMatch(/^[A-Z].*[.`]$/);
  });

  test("names a section that the runbook has", () => {
    expect(sections, `docs/runbook.md: write a section ${section}, or name another one in advice.ts`).toContain(
      section,
    );
    const further = Array.from(todo.matchAll(/\bsection ([A-Z][\w' ]+)/g), ([, name = ""]) => name);
    expect(
      further.filter((name) => !sections.includes(name)),
      "docs/runbook.md has no section of that name",
    ).toEqual([]);
  });

  const about = { ...of(cause), execution: EXECUTION };

  test("types commands in which nothing is left open", () => {
    for (const { aws, keyturn } of [command?.(about), commandForAll?.({ execution: EXECUTION })].flatMap(
      (typed) => typed ?? [],
    )) {
      expect(aws).toMatch(/^aws [a-z]/);
      for (const typed of [aws, keyturn ?? "-"]) {
        expect(typed).not.toMatch(/undefined|null|NaN|\n|<|>/);
        expect(typed).not.toMatch(/ {2}|\w=(?= |$)|:""|''/);
      }
    }
  });

  test("types commands that keyturn has, with options that it takes", async () => {
    for (const typed of [command?.(about), commandForAll?.({ execution: EXECUTION })]) {
      if (typed?.keyturn === undefined) continue;
      expect((await parsed(typed.keyturn))?.global).toMatchObject({ region: "us-east-1", json: false });
    }
  });

  test("types none that lacks the name that it is about", () => {
    for (const lacking of [{ execution: EXECUTION }, { id: ID, execution: EXECUTION }, { ...about, id: undefined }]) {
      for (const typed of Object.values(command?.(lacking) ?? {})) {
        expect(typed ?? "-").not.toMatch(/undefined| {2}|\w=(?= |$)|:""|''/);
      }
    }
  });
});

test("what a rekey mends is mended by one command, of one or of all with that cause; who was answered for by another asks anew", () => {
  const typed = Object.entries(ADVICE).flatMap(([cause, { command, commandForAll }]) => {
    const all = [command?.({ ...of(cause), execution: EXECUTION }), commandForAll?.({ execution: EXECUTION })];
    return all.some((one) => one?.aws.includes('"act":"rekey"'))
      ? [[cause, ...all.map((one) => [one?.keyturn, one?.aws.split("--input ")[1]])]]
      : [];
  });
  const line = (words: string) => `npx keyturn rekey ${words} --region us-east-1`;
  const input = (asked: object) => `'${JSON.stringify({ act: "rekey", ...asked })}'`;
  const anew = { anew: true };
  expect(typed).toEqual([
    ...["MISMATCH", "RecordBehind", "NonceModeChanged", "PushRefused"].map((cause) => [
      cause,
      [line(ID), input({ id: ID })],
      [line(`--cause ${cause}`), input({ cause })],
    ]),
    [
      "REKEY_TAKEN",
      [line(`${ID} --anew`), input({ id: ID, ...anew })],
      [line("--cause REKEY_TAKEN --anew"), input({ cause: "REKEY_TAKEN", ...anew })],
    ],
  ]);
});

test.each([...Object.entries(CREDENTIAL_ADVICE), ...Object.entries(TOKEN_ADVICE)])(
  "the advice for %s has a command about the credential",
  (_, { command }) => {
    expect(command?.({ secret: "orders/db", execution: EXECUTION })?.aws).toMatch(/orders\/db|--execution-arn/);
  },
);

test.each(Object.entries(EXPOSED_KEY_ADVICE))(
  "the advice for %s has a command about the key, or its execution",
  (_, { command }) => {
    expect(command?.({ ...KEY, execution: EXECUTION })?.aws).toMatch(/AKIAIOSFODNN7EXAMPLE|--execution-arn/);
  },
);

describe("the advice about a token", () => {
  /** What comes to a database's login alone; what is said of both alike needs no second text. */
  const ONLY_OF_DATABASES = ["OwnerLost", "ReaderBehind", "LoginRefused", "ManagerRefused", "AuthorityBusy"];
  const causes = [...new Set([...Object.keys(CREDENTIAL_ADVICE), ...Object.keys(TOKEN_ADVICE)])];

  test.each(causes.filter((cause) => !ONLY_OF_DATABASES.includes(cause)))("%s speaks of no database", (cause) => {
    const { title, means, todo, command } = adviceFor(cause, "token");
    const typed = Object.values(command?.({ ...of(cause), execution: EXECUTION }) ?? {});
    expect(`${title} ${means} ${todo} ${typed}`).not.toMatch(
      /database|login|password|(?<!secrets ?)manager|user\b|credential:prepare/i,
    );
  });

  test.each(Object.keys(TOKEN_ADVICE))("%s says whether consumers are refused, or that nobody was seen", (cause) => {
    const { means, todo } = adviceFor(cause, "token");
    expect(`${means} ${todo}`).toMatch(/refuse|serves consumers|go on with the current|wait for it|knows the current/i);
  });

  test("a database's login is spoken of where nothing else is known", () => {
    expect(adviceFor("CredentialMismatch").title).toContain("database");
    expect(adviceFor("CredentialMismatch", "token").title).toContain("token");
    expect(adviceFor("KeyRefused")).toEqual(adviceFor("KeyRefused", "token"));
    expect(adviceFor("STALE", "token")).toEqual(adviceFor("STALE"));
  });

  test("a key is put into its own secret", () => {
    const typed = (about: object) => adviceFor("KeyRefused", "token").command?.({ ...about, execution: EXECUTION });
    expect(typed(of("KeyRefused"))).toEqual({
      aws: "aws secretsmanager put-secret-value --secret-id orders/api-key --secret-string file://key.json",
    });
    expect(typed({ secret: "orders/db" })?.aws).toContain("--execution-arn");
  });
});

test.each(["__proto__", "constructor", "toString"])("%s is a cause like another that nobody foresaw", (cause) => {
  expect(adviceFor(cause)).toEqual(adviceFor("States.Runtime"));
});
