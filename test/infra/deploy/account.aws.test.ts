import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ACCOUNT, type EmbeddedAws, startAws } from "embedded-aws";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { awsAccount } from "../../../infra/deploy/account.aws.ts";
import type { Account } from "../../../infra/deploy/account.ts";
import { placeOf } from "../../../infra/deploy/place.ts";
import { STACK_DESCRIPTION } from "../../../infra/wiring.ts";

// What the embedded AWS has is asked there; test/second-opinion asks the rest of emulators that others wrote. What neither
// has, and how AWS refuses, is answered here as AWS does on the wire.

const CREDENTIALS = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI" };

describe("the account over the embedded AWS", () => {
  let aws: EmbeddedAws;
  let account: Account;
  const folder = mkdtempSync(join(tmpdir(), "keyturn-account-"));
  beforeAll(async () => {
    aws = await startAws({ folder });
    account = awsAccount(aws);
  });
  afterAll(async () => {
    await aws.close();
    rmSync(folder, { recursive: true });
  });

  test("is where its credentials say, has no table that nobody made, and can have Timestream", async () => {
    expect(await account.place()).toEqual({ account: ACCOUNT, region: aws.region });
    expect(await account.hasTable("keyturn-instances")).toBe(false);
    expect(await account.canHaveTimestream()).toBe(true);
  });
});

describe("the account, as AWS answers on the wire", () => {
  /** By operation, the answers that are given one after the other. */
  let answers: Record<string, { status?: number; body: unknown }[]>;
  let calls: { operation: string; input: Record<string, unknown> }[];
  let server: Server;
  let account: Account;

  beforeAll(async () => {
    server = createServer(async (request, response) => {
      let text = "";
      for await (const chunk of request) text += chunk;
      const target = String(request.headers["x-amz-target"] ?? "");
      const operation = target.split(".").at(-1) || (new URLSearchParams(text).get("Action") ?? "");
      calls.push({ operation, input: target === "" ? {} : JSON.parse(text) });
      const { status = 200, body } = answers[operation]?.shift() ?? { status: 500, body: {} };
      const isText = typeof body === "string";
      response.writeHead(status, { "content-type": isText ? "text/xml" : "application/x-amz-json-1.1" });
      response.end(isText ? body : JSON.stringify(body));
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    account = awsAccount({ region: "eu-west-1", endpoint, credentials: CREDENTIALS });
  });
  afterAll(() => server.close());
  beforeEach(() => {
    answers = {};
    calls = [];
  });

  test("a stack is somebody else's unless it is described as ours or holds what stays of ours, whatever its outputs", async () => {
    const told = (description: string, output: string) =>
      `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>Keyturn</StackName>${description}` +
      "<StackStatus>CREATE_COMPLETE</StackStatus><Outputs><member><OutputKey>TimeSeries</OutputKey>" +
      `<OutputValue>${output}</OutputValue></member></Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`;
    const ours = "<Description>Keyturn: keeps one secret key on every EC2 instance fresh</Description>";
    const exposedKeys = "<Description>Keyturn: shuts access keys that are exposed</Description>";
    answers.DescribeStacks = [
      { body: told(ours, "dynamodb") },
      { body: told(exposedKeys, "") },
      { body: told("<Description>A shop</Description>", "of clocks") },
      { body: told("", "dynamodb") },
      { body: told("", "dynamodb") },
    ];
    const holding = (logicalId: string) =>
      "<DescribeStackResourcesResponse><DescribeStackResourcesResult><StackResources><member><LogicalResourceId>" +
      `${logicalId}</LogicalResourceId></member></StackResources></DescribeStackResourcesResult></DescribeStackResourcesResponse>`;
    answers.DescribeStackResources = [{ body: holding("Clocks") }, { body: holding("DataInstanceTableD22D1CF2") }];
    const status = "CREATE_COMPLETE";
    expect(await account.stack("Keyturn")).toEqual({ status, timeSeries: "dynamodb" });
    expect(await account.stack("Keyturn")).toEqual({ status, timeSeries: undefined });
    expect(await account.stack("Keyturn")).toEqual({ status, timeSeries: undefined, isForeign: true });
    expect(await account.stack("Keyturn")).toEqual({ status, timeSeries: "dynamodb", isForeign: true });
    // As cdk import makes it: no description, and what stayed of a former deployment.
    expect(await account.stack("Keyturn")).toEqual({ status, timeSeries: "dynamodb" });
  });

  test("a key that one may not look at hides no other one", async () => {
    answers.ListKeys = [{ body: { Keys: [{ KeyId: "theirs" }, { KeyId: "ours" }], Truncated: false } }];
    answers.DescribeKey = [
      { status: 400, body: { __type: "AccessDeniedException", Message: "not authorized to perform: kms:DescribeKey" } },
      { body: { KeyMetadata: { KeyId: "ours", Description: "kept" } } },
    ];
    expect(await account.keysDescribed(["kept"])).toEqual(new Map([["kept", ["ours"]]]));
  });

  test("whoever answers in AWS's place is not AWS", async () => {
    answers.GetCallerIdentity = [{ body: "<html><body>Log in</body></html>" }];
    await expect(placeOf(account)).rejects.toThrow(/^AWS does not know who asks: what answered is not AWS\n/);
  });

  test("a stack of 0.1.0, which has no output of it, tells by its resources where samples go", async () => {
    const described = (outputs: string) => ({
      body:
        '<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks>' +
        `<member><StackName>Keyturn</StackName><Description>${STACK_DESCRIPTION}</Description><StackStatus>UPDATE_COMPLETE</StackStatus><Outputs>${outputs}</Outputs>` +
        "</member></Stacks></DescribeStacksResult></DescribeStacksResponse>",
    });
    const made = (...types: string[]) => ({
      body:
        '<GetTemplateSummaryResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><GetTemplateSummaryResult>' +
        `<ResourceTypes>${types.map((type) => `<member>${type}</member>`).join("")}</ResourceTypes>` +
        "</GetTemplateSummaryResult></GetTemplateSummaryResponse>",
    });
    const url = described(
      "<member><OutputKey>RegistrationUrl</OutputKey><OutputValue>https://x</OutputValue></member>",
    );
    answers.DescribeStacks = [url, url, described("")];
    answers.GetTemplateSummary = [made("AWS::DynamoDB::Table", "AWS::Timestream::Table"), made("AWS::DynamoDB::Table")];
    expect(await account.stack("Keyturn")).toEqual({ status: "UPDATE_COMPLETE", timeSeries: "timestream" });
    expect(await account.stack("Keyturn")).toEqual({ status: "UPDATE_COMPLETE", timeSeries: "dynamodb" });
    // One of what a former deployment left, imported, has no fleet yet.
    expect(await account.stack("Keyturn")).toEqual({ status: "UPDATE_COMPLETE", timeSeries: undefined });
  });

  test("Lambda's quota is asked by its code, and is none where Service Quotas does not know it", async () => {
    const Quota = { ServiceCode: "lambda", QuotaCode: "L-B99A9384", QuotaName: "Concurrent executions", Value: 10 };
    answers.GetServiceQuota = [
      { body: { Quota } },
      { status: 400, body: { __type: "NoSuchResourceException", Message: "The request failed" } },
    ];
    expect(await account.concurrentExecutions()).toEqual({ value: 10, code: "L-B99A9384" });
    expect(calls[0]?.input).toEqual({ ServiceCode: "lambda", QuotaCode: "L-B99A9384" });
    expect(await account.concurrentExecutions()).toBeUndefined();
  });

  test("SSM's quota is found by its name, on whichever page, and is none where it is not listed", async () => {
    const other = { QuotaCode: "L-1", QuotaName: "Maximum number of associations", Value: 2000 };
    const nodes = { QuotaCode: "L-2", QuotaName: "Maximum number of managed nodes in a fleet", Value: 2400 };
    answers.ListServiceQuotas = [
      { body: { Quotas: [other], NextToken: "more" } },
      { body: { Quotas: [nodes] } },
      { body: { Quotas: [other] } },
    ];
    expect(await account.managedNodes()).toEqual({ value: 2400, code: "L-2" });
    expect(calls.map(({ input }) => input.NextToken)).toEqual([undefined, "more"]);
    expect(await account.managedNodes()).toBeUndefined();
  });

  test("an account that Timestream is closed to is told from one whose user may not ask", async () => {
    const refused = (message: string) => ({ status: 400, body: { __type: "AccessDeniedException", message } });
    answers.DescribeEndpoints = [
      refused("Only existing Timestream for LiveAnalytics customers can access the service."),
      refused("User: arn:aws:iam::111122223333:user/me is not authorized to perform: timestream:DescribeEndpoints"),
      {
        body: {
          Endpoints: [{ Address: "ingest-cell1.timestream.eu-west-1.amazonaws.com", CachePeriodInMinutes: 1440 }],
        },
      },
    ];
    expect(await account.canHaveTimestream()).toBe(false);
    await expect(account.canHaveTimestream()).rejects.toThrow("not authorized to perform");
    expect(await account.canHaveTimestream()).toBe(true);
    answers.DescribeEndpoints = [{ status: 400, body: { __type: "ValidationException", message: "what AWS says" } }];
    await expect(account.canHaveTimestream()).rejects.toThrow("what AWS says");
  });

  test("a secret tells which stack has made it, and as what; one that there is not is none", async () => {
    const tag = (name: string, Value: string) => ({ Key: `aws:cloudformation:${name}`, Value });
    answers.DescribeSecret = [
      { body: { Name: "orders/db", Tags: [tag("stack-name", "Keyturn"), tag("logical-id", "Secret1")] } },
      { status: 400, body: { __type: "ResourceNotFoundException", Message: "Secrets Manager can't find it." } },
      { status: 400, body: { __type: "AccessDeniedException", Message: "not authorized to perform" } },
    ];
    expect(await account.secret("orders/db")).toEqual({ isDeleted: false, stack: "Keyturn", logicalId: "Secret1" });
    expect(calls[0]?.input).toEqual({ SecretId: "orders/db" });
    expect(await account.secret("orders/db")).toBeUndefined();
    await expect(account.secret("orders/db")).rejects.toThrow("not authorized to perform");
  });

  test("subnets and security groups are those that EC2 lists", async () => {
    const listed = (operation: string, set: string, items: string) => ({
      body: `<${operation}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><${set}>${items}</${set}></${operation}Response>`,
    });
    answers.DescribeSubnets = [
      listed("DescribeSubnets", "subnetSet", "<item><subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId></item>"),
    ];
    answers.DescribeSecurityGroups = [listed("DescribeSecurityGroups", "securityGroupInfo", "")];
    expect(await account.subnets(["subnet-1", "subnet-2"])).toEqual(new Map([["subnet-1", "vpc-1"]]));
    expect(await account.securityGroups(["sg-1"])).toEqual(new Set());
  });

  test("credentials that have expired are told in a sentence", async () => {
    const error =
      "<Type>Sender</Type><Code>ExpiredToken</Code><Message>The security token included in the request is expired</Message>";
    const body = `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error>${error}</Error></ErrorResponse>`;
    answers.GetCallerIdentity = [{ status: 403, body }];
    await expect(placeOf(account)).rejects.toThrow(
      /^AWS does not know who asks: The security token .* is expired\nGive/,
    );
  });

  test("an AWS that is not there is told in a sentence", async () => {
    const nowhere = awsAccount({ region: "eu-west-1", endpoint: "http://127.0.0.1:9", credentials: CREDENTIALS });
    await expect(placeOf(nowhere)).rejects.toThrow(/^AWS cannot be reached: .*127\.0\.0\.1:9/);
  });
});
