import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ACCOUNT, arnOf, OPERATOR_KEYS, REGION } from "embedded-aws";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { NAMES } from "../../infra/wiring.ts";
import { MANAGER_SECRET, ORDERS_SECRET } from "../../local/orders/orders.ts";
import { findPrograms } from "../../local/postgres/programs.ts";
import { flowArn } from "../../local/roles.ts";
import { NPX } from "../cli/npx.ts";
import { UNDER_WAY, withNamesOf } from "../cli/told.ts";
import { type Cli, warmAws } from "../cli/warm-aws.ts";
import { type Block, blocksOf } from "./blocks.ts";
import { BrokenFleet } from "./broken-fleet.ts";
import { BrokenToken } from "./broken-token.ts";
import { type Answer, AWS, Desk, NO_AWS, ROOT, SOON } from "./desk.ts";
import { EXAMPLE_KEY, exposeKey } from "./exposed-key.ts";

// docs/runbook.md from its beginning to its end, typed as somebody does who is on call, beside a fleet of npm start: but
// for the names, which are those of this fleet, and for what is marked to be typed elsewhere. What its sections on lost keys
// and on refused tokens are for happens before they are typed, and must be mended by what they tell; an access key was exposed.
// What the AWS CLI does in place of keyturn is typed by test/cli.

const RUNBOOK = "docs/runbook.md";
const blocks = blocksOf(readFileSync(join(ROOT, RUNBOOK), "utf8"));

/** The part of an agent's command that is there on an instance of `npm start`, too. */
const AGENT = /^sudo (?=keyturn-agent )/;

/** What older versions of the CLI do not know, Debian's among them: what they say then is no mistake of ours. */
const NEWER = [
  /\baws stepfunctions (list-state-machine-versions|update-state-machine-alias) /, // since 2.12
  /\baws logs tail | --cli-binary-format /, // since 2.0
];
const UNKNOWN = /^aws: error: argument operation: Invalid choice|^Unknown options: --cli-binary-format/m;
const isUnknownToCli = (answer: Answer) =>
  UNKNOWN.test(answer.said) && failed(answer).every((command) => NEWER.some((pattern) => pattern.test(command)));

/** Has bash say which command has failed, wherever it stands in what is typed. */
const NOTICE = `set -E -o pipefail; trap 'echo "failed: $BASH_COMMAND" >&2' ERR`;
/** The CLI as one types it; Debian's knows no AWS_ENDPOINT_URL. */
const awsHere = ({ command }: Cli) => `#!/bin/sh\nexec ${command} --endpoint-url "$AWS_ENDPOINT_URL" "$@"\n`;

const programs = findPrograms();
/** About the credential that several share, which there is only beside a database. */
const isOnCredential = (commands: string) => commands.includes(ORDERS_SECRET) || commands.includes(MANAGER_SECRET);

const isInstalled = existsSync(AWS);
let desk: Desk | undefined;
let cli: Cli | undefined;
let fleet: BrokenFleet;
let token: BrokenToken;
/** What stands in the runbook for a name, and the name that it has here. */
let values: [string, string][];
let disk: string;

beforeAll(async () => {
  if (!isInstalled) return;
  desk = await Desk.open();
  desk.start("npm start -- --agents 2 --every 10s --samples 2s", "/bin/bash");
  const turned = await said(/^\S+ {2}(\w{6}) {2}turned its key and proved it/m);
  const ec2InstanceId = await said(new RegExp(` ${turned} {2}registered from \\S+ \\((i-\\w+)\\)`));
  desk.paste();
  mkdirSync(join(desk.folder, "on-call"));
  cli = await warmAws(AWS, desk.folder);
  writeFileSync(join(desk.folder, "on-call/aws"), awsHere(cli), { mode: 0o755 });
  writeFileSync(join(desk.folder, "on-call/npx"), NPX, { mode: 0o755 });
  await desk.type(`PATH=$PWD/on-call:$PATH\n${NOTICE}`);
  disk = join(".keyturn/instances", ec2InstanceId);
  const otherId = await said(new RegExp(`^\\S+ {2}(?!${turned})(\\w{6}) {2}registered from`, "m"));
  const endpoint = /^export AWS_ENDPOINT_URL=(\S+)$/m.exec(desk.first())?.[1] ?? "";
  const config = { endpoint, region: REGION, credentials: OPERATOR_KEYS };
  fleet = new BrokenFleet(desk, { id: turned, ec2InstanceId, disk }, otherId, config);
  token = new BrokenToken(desk, config);
  values = [...(await valuesOf(turned, ec2InstanceId)), [EXAMPLE_KEY, await exposeKey(config)]];
});
afterAll(async () => {
  fleet?.close();
  token?.close();
  await cli?.close();
  await desk?.close();
});
beforeEach(({ skip }) => skip(!isInstalled, NO_AWS));

/** Waits until `npm start` says something, and returns the part of it that is in brackets in the pattern. */
async function said(pattern: RegExp): Promise<string> {
  await vi.waitFor(() => expect(desk?.first()).toMatch(pattern), SOON);
  return pattern.exec(desk?.first() ?? "")?.[1] ?? "";
}

async function valuesOf(id: string, ec2InstanceId: string): Promise<[string, string][]> {
  const latest = `aws stepfunctions list-executions --state-machine-arn ${flowArn("rotation")}`;
  const execution = await typed(`${latest} --query 'executions[0].executionArn' --output text`);
  const event = {
    time: new Date().toISOString(),
    source: "aws.ec2",
    "detail-type": "EC2 Instance State-change Notification",
    detail: { "instance-id": ec2InstanceId, state: "running" },
  };
  writeFileSync(join(desk?.folder ?? "", "event.json"), JSON.stringify(event));
  return [
    ["eu-west-1", REGION],
    ["111122223333", ACCOUNT],
    ["i-0abc1234def567890", ec2InstanceId],
    ["a1b2c3", id],
    ["ARN_FROM_THE_MAIL", /^arn:\S+/m.exec(execution)?.[0] ?? "no execution"],
    // The version that there is.
    ["keyturn-rotation:7", "keyturn-rotation:1"],
    ["--token TOKEN", `--token ${await tokenOfMail()}`],
  ];
}

/** Subscribes an address, and returns the token of the mail that asks whether that is right. */
async function tokenOfMail(): Promise<string> {
  const topic = arnOf("sns", NAMES.alertTopic);
  await typed(`aws sns subscribe --topic-arn ${topic} --protocol email --notification-endpoint you@example.com`);
  const folder = join(desk?.folder ?? "", ".keyturn/mail");
  const mails = () => (existsSync(folder) ? readdirSync(folder) : []).map((name) => readFileSync(join(folder, name)));
  return vi.waitUntil(() => /--token (\S+)/.exec(mails().join("\n"))?.[1], SOON);
}

/** Types commands, with the names that they have here; again while a turn is under way, of which there are many here. */
async function tried(commands: string): Promise<Answer> {
  const real = withNamesOf(values ?? [], commands);
  return vi.waitUntil(async () => {
    if (desk === undefined) throw new Error("npm start did not come up");
    const answer = await desk.type(real);
    return UNDER_WAY.test(answer.said) ? undefined : answer;
  }, SOON);
}

/** Which of the commands that were typed have failed, as the shell names them. */
function failed({ said, code }: Answer): string[] {
  const named = Array.from(said.matchAll(/^failed: (.*)$/gm), ([, command = ""]) => command);
  return named.length > 0 || code === 0 ? named : [`exit status ${code}`];
}

/** Types commands every one of which must succeed, or else a message is shown. Returns what they have said. */
async function typed(commands: string, message = "before the runbook"): Promise<string> {
  const answer = await tried(commands);
  expect(failed(answer), `${message}\n${answer.said}`).toEqual([]);
  return answer.said;
}

/** Whether anything of a block can be typed on this computer. */
const isTypedHere = ({ here, elsewhere, instead }: Block) =>
  instead !== true &&
  (here !== "" || elsewhere.some(({ place, command }) => place !== "on the instance" || AGENT.test(command)));

/** Shows something, wherever it is typed; several sections tell the same, which is typed in the first of them. */
const LOOKS = /^npx keyturn (?:fleet|show|findings|secrets|doctor|audit)\b[^\n]*$/;
const isNew = ({ here }: Block, n: number, all: Block[]) =>
  !LOOKS.test(here) || all.findIndex((one) => one.here === here) === n;

/** Waits for an execution's end, and fails where that does. */
const WAITS = /^npx keyturn .* --wait$/m;

/** Whether a block is the first of its section, and whether it is the last. */
const ends = ({ section }: Block, index: number, all: Block[]) => ({
  opens: all[index - 1]?.section !== section,
  closes: all[index + 1]?.section !== section,
});

describe("what the runbook tells to type", () => {
  const typedHere = blocks.filter(isTypedHere).filter(isNew);
  test.for(typedHere.map((block, ...at) => ({ ...block, shown: shown(block), ...ends(block, ...at) })))(
    "line $line, $section: $shown",
    async ({ line, section, here, elsewhere, opens, closes }, { skip }) => {
      const where = `${RUNBOOK}:${line}`;
      const message = `${where}: correct it, or mark it as the first paragraph there says`;
      const isBroken = fleet.breaks[section] !== undefined;
      if (opens) await (fleet.breaks[section] ?? token.breaks[section])?.();
      if (isOnCredential(here) && "missing" in programs) skip(programs.missing);
      if (here !== "") {
        const answer = await tried(here);
        skip(isUnknownToCli(answer), `The AWS CLI at ${AWS} is too old to know it`);
        expect(failed(answer), `${message}\n${answer.said}`).toEqual([]);
        expect(answer.said).not.toMatch(/eu-west-1|111122223333/);
        if (WAITS.test(here) && isBroken) await fleet.healed();
      }
      for (const { place, command } of elsewhere) {
        // There is the agent's command on the folder that is an instance here, but neither sudo nor systemd.
        if (AGENT.test(command)) await typed(command.replace(AGENT, `${disk}/bin/`), message);
        // How it is refused is looked at by test/cli.
        else if (place !== "on the instance") await typed(`! ${command}`, `${where}: works here: take the mark away`);
      }
      if (closes && token.breaks[section] !== undefined) await token.healed(section);
    },
  );

  test("a command that fails is noticed, wherever it stands", async () => {
    const sound = "aws ssm list-documents";
    const typos = ["aws ssm list-documens", "aws dynamodb get-item --table-name keyturn-instances --key '{}'"];
    for (const typo of typos) {
      for (const block of [typo, `${typo}\n${sound}`, `${typo} | cat\n${sound}`, `X=$(${typo}); ${sound}`]) {
        expect(failed(await tried(block)), block).not.toEqual([]);
      }
    }
    expect(failed(await tried(`${sound} | cat\nif ! ${typos[0]}; then true; fi`))).toEqual([]);
  });

  test("is typed in sections of what is broken before", () => {
    const mended = typedHere.filter(({ here }) => WAITS.test(here)).map(({ section }) => section);
    expect(mended).toEqual(expect.arrayContaining(Object.keys(fleet.breaks)));
    const all = typedHere.map(({ section }) => section);
    expect(all).toEqual(expect.arrayContaining(Object.keys(token.breaks)));
  });

  test("went to this fleet alone", () => {
    expect(desk?.hostile.asked()).toEqual([]);
  });
});

/** What is typed of a block, as a test is named by it. */
function shown({ here, elsewhere: [first] }: Block): string {
  return here !== "" ? here : `${first?.command} (${first?.place})`;
}
