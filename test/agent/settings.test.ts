import { describe, expect, test } from "vitest";
import { readAgentSettings } from "../../agent/settings.ts";

const NEEDED = {
  KEYTURN_REGISTRATION_URL: "https://abc.lambda-url.us-east-1.on.aws/",
  KEYTURN_TIMESTREAM_DATABASE: "keyturn",
  KEYTURN_TIMESTREAM_TABLE: "samples",
  KEYTURN_TICKET_TABLE: "tickets",
};
const noFile = () => undefined;

describe("settings", () => {
  test("have defaults for all that can have one", () => {
    const { settings } = readAgentSettings(NEEDED, noFile);
    expect(settings).toEqual({
      registrationUrl: new URL(NEEDED.KEYTURN_REGISTRATION_URL),
      stateFolder: "/var/lib/keyturn",
      hooksFolder: "/etc/keyturn/hooks.d",
      hookTimeoutMs: 30_000,
      series: { kind: "timestream", database: "keyturn", table: "samples" },
      ticketTable: "tickets",
      nonce: "hmac",
      region: undefined,
      metadataEndpoint: new URL("http://169.254.169.254"),
    });
  });

  test("come from the environment before the file", () => {
    const file = [
      "# comment",
      "",
      "KEYTURN_TIME_SERIES = dynamodb",
      'KEYTURN_SERIES_TABLE="samples"',
      "KEYTURN_NONCE=none",
      "AWS_REGION=eu-west-1",
      "AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:4510",
    ].join("\n");
    const environment = { ...NEEDED, KEYTURN_NONCE: "hmac", KEYTURN_STATE_DIR: "/srv/keyturn/" };
    const { settings, forSdk } = readAgentSettings(environment, (path) =>
      path === "/etc/keyturn/agent.conf" ? file : undefined,
    );
    expect(settings).toMatchObject({
      series: { kind: "dynamodb", table: "samples" },
      nonce: "hmac",
      stateFolder: "/srv/keyturn",
      region: "eu-west-1",
    });
    expect(forSdk).toEqual({
      AWS_REGION: "eu-west-1",
      AWS_ENDPOINT_URL_DYNAMODB: "http://127.0.0.1:4510",
      AWS_USE_DUALSTACK_ENDPOINT: "false",
      AWS_USE_FIPS_ENDPOINT: "false",
      AWS_CONFIG_FILE: "/dev/null",
      AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    });
  });

  test("that are missing or malformed are all named in one message", () => {
    const environment = {
      KEYTURN_CONFIG: "/some/agent.conf",
      KEYTURN_REGISTRATION_URL: "http://example.com/",
      KEYTURN_STATE_DIR: "state",
      KEYTURN_HOOK_TIMEOUT_SECONDS: "241",
      KEYTURN_NONCE: "yes",
      AWS_REGION: "here",
      AWS_EC2_METADATA_SERVICE_ENDPOINT: "169.254.169.254",
      AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: "6",
      AWS_USE_DUALSTACK_ENDPOINT: "yes",
      AWS_USE_FIPS_ENDPOINT: "1",
    };
    const file = "KEYTURN_INTERVAL_SECONDS=5\nnonsense\n";
    let message = "";
    try {
      readAgentSettings(environment, () => file);
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message.split("\n")).toEqual([
      "The settings are not right (environment, or /some/agent.conf):",
      "  - /some/agent.conf, line 1: there is no setting KEYTURN_INTERVAL_SECONDS",
      "  - /some/agent.conf, line 2: not of the form NAME=VALUE",
      "  - KEYTURN_REGISTRATION_URL must be an https:// URL (http:// only on this machine)",
      "  - KEYTURN_STATE_DIR must be an absolute path",
      "  - KEYTURN_HOOK_TIMEOUT_SECONDS must be whole seconds from 1 to 240",
      "  - KEYTURN_TIMESTREAM_DATABASE is missing",
      "  - KEYTURN_TIMESTREAM_TABLE is missing",
      "  - KEYTURN_TICKET_TABLE is missing",
      "  - KEYTURN_NONCE must be hmac or none",
      "  - AWS_REGION must be a Region",
      "  - AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE must be IPv4 or IPv6",
      "  - AWS_EC2_METADATA_SERVICE_ENDPOINT must be an http:// URL",
      "  - AWS_USE_DUALSTACK_ENDPOINT must be false or true",
      "  - AWS_USE_FIPS_ENDPOINT must be false or true",
    ]);
  });

  test.each([
    ["KEYTURN_STATE_DIR", "/", "must be a folder of its own"],
    ["KEYTURN_HOOKS_DIR", "//", "must be a folder of its own"],
    ["AWS_EC2_METADATA_SERVICE_ENDPOINT", "httpx://169.254.169.254", "must be an http:// URL"],
  ])("%s is not %s", (name, value, fault) => {
    expect(() => readAgentSettings({ ...NEEDED, [name]: value }, () => "")).toThrow(`${name} ${fault}`);
  });

  test.each([
    ["IPv6", "http://[fd00:ec2::254]"],
    ["ipv6", "http://[fd00:ec2::254]"],
    ["IPv4", "http://169.254.169.254"],
    ["", "http://169.254.169.254"],
  ])("let the metadata service be reached by mode %o", (mode, endpoint) => {
    const file = () => `AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE=${mode}`;
    expect(readAgentSettings(NEEDED, file).settings.metadataEndpoint).toEqual(new URL(endpoint));
    const environment = { ...NEEDED, AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: mode };
    expect(readAgentSettings(environment, noFile).settings.metadataEndpoint).toEqual(new URL(endpoint));
    const named = { ...environment, AWS_EC2_METADATA_SERVICE_ENDPOINT: "http://127.0.0.1:1" };
    expect(readAgentSettings(named, noFile).settings.metadataEndpoint).toEqual(new URL("http://127.0.0.1:1"));
  });

  describe.each(["AWS_USE_DUALSTACK_ENDPOINT", "AWS_USE_FIPS_ENDPOINT"])("of %s", (name) => {
    test("reach the SDK from the file as from the environment", () => {
      expect(readAgentSettings(NEEDED, () => `${name}=true`).forSdk).toMatchObject({ [name]: "true" });
      expect(readAgentSettings({ ...NEEDED, [name]: "false" }, () => `${name}=true`).forSdk).toMatchObject({
        [name]: "false",
      });
      expect(readAgentSettings({ ...NEEDED, [name]: "" }, noFile).forSdk).toMatchObject({ [name]: "false" });
    });

    test.each(["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_DYNAMODB"])("are refused beside %s", (other) => {
      const sentence = `${name} is about AWS's own endpoints, and ${other} names another: take one of them away`;
      expect(() => readAgentSettings({ ...NEEDED, [name]: "true" }, () => `${other}=http://127.0.0.1:1`)).toThrow(
        sentence,
      );
      expect(() => readAgentSettings({ ...NEEDED, [other]: "http://127.0.0.1:1" }, () => `${name}=true`)).toThrow(
        sentence,
      );
      expect(() => readAgentSettings({ ...NEEDED, [other]: "", [name]: "true" }, noFile)).not.toThrow();
    });
  });

  test("name a file that does not exist", () => {
    expect(() => readAgentSettings({ ...NEEDED, KEYTURN_CONFIG: "/nowhere" }, noFile)).toThrow(
      "/nowhere, which does not exist",
    );
  });

  test("allow plain HTTP on this machine only", () => {
    const local = { ...NEEDED, KEYTURN_REGISTRATION_URL: "http://127.0.0.1:4510/_function-url/registration/" };
    expect(readAgentSettings(local, noFile).settings.registrationUrl.port).toBe("4510");
  });
});
