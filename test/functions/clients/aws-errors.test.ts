import { Readable } from "node:stream";
import { EC2Client } from "@aws-sdk/client-ec2";
import { SSMClient } from "@aws-sdk/client-ssm";
import { describe, expect, test } from "vitest";
import { ssmCommands } from "../../../functions/clients/commands.ssm.ts";
import { ec2Hosts } from "../../../functions/clients/hosts.ec2.ts";
import { nameError } from "../../../functions/shared/name-error.ts";
import { EC2 } from "../support.ts";

/** An AWS that gives every call this answer, as it stands on the wire. */
function answering(statusCode: number, body: string, headers: Record<string, string> = {}) {
  return {
    region: "us-east-1",
    credentials: { accessKeyId: "any", secretAccessKey: "any" },
    maxAttempts: 1,
    requestHandler: { handle: async () => ({ response: { statusCode, headers, body: Readable.from([body]) } }) },
  };
}

/** The name under which a flow, or Lambda, hears of what is thrown. */
const nameOf = (error: unknown) => nameError(error).name;

describe("EC2, asked about a host", () => {
  const described = (instances: string) =>
    `<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId>\
<reservationSet>${instances}</reservationSet></DescribeInstancesResponse>`;
  const refused = (code: string) =>
    `<Response><Errors><Error><Code>${code}</Code><Message>It says why.</Message></Error></Errors>\
<RequestID>r</RequestID></Response>`;
  const state = (status: number, body: string) => ec2Hosts(new EC2Client(answering(status, body))).state(EC2);

  test.each([
    ["InvalidInstanceID.NotFound", 400, refused("InvalidInstanceID.NotFound")],
    ["an empty list", 200, described("")],
    ["a reservation without instances", 200, described("<item><instancesSet/></item>")],
  ])("and answering with %s, does not know it", async (_, status, body) => {
    expect(await state(status, body)).toBe("unknown");
  });

  test("since when it runs is its launch time, while it runs", async () => {
    const runningSince = (name: string, more = "") => {
      const item = `<item><instancesSet><item><instanceId>${EC2}</instanceId>${more}<instanceState><code>16</code>\
<name>${name}</name></instanceState></item></instancesSet></item>`;
      return ec2Hosts(new EC2Client(answering(200, described(item)))).runningSince(EC2);
    };
    const launched = "<launchTime>2026-11-20T03:00:00.000Z</launchTime>";
    expect(await runningSince("running", launched)).toBe(Date.UTC(2026, 10, 20, 3));
    for (const name of ["pending", "stopping", "stopped", "terminated"]) {
      expect(await runningSince(name, launched)).toBeUndefined();
    }
    expect(await runningSince("running")).toBeUndefined();
  });

  test("and knowing it, says in what state it is", async () => {
    const item = `<item><instancesSet><item><instanceId>${EC2}</instanceId><instanceState><code>80</code>\
<name>stopped</name></instanceState></item></instancesSet></item>`;
    expect(await state(200, described(item))).toBe("stopped");
    const without = `<item><instancesSet><item><instanceId>${EC2}</instanceId></item></instancesSet></item>`;
    await expect(state(200, described(without))).rejects.toThrow("without a state");
  });

  test.each([
    ["UnauthorizedOperation", 403, "UnauthorizedOperation"],
    ["AuthFailure", 401, "AuthFailure"],
    ["InvalidInstanceID.Malformed", 400, "InvalidInstanceID.Malformed"],
    ["RequestLimitExceeded", 503, "TemporarilyUnavailable"],
    ["InternalError", 500, "TemporarilyUnavailable"],
    ["Unavailable", 503, "TemporarilyUnavailable"],
  ])("and answering with %s, has said nothing of it", async (code, status, name) => {
    expect(nameOf(await state(status, refused(code)).catch((error) => error))).toBe(name);
  });

  test("and answering with what is no answer of EC2's, has said nothing of it", async () => {
    await expect(state(502, "<html>Bad gateway</html>")).rejects.toThrow();
    await expect(state(404, "Not Found")).rejects.toThrow();
  });
});

describe("SSM, told to send a command", () => {
  const send = (status: number, type: string) => {
    const body = JSON.stringify({ __type: type, message: "It says why." });
    const client = new SSMClient(answering(status, body, { "content-type": "application/x-amz-json-1.1" }));
    return ssmCommands(client, "any").send(EC2);
  };

  test.each([
    ["InvalidInstanceId", 400, "InstanceUnreachable"],
    ["ThrottlingException", 400, "TemporarilyUnavailable"],
    ["InternalServerError", 500, "TemporarilyUnavailable"],
    ["ServiceUnavailable", 503, "TemporarilyUnavailable"],
    ["AccessDeniedException", 400, "AccessDeniedException"],
    ["InvalidDocument", 400, "InvalidDocument"],
    ["InvalidParameters", 400, "InvalidParameters"],
    ["UnsupportedPlatformType", 400, "UnsupportedPlatformType"],
    ["MaxDocumentSizeExceeded", 400, "MaxDocumentSizeExceeded"],
    ["DuplicateInstanceId", 400, "DuplicateInstanceId"],
  ])("and answering with %s (%i), is understood as %s", async (type, status, name) => {
    expect(nameOf(await send(status, type).catch((error) => error))).toBe(name);
  });
});
