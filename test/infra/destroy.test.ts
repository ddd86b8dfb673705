import { describe, expect, test } from "vitest";
import { fakeAccount, freshAccount } from "../../infra/deploy/account.fake.ts";
import type { Account } from "../../infra/deploy/account.ts";
import { type FakeHolders, type FakeHost, fakeHolders } from "../../infra/destroy/holders.fake.ts";
import type { Holders, Made } from "../../infra/destroy/holders.ts";
import { destroy } from "../../infra/destroy/removal.ts";
import { checkSettings } from "../../infra/settings.ts";
import { shippedSettings } from "./synthesized.ts";

const EXPOSED_KEYS = checkSettings(shippedSettings()).exposedKeys;
const GROUP = "sg-0123456789abcdef0";
const PROFILE = "Keyturn-Profile";
const ROLE = "KeyturnInstance-eu-west-1";
const POLICY = "arn:aws:iam::111122223333:policy/keyturn-instance-eu-west-1";
const OPERATOR = "arn:aws:iam::111122223333:policy/keyturn-operator-eu-west-1";
const TAG = { keyturn: "instance" };

const MADE: Made[] = [
  { logicalId: "InstancesNoInbound", type: "AWS::EC2::SecurityGroup", id: GROUP },
  { logicalId: "InstancesLaunchTemplateProfile", type: "AWS::IAM::InstanceProfile", id: PROFILE },
  { logicalId: "InstancesLaunchTemplate", type: "AWS::EC2::LaunchTemplate", id: "lt-1" },
  { logicalId: "FleetRole", type: "AWS::IAM::Role", id: ROLE },
  { logicalId: "EventsBus", type: "AWS::Events::EventBus", id: "keyturn" },
  { logicalId: "TriggersRequested", type: "AWS::Events::Rule", id: "keyturn|keyturn-rotation-requested" },
  { logicalId: "TriggersEnded", type: "AWS::Events::Rule", id: "keyturn-push-ended" },
  { logicalId: "InstancesRights", type: "AWS::IAM::ManagedPolicy", id: POLICY },
  { logicalId: "PeopleOperator244A6967", type: "AWS::IAM::ManagedPolicy", id: OPERATOR },
  { logicalId: "DataInstanceTableD22D1CF2", type: "AWS::DynamoDB::Table", id: "keyturn-instances" },
  { logicalId: "DataNonceKeyB3791CD2", type: "AWS::KMS::Key", id: "key-3" },
  { logicalId: "DataTicketTableD3CE5DFC", type: "AWS::DynamoDB::Table", id: "keyturn-tickets" },
];

const EXPOSED: Made[] = [
  { logicalId: "TriggersExposed", type: "AWS::Events::Rule", id: "keyturn|keyturn-rotation-requested" },
  { logicalId: "EventsBus", type: "AWS::Events::EventBus", id: "keyturn" },
  { logicalId: "DataAuditTableD7A94F1A", type: "AWS::DynamoDB::Table", id: "keyturn-audit" },
  { logicalId: "DataTableKeyC26AB094", type: "AWS::KMS::Key", id: "key-9" },
];

const host = (id: string, more: Partial<FakeHost>): FakeHost => ({ ec2InstanceId: id, groups: [], tags: {}, ...more });
const launched = host("i-launched", { groups: [GROUP], profile: PROFILE, tags: TAG });
const withOwnRole = host("i-own-role", { groups: ["sg-other"], profile: "Web", tags: TAG });

async function destroyed(
  has: Partial<FakeHolders> = {},
  args: string[] = [],
  unanswered: Partial<Holders> = {},
  account: Partial<Account> = {},
  {
    deploy = "off",
    elsewhere = new Map(),
  }: { deploy?: "off" | "on" | "alone"; elsewhere?: FakeHolders["stacks"] } = {},
) {
  const [runs, said]: [string[], string[]] = [[], []];
  const there: FakeHolders = {
    stacks: new Map([["Keyturn", MADE]]),
    ...{ hosts: [], interfaces: new Map(), rules: new Map(), policies: new Map([[ROLE, [POLICY]]]) },
    eventRules: new Map([["keyturn", ["keyturn-rotation-requested"]]]),
    // The instances' own is attached by the stack itself.
    attached: new Map([[POLICY, [`role ${ROLE}`]]]),
    ...has,
  };
  const ended = destroy(args, {
    settings: { stackName: "Keyturn", exposedKeys: { ...EXPOSED_KEYS, deploy } },
    accountIn: (region) => fakeAccount(freshAccount({ region })),
    holdersIn: () => fakeHolders({ ...there, stacks: elsewhere }),
    account: { ...fakeAccount(freshAccount()), ...account },
    holders: { ...fakeHolders(there), ...unanswered },
    async runCdk(given) {
      runs.push(given.join(" "));
      return 0;
    },
    say: (text) => said.push(text),
  });
  const refusal = await ended.then(
    () => "",
    (error: Error) => error.message,
  );
  return { refusal, runs, said: said.join("\n") };
}

const named =
  (name: string, message = "what AWS says") =>
  async () => {
    throw Object.assign(new Error(message), { name });
  };

describe("a removal", () => {
  test("of a stack that nobody holds goes on to cdk, with its arguments, and says what stays and how to deploy over it", async () => {
    const { runs, said } = await destroyed({}, ["--force"]);
    expect(runs).toEqual(["destroy --force"]);
    expect(said).toMatch(/These stay.*\n {2}keyturn-instances\n {2}the key key-3 \(Keyturn: computes the nonces/);
    expect(said).not.toContain("keyturn-tickets");
    const [, mapping = ""] = /kept\.json:\n(.*)$/s.exec(said) ?? [];
    expect(JSON.parse(mapping)).toEqual({
      DataInstanceTableD22D1CF2: { TableName: "keyturn-instances" },
      DataNonceKeyB3791CD2: { KeyId: "key-3" },
    });
  });

  test("of a stack that is not there names account and Region", async () => {
    const { refusal, runs } = await destroyed({ stacks: new Map() });
    expect(refusal).toMatch(/no stack Keyturn in eu-west-1 of account 111122223333/);
    expect(runs).toEqual([]);
    const unanswered = {
      resources: named("AccessDenied", "not authorized to perform: cloudformation:ListStackResources"),
    };
    expect((await destroyed({}, [], unanswered)).refusal).toMatch(
      /did not say what the stack Keyturn has made: not auth/,
    );
  });

  test("of somebody else's stack of that name is refused; of one that AWS does not tell of, cdk asks", async () => {
    const foreign = async () => ({ status: "CREATE_COMPLETE", timeSeries: undefined, isForeign: true as const });
    const { refusal, runs } = await destroyed({}, [], {}, { stack: foreign });
    expect(refusal).toMatch(/stack Keyturn is none of Keyturn's: nothing was removed/);
    expect(runs).toEqual([]);
    expect((await destroyed({}, [], {}, { stack: named("AccessDenied") })).runs).toEqual(["destroy"]);
  });

  test("of one whose creation was taken back goes on: it is there, and has nothing", async () => {
    const stack = async () => ({ status: "ROLLBACK_COMPLETE", timeSeries: undefined });
    expect((await destroyed({ stacks: new Map() }, [], {}, { stack })).runs).toEqual(["destroy"]);
  });

  test("is refused while hosts hold the security group or run under the stack's role, left or not", async () => {
    const underRole = host("i-under-role", { profile: PROFILE });
    for (const args of [[], ["--leave-instances"]]) {
      const { refusal, runs } = await destroyed({ hosts: [launched, underRole] }, args);
      expect(refusal).toContain("i-launched, i-under-role");
      expect(refusal).toContain(
        "aws ec2 terminate-instances --region eu-west-1 --instance-ids i-launched i-under-role",
      );
      expect(refusal).not.toContain("--leave-instances");
      expect(runs).toEqual([]);
    }
  });

  test("tells of the Auto Scaling group that would start them again", async () => {
    const { refusal } = await destroyed({ hosts: [{ ...launched, startedBy: "web" }] });
    expect(refusal).toContain("i-launched (of web)");
    expect(refusal).toContain("set the size of web to 0");
  });

  test("leaves hosts with a role of their own behind only if told so", async () => {
    const { refusal, runs } = await destroyed({ hosts: [withOwnRole] });
    expect(refusal).toMatch(/keyturn=instance would lose their control plane.*i-own-role.*--leave-instances/s);
    expect(runs).toEqual([]);
    expect(await destroyed({ hosts: [withOwnRole] }, ["--leave-instances", "--force"])).toMatchObject({
      refusal: "",
      runs: ["destroy --force"],
    });
  });

  test("is refused while interfaces or rules of other groups hold the security group", async () => {
    const interfaces = new Map([["eni-1", [GROUP]]]);
    const rules = new Map([["sg-database", [GROUP]]]);
    const { refusal } = await destroyed({ interfaces, rules });
    expect(refusal.split("\n* ")).toEqual([
      "Nothing was removed.",
      expect.stringContaining("eni-1"),
      expect.stringContaining("sg-database"),
    ]);
  });

  test("is not held by what goes with it: functions and an endpoint in a VPC, and its own rules in databases' groups", async () => {
    const [functions, endpoint, database] = ["sg-0f", "sg-0e", "sg-0123456789abcdef1"];
    const network: Made[] = [
      { logicalId: "CredentialNetworkFunctions0443EA1B", type: "AWS::EC2::SecurityGroup", id: functions },
      { logicalId: "CredentialNetworkEndpoint877E40CF", type: "AWS::EC2::SecurityGroup", id: endpoint },
      {
        logicalId: "CredentialNetworkIntosg0123456789abcdef1On5432AB",
        type: "AWS::EC2::SecurityGroupIngress",
        id: "sgr-1",
      },
      {
        logicalId: "CredentialSecret1",
        type: "AWS::SecretsManager::Secret",
        id: "arn:aws:secretsmanager:orders/db-AbCdEf",
      },
    ];
    const has = {
      stacks: new Map([["Keyturn", [...MADE, ...network]]]),
      interfaces: new Map([["eni-lambda", [functions]]]),
      rules: new Map([
        [endpoint, [functions]],
        [database, [functions]],
      ]),
    };
    const { refusal, said } = await destroyed(has);
    expect(refusal).toBe("");
    expect(said).toContain("the secret arn:aws:secretsmanager:orders/db-AbCdEf");
    has.rules.set("sg-of-another-database", [functions]);
    expect((await destroyed(has)).refusal).toContain(`name the stack's ${functions}: sg-of-another-database.`);
  });

  test("is refused while the fleet's role has policies that others gave it", async () => {
    const foreign = "arn:aws:iam::aws:policy/CloudWatchAgentServerPolicy";
    const { refusal } = await destroyed({ policies: new Map([[ROLE, [POLICY, foreign]]]) });
    expect(refusal).toContain(`cannot delete it: ${foreign}.`);
  });

  test("is refused while people have the policies that are for them, with what takes each away", async () => {
    const attached = new Map([
      [OPERATOR, ["role OnCall", "user ann", "group sre", "role AWSReservedSSO_Ops_0f1e2d3c4b5a6978"]],
    ]);
    const { refusal, runs } = await destroyed({ attached });
    expect(refusal.split("\n").slice(1)).toEqual([
      expect.stringMatching(
        `^\\* Somebody has the policy ${OPERATOR}, so that it cannot be deleted: role OnCall, user ann, `,
      ),
      `    aws iam detach-role-policy --policy-arn ${OPERATOR} --role-name OnCall`,
      `    aws iam detach-user-policy --policy-arn ${OPERATOR} --user-name ann`,
      `    aws iam detach-group-policy --policy-arn ${OPERATOR} --group-name sre`,
      "    in IAM Identity Center, out of the permission set Ops, under Customer managed policies",
    ]);
    expect(runs).toEqual([]);
  });

  test("is refused while the event bus has rules that others made, which EventBridge would stop at", async () => {
    const eventRules = new Map([["keyturn", ["keyturn-rotation-requested", "pager"]]]);
    const { refusal, runs } = await destroyed({ eventRules });
    expect(refusal).toContain("so that it cannot be deleted: pager.");
    expect(refusal).toContain("aws events delete-rule --region eu-west-1 --event-bus-name keyturn --name RULE");
    expect(runs).toEqual([]);
  });

  test("does not begin without knowing whether hosts run, and does without the rest", async () => {
    const blind = {
      hostsTagged: named("UnauthorizedOperation", "You are not authorized to perform ec2:DescribeInstances"),
    };
    const { refusal, runs } = await destroyed({}, [], blind);
    expect(refusal).toMatch(/AWS did not say whether instances of the fleet still run.*DescribeInstances/);
    expect(runs).toEqual([]);
    const { runs: others, said } = await destroyed({}, [], { policiesOf: named("AccessDenied") });
    expect(others).toEqual(["destroy"]);
    expect(said).toMatch(/NOTE: AWS did not say whether the role KeyturnInstance-eu-west-1 has policies/);
  });

  test("of a fleet and what shuts exposed keys elsewhere removes both, and says of each what stays", async () => {
    const elsewhere: FakeHolders["stacks"] = new Map([["Keyturn", EXPOSED]]);
    const { runs, said } = await destroyed({}, ["--force"], {}, {}, { deploy: "on", elsewhere });
    expect(runs).toEqual(["destroy Keyturn KeyturnExposedKeys --force"]);
    expect(said).toMatch(
      /Keyturn in eu-west-1:\nThese stay.*KeyturnExposedKeys in us-east-1:\nThese stay.*the key key-9/s,
    );
    expect((await destroyed({}, [], {}, {}, { deploy: "on" })).runs).toEqual(["destroy Keyturn"]);
    const none = await destroyed({ stacks: new Map() }, [], {}, {}, { deploy: "on" });
    expect(none.refusal).toMatch(/no stack Keyturn in eu-west-1 and in us-east-1 of account/);
  });

  test("of what shuts exposed keys asks for no hosts, and takes no fleet of that name away", async () => {
    const alone = { deploy: "alone" } as const;
    const has = { hosts: [withOwnRole], stacks: new Map([["Keyturn", EXPOSED]]) };
    expect((await destroyed(has, [], {}, {}, alone)).runs).toEqual(["destroy"]);
    const { refusal, runs } = await destroyed(
      {},
      [],
      {},
      {},
      { deploy: "on", elsewhere: new Map([["Keyturn", MADE]]) },
    );
    expect(refusal).toMatch(/stack Keyturn in us-east-1 has a fleet: nothing was removed.*"deploy": "off"/);
    expect(runs).toEqual([]);
    expect((await destroyed({}, [], {}, {}, alone)).refusal).toMatch(/has a fleet/);
  });

  test("goes on where an earlier one stopped: what is gone already is not asked about", async () => {
    const left = MADE.filter(({ type }) => type === "AWS::DynamoDB::Table");
    expect(await destroyed({ stacks: new Map([["Keyturn", left]]) })).toMatchObject({ refusal: "", runs: ["destroy"] });
  });
});
