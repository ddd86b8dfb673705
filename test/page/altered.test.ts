import { expect, test } from "vitest";
import { lookedAtCredential } from "../../operator/credential-state.ts";
import { clock, isMoment, utc } from "../../operator/page/client/time.ts";
import { credentialRow } from "../../operator/page/read/credentials.ts";
import { leaveOutTokens } from "../../operator/page/read/executions-json.ts";
import { lifeDocument } from "../../operator/page/read/life.ts";
import { standingRow } from "../../operator/page/read/standing.ts";
import { USUAL_DATA } from "../../operator/place/place.ts";
import { credentialFrom } from "../../operator/reads/credentials.ts";
import { wellFormed } from "../../operator/reads/finding.ts";
import { finding, NOW } from "../operator/support.ts";

// Whoever may write the tables may write anything into them: what is shown of it is text and moments, and nothing else fails for it.

const HERE = { kind: "here", data: USUAL_DATA } as const;

const WRONG: unknown[] = [null, "<img src=x onerror=alert(1)>\u001b[31m", 7, Number.NaN, 1e300, -1, [null, "x", 1]];
WRONG.push({ at: "x", user: { name: 1 } }, new Set(["a"]), new Uint8Array([1, 255]), false, 8.7e15, undefined);

/** A document with each of its parts, however deep, replaced by what has not its form: one at a time. */
function* alterations(document: object, isKept: (name: string) => boolean): Generator<[path: string, altered: object]> {
  for (const path of pathsIn(document)) {
    if (isKept(path[0] ?? "")) continue;
    for (const wrong of WRONG) {
      const altered: Record<string, unknown> = structuredClone(document) as never;
      const last = path.at(-1) ?? "";
      const within = path.slice(0, -1).reduce((at, name) => at[name] as Record<string, unknown>, altered);
      within[last] = wrong;
      yield [`${path.join(".")} = ${String(wrong)}`, altered];
    }
  }
}

function pathsIn(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) => [[...path, name], ...pathsIn(one, [...path, name])]);
}

const MOMENTS = ["since", "at", "toldAt", "endedAt", "goodUntil", "shutAt", "nextTryAt", "lastAt"];
const OTHERS = ["times", "generation"];

/** Where something in it is neither text nor a moment; the page draws both as they are. */
function unfitIn(document: unknown): string[] {
  return pathsIn(document).flatMap((path) => {
    const value = path.reduce((at, name) => (at as Record<string, unknown>)[name], document);
    const name = path.at(-1) ?? "";
    if (OTHERS.includes(name) || (typeof value === "object" && value !== null) || value === undefined) return [];
    const isFit = MOMENTS.includes(name) ? isMoment(value as number) : ["string", "boolean"].includes(typeof value);
    return isFit ? [] : [`${path.join(".")}: ${String(value)}`];
  });
}

const CREDENTIAL = {
  id: "credential#orders/db",
  current: { versionId: "v2", user: "orders_b", since: NOW, execution: "e", life: { from: NOW, to: NOW + 9 } },
  predecessor: { user: "orders_a", life: { from: 1, to: NOW }, shutAt: NOW },
  failing: { since: NOW, nextTryAt: NOW, what: "X" },
  sightings: [{ consumer: "web", user: "orders_a", at: NOW, by: "sessions", address: "10.0.0.1" }],
  lookedFor: { web: NOW },
};

test("a credential of which any part was altered is shown, and hides no other one", () => {
  for (const [path, altered] of alterations(CREDENTIAL, (name) => name === "id")) {
    const credential = credentialFrom(altered as never);
    const row = credentialRow(lookedAtCredential(credential, []), NOW, (name) => `arn:${name}`);
    expect([path, unfitIn(row)]).toEqual([path, []]);
    const life = { subject: "orders/db", otherIds: [], lines: [], findings: [], credential };
    expect([path, unfitIn(lifeDocument(life, "secret", NOW, { place: HERE, arnOf: () => "" }).now)]).toEqual([
      path,
      [],
    ]);
  }
});

const EXPOSED = {
  code: "AWS_RISK_CREDENTIALS_EXPOSED",
  key: {
    ...{ accessKeyId: "AKIAIOSFODNN7EXAMPLE", owner: "USER", user: "deployer", account: "1" },
    lastUse: { at: NOW, service: "s3", region: "eu-west-1" },
    ...{ done: ["DEACTIVATED"], failed: [{ step: "S", what: "W", cause: "C" }] },
  },
  use: { calls: [], total: 1, left: 0, roles: [], unread: [] },
  gone: { is: "INACTIVE", otherKeys: [], quarantine: [] },
  ...{ unfit: ["x"], unfitCount: 1, beyond: 1 },
};

test("a finding of which any part was altered is shown, and hides no other one", () => {
  const facts = {
    ...{
      id: "a1b2c3",
      ec2InstanceId: "i-0123456789abcdef0",
      step: "S",
      said: "It failed.",
      generation: 3,
      keySince: NOW,
    },
    ...{ lastProofAt: NOW, nextTryAt: NOW, kind: "token", isRefused: false, goodUntil: NOW, formerUntil: NOW },
    behind: [{ consumer: "web", why: "USES_FORMER", lastAt: NOW, id: "a1b2c3", address: "10.0.0.1", role: "r" }],
    ...{ keySecret: "k", exposed: EXPOSED },
  };
  for (const subject of ["a1b2c3", "AKIAIOSFODNN7EXAMPLE", "fleet"]) {
    const whole = { ...finding({ subject, cause: "MISMATCH" }), facts, endedAt: NOW };
    for (const [path, altered] of alterations(whole, (name) => ["subject", "cause"].includes(name))) {
      const row = standingRow({ finding: wellFormed(altered as never), members: [] }, HERE);
      expect([path, unfitIn(row)]).toEqual([path, []]);
    }
  }
});

test.each([
  "arn:aws:states:$(reboot):111122223333:execution:keyturn-watch:x",
  "arn:aws:states:evil.example/x?:111122223333:execution:keyturn-watch:x",
  "arn:aws:states:eu-west-1:111122223333:execution:keyturn;reboot-watch:x",
])("what is no execution stands in no command, and leads nowhere: %s", (execution) => {
  const altered = wellFormed(finding({ subject: "a1b2c3", cause: "MISMATCH", execution }));
  const row = standingRow({ finding: altered, members: [] }, HERE);
  expect(row.type).toBe("npx keyturn rekey a1b2c3");
  expect(JSON.stringify(row)).not.toMatch(/reboot|evil/);
});

test("what is typed names the data folder of an npm start that has another, and none for an account", () => {
  const one = { finding: wellFormed(finding({ subject: "a1b2c3", cause: "MISMATCH" })), members: [] };
  const typedAt = (place: Parameters<typeof standingRow>[1]) => standingRow(one, place).type;
  expect(typedAt({ kind: "here", data: "/tmp/it's $1" })).toMatch(
    /^npx keyturn --data '\/tmp\/it'\\''s \$1' rekey a1b2c3/,
  );
  expect(typedAt({ kind: "aws", data: "/tmp/other" })).toMatch(/^npx keyturn rekey a1b2c3/);
});

test("what is no moment is said to be none, in place of a view that breaks", () => {
  for (const at of [Number.NaN, 1e300, "x" as never]) expect([utc(at), clock(at)]).toEqual(["no moment", "no moment"]);
});

test("what somebody writes as a task token changes nothing but texts that hold it", () => {
  const short = { steps: [{ name: "e" }], input: '{"taskToken":"e"}' };
  expect(leaveOutTokens(short)).toEqual(short);
  const token = "steps-and-more-than-anybody-would-guess";
  const long = { [token]: 1, steps: [token], input: `{"taskToken":"${token}"}` };
  expect(leaveOutTokens(long)).toMatchObject({ [token]: 1, steps: ["(a task token: left out)"] });
});
