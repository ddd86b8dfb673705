import { EC2Client } from "@aws-sdk/client-ec2";
import { describe, expect, test } from "vitest";
import { ec2Hosts } from "../../../functions/clients/hosts.ec2.ts";
import { INSTANCE_TAG } from "../../../infra/wiring.ts";
import { EC2, OTHER_EC2 } from "../support.ts";
import { answering, nameOf } from "./answering.ts";

describe("EC2, asked about a host", () => {
  const described = (instances: string) =>
    `<DescribeInstancesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId>\
<reservationSet>${instances}</reservationSet></DescribeInstancesResponse>`;
  const refused = (code: string) =>
    `<Response><Errors><Error><Code>${code}</Code><Message>It says why.</Message></Error></Errors>\
<RequestID>r</RequestID></Response>`;
  const state = (status: number, body: string) =>
    ec2Hosts(new EC2Client(answering([{ statusCode: status, body }])), INSTANCE_TAG).state(EC2);

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
      return ec2Hosts(
        new EC2Client(answering([{ statusCode: 200, body: described(item) }])),
        INSTANCE_TAG,
      ).runningSince(EC2);
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
    await expect(state(200, described(without))).rejects.toThrow("without its state");
  });

  test.each([
    ["UnauthorizedOperation", 403, "UnauthorizedOperation"],
    ["AuthFailure", 401, "AuthFailure"],
    ["InvalidInstanceID.Malformed", 400, "InvalidInstanceID.Malformed"],
    ["RequestLimitExceeded", 503, "TemporarilyUnavailable"],
    ["InternalError", 500, "TemporarilyUnavailable"],
    ["Unavailable", 503, "TemporarilyUnavailable"],
  ])("and answering with %s, has said nothing of it", async (code, status, name) => {
    expect(await nameOf(state(status, refused(code)))).toBe(name);
  });

  test("and answering with what is no answer of EC2's, has said nothing of it", async () => {
    await expect(state(502, "<html>Bad gateway</html>")).rejects.toThrow();
    await expect(state(404, "Not Found")).rejects.toThrow();
  });

  describe("of many", () => {
    const item = (id: string, name: string, more = "") =>
      `<item><instancesSet><item><instanceId>${id}</instanceId>${more}<instanceState><code>16</code>\
<name>${name}</name></instanceState></item></instancesSet></item>`;
    const launched = "<launchTime>2026-11-20T03:00:00.000Z</launchTime>";
    const page = (instances: string, next = "") => ({
      statusCode: 200,
      body: described(instances).replace("</Desc", `<nextToken>${next}</nextToken></Desc`),
    });

    test("follows every page, an empty one among them", async () => {
      const asked: string[] = [];
      const pages = [page(item(EC2, "running"), "one"), page("", "two"), page(item(OTHER_EC2, "stopped"))];
      const hosts = ec2Hosts(new EC2Client(answering(pages, asked)), INSTANCE_TAG);
      expect(await hosts.states([EC2, OTHER_EC2])).toEqual(
        new Map([
          [EC2, "running"],
          [OTHER_EC2, "stopped"],
        ]),
      );
      expect(asked.map((body) => new URLSearchParams(body).get("NextToken"))).toEqual([null, "one", "two"]);
      for (const body of asked) expect(body).not.toContain("InstanceId.1");
    });

    test("asks for those with the fleet's tag that are not at their end", async () => {
      const asked: string[] = [];
      const pages = [page(item(EC2, "running", launched), "more")];
      const hosts = ec2Hosts(new EC2Client(answering(pages, asked)), INSTANCE_TAG);
      expect(await hosts.tagged("former")).toEqual({
        hosts: [{ ec2InstanceId: EC2, state: "running", launchedAt: Date.UTC(2026, 10, 20, 3) }],
        next: "more",
      });
      const { Action, Version, ...sent } = Object.fromEntries(new URLSearchParams(asked[0]));
      expect(sent).toEqual({
        "Filter.1.Name": "tag:keyturn",
        "Filter.1.Value.1": "instance",
        "Filter.2.Name": "instance-state-name",
        "Filter.2.Value.1": "pending",
        "Filter.2.Value.2": "running",
        "Filter.2.Value.3": "stopping",
        "Filter.2.Value.4": "stopped",
        MaxResults: "1000",
        NextToken: "former",
      });
    });

    test("takes no answer that lacks what it is asked for", async () => {
      const hosts = (body: string) => ec2Hosts(new EC2Client(answering([page(body)])), INSTANCE_TAG);
      await expect(hosts(item(EC2, "running")).tagged()).rejects.toThrow(`described ${EC2} without its launch time`);
      const nameless = `<item><instancesSet><item>${launched}</item></instancesSet></item>`;
      await expect(hosts(nameless).states([EC2])).rejects.toThrow("described an instance without its ID");
    });

    test.each([
      ["UnauthorizedOperation", 403, "UnauthorizedOperation"],
      ["RequestLimitExceeded", 503, "TemporarilyUnavailable"],
    ])("and answering with %s, has said nothing of any", async (code, status, name) => {
      const hosts = ec2Hosts(new EC2Client(answering([{ statusCode: status, body: refused(code) }])), INSTANCE_TAG);
      expect(await nameOf(hosts.states([EC2]))).toBe(name);
      expect(await nameOf(hosts.tagged())).toBe(name);
    });
  });
});
