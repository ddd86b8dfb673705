import { CloudTrailClient } from "@aws-sdk/client-cloudtrail";
import { expect, test } from "vitest";
import { cloudTrail } from "../../../functions/clients/trail.cloudtrail.ts";
import { NOW } from "../support.ts";
import { answering, json, nameOf, refusal, type WireAnswer } from "./answering.ts";

// What the embedded AWS does not have in its history, and refusals.

const asked = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", region: "eu-west-1", from: NOW - 1000, to: NOW };

function trailOf(...answers: WireAnswer[]) {
  const sent: string[] = [];
  const regions: string[] = [];
  const trail = cloudTrail((region) => {
    regions.push(region);
    return new CloudTrailClient({ ...answering(answers, sent), region });
  });
  return { trail, sent, regions };
}

const event = (detail: unknown, changes: object = {}) => ({
  ...{ EventId: "id", EventName: "CreateUser", EventSource: "iam.amazonaws.com", EventTime: NOW / 1000 },
  CloudTrailEvent: typeof detail === "string" ? detail : JSON.stringify(detail),
  ...changes,
});

/** How a page with these events is read. */
const read = async (...events: object[]) => (await trailOf(json({ Events: events })).trail.calls(asked)).events;

test("a page is asked for by the key, of a time, and where it goes on is said", async () => {
  const { trail, sent, regions } = trailOf(json({ Events: [], NextToken: "on" }), json({ Events: [], NextToken: "" }));
  expect(await trail.calls(asked)).toEqual({ events: [], next: "on" });
  expect(await trail.calls({ ...asked, page: "on" })).toEqual({ events: [] });
  const question = {
    LookupAttributes: [{ AttributeKey: "AccessKeyId", AttributeValue: asked.accessKeyId }],
    ...{ StartTime: (NOW - 1000) / 1000, EndTime: NOW / 1000, MaxResults: 50 },
  };
  expect(sent.map((body) => JSON.parse(body))).toEqual([question, { ...question, NextToken: "on" }]);
  // Its client is made once.
  await trail.calls({ ...asked, region: "us-east-1" });
  expect(regions).toEqual(["eu-west-1", "us-east-1"]);
});

test("a call is read with from where, and by what it was refused", async () => {
  const detail = { sourceIPAddress: "198.51.100.7", errorCode: "AccessDenied", userAgent: "any" };
  expect(await read(event(detail))).toEqual([
    {
      ...{ id: "id", at: NOW, source: "iam.amazonaws.com", name: "CreateUser" },
      ...{ address: "198.51.100.7", error: "AccessDenied" },
    },
  ]);
});

test.each(["AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"])(
  "%s names the role, unless it was refused",
  async (EventName) => {
    const detail = { requestParameters: { roleArn: "arn:aws:iam::000000000000:role/deploy" } };
    const changes = { EventName, EventSource: "sts.amazonaws.com" };
    const [taken, refused] = await read(
      event(detail, changes),
      event({ ...detail, errorCode: "AccessDenied" }, changes),
    );
    expect(taken?.role).toBe("arn:aws:iam::000000000000:role/deploy");
    expect(refused).not.toHaveProperty("role");
  },
);

test("another call's roleArn is no role that was taken on", async () => {
  const [one] = await read(event({ requestParameters: { roleArn: "arn:aws:iam::000000000000:role/deploy" } }));
  expect(one).not.toHaveProperty("role");
});

test.each(["{", "", "null", "7", '"text"', "[]", { sourceIPAddress: 7, errorCode: {}, requestParameters: "x" }])(
  "one whose details cannot be read is a call of its name all the same: %o",
  async (detail) => {
    const known = { id: "id", at: NOW, source: "iam.amazonaws.com", name: "CreateUser", address: "unknown" };
    expect(await read(event(detail))).toEqual([known]);
  },
);

test("one of which nothing is known counts", async () => {
  expect(await read({})).toEqual([{ id: "", at: 0, source: "unknown", name: "unknown", address: "unknown" }]);
  expect(await read({ CloudTrailEvent: '{"eventTime":"2026-11-20T03:00:00Z"}' })).toMatchObject([{ at: NOW }]);
});

test("what the caller has chosen is cut, and one line", async () => {
  const long = `a\n\u202e${"x".repeat(500)}`;
  const detail = { sourceIPAddress: long, errorCode: long, requestParameters: { roleArn: long } };
  const [one] = await read(event(detail, { EventName: long, EventSource: long }));
  const [role] = await read(event({ requestParameters: { roleArn: long } }, { EventName: "AssumeRole" }));
  const cut = `a??${"x".repeat(97)}`;
  expect(one).toMatchObject({ source: cut, name: cut, address: cut, error: cut });
  expect(role?.role).toHaveLength(300);
});

test.each([
  ["ThrottlingException", 400, "TemporarilyUnavailable"],
  ["InternalFailure", 500, "TemporarilyUnavailable"],
  ["AccessDeniedException", 400, "AccessDeniedException"],
  ["InvalidNextTokenException", 400, "InvalidNextTokenException"],
])("%s says nothing of any call", async (code, status, name) => {
  expect(await nameOf(trailOf(refusal(code, status)).trail.calls(asked))).toBe(name);
});
