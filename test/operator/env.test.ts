import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { ACCOUNT, type EmbeddedAws, startAws } from "embedded-aws";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RUNNING_FILE } from "../../operator/place/running.ts";
import { shellEnvOf, shellLines } from "../../operator/shell-env.ts";
import { keyturn } from "./keyturn.ts";

const ROOT = join(import.meta.dirname, "../..");
const has = (program: string) => spawnSync(program, ["--version"]).status === 0;
const SHELLS = ["sh", "bash", "zsh"].filter((shell) => shell === "sh" || has(shell));

describe("npm start on this computer", () => {
  let aws: EmbeddedAws;
  const data = mkdtempSync(join(tmpdir(), "keyturn-env-"));
  beforeAll(async () => {
    aws = await startAws({ folder: join(data, "aws") });
    const { endpoint, region, credentials } = aws;
    const running = { pid: process.pid, account: ACCOUNT, endpoint, region, credentials };
    writeFileSync(join(data, RUNNING_FILE), JSON.stringify(running));
  });
  afterAll(async () => {
    await aws.close();
    rmSync(data, { recursive: true });
  });

  test("it says what to type, and the same as one document", async () => {
    const { out: lines, code, err } = await keyturn(["env", "--data", data]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(lines).toMatch(/^unset AWS_PROFILE \$\(env \| sed /);
    expect(lines).toContain(`export AWS_ENDPOINT_URL=${aws.endpoint}\n`);
    const { out } = await keyturn(["env", "--data", data, "--json"]);
    const { set, everyAws } = JSON.parse(out);
    expect(everyAws).toBe(true);
    expect(set).toMatchObject({ AWS_ENDPOINT_URL: aws.endpoint, AWS_DEFAULT_REGION: aws.region });
    for (const [name, value] of Object.entries(set)) expect(lines).toContain(`export ${name}=${value}\n`);
  });

  test.for(SHELLS)(
    "in %s, what was evaluated is what the AWS CLI goes by, whatever the developer had set",
    async (shell, { skip }) => {
      if (!has("aws")) skip("the AWS CLI is not installed");
      const say = "aws sts get-caller-identity --query Account --output text";
      const typed = `eval "$('${process.execPath}' operator/main.ts env --data '${data}')"; ${say}`;
      const env = { ...process.env, AWS_PROFILE: "nobody", AWS_SESSION_TOKEN: "of another", AWS_REGION: "eu-north-1" };
      const { stdout, stderr } = await run(shell, typed, env);
      expect({ stdout, stderr }).toEqual({ stdout: `${ACCOUNT}\n`, stderr: "" });
    },
  );

  test("a shell that has read it still means the npm start that runs here, and its mails", async () => {
    const env = { AWS_ENDPOINT_URL: aws.endpoint };
    const { out } = await keyturn(["env", "--data", data], { env });
    expect(out).toContain("export AWS_CONFIG_FILE=/dev/null\n");
    const { code, err } = await keyturn(["mail", "--data", data], { env });
    expect({ code, err }).toEqual({
      code: 3,
      err: "keyturn: No mail was sent yet: nothing went wrong. `keyturn drill` sends one.\n",
    });
  });
});

test("on an account it names Region, profile and stack; without a Region it asks for one", async () => {
  const { code, out } = await keyturn(["env", "--region", "eu-west-1", "--profile", "it's", "--stack", "Mine"]);
  expect({ code, lines: out.trim().split("\n") }).toEqual({
    code: 0,
    lines: [
      "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN",
      "export AWS_REGION=eu-west-1",
      "export AWS_DEFAULT_REGION=eu-west-1",
      "export AWS_PROFILE='it'\\''s'",
      "export KEYTURN_STACK=Mine",
    ],
  });
  const nowhere = await keyturn(["env", "--aws"]);
  expect({ code: nowhere.code, out: nowhere.out }).toEqual({ code: 4, out: "" });
  expect(nowhere.err).toContain("In which Region?");
});

test.each(SHELLS)("in %s a value is just its text, whatever it holds", (shell) => {
  const profile = "a'b\"c $(touch x) `touch y` \\ ; & | * ~ \n z";
  const lines = shellLines(shellEnvOf({ region: "eu-west-1", profile, stack: "Keyturn" }));
  const { stdout } = spawnSync(shell, ["-c", `${lines}printf %s "$AWS_PROFILE"`], { encoding: "utf8", cwd: tmpdir() });
  expect(stdout).toBe(profile);
});

/** Has a shell do something while this process goes on: it is AWS. */
function run(shell: string, typed: string, env: NodeJS.ProcessEnv): Promise<{ stdout: string; stderr: string }> {
  return promisify(execFile)(shell, ["-c", typed], { cwd: ROOT, env });
}
