import { spawn } from "node:child_process";
import { join } from "node:path";
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, PutUserPolicyCommand } from "@aws-sdk/client-iam";
import { peopleRights } from "../../infra/rights/people.ts";
import type { Policy } from "../../operator/contract.ts";
import { arnsUnder } from "../flows/rights.suite.ts";
import type { TestFleet } from "../flows/support.ts";

const ROOT = join(import.meta.dirname, "../..");

/** What `keyturn` has come to, as whoever typed it sees it. */
export interface Ran {
  code: number | null;
  out: string;
  err: string;
}

/** How `keyturn` is started: nothing of this machine's own AWS settings counts. */
export interface Typing {
  env?: Record<string, string>;
  /** What is told of the process once it runs, to end it, say. */
  onStart?: (child: ReturnType<typeof spawn>) => void;
}

/**
 * Types `keyturn`, as a process with no terminal.
 *
 * @param args behind `keyturn`
 */
export function keyturn(args: readonly string[], { env = {}, onStart }: Typing = {}): Promise<Ran> {
  const settings = { AWS_CONFIG_FILE: "/dev/null", AWS_SHARED_CREDENTIALS_FILE: "/dev/null", ...env };
  const child = spawn(process.execPath, ["tools/keyturn.mjs", ...args], {
    cwd: ROOT,
    env: {
      PATH: process.env.PATH,
      HOME: "/nonexistent",
      NODE_OPTIONS: "",
      AWS_EC2_METADATA_DISABLED: "true",
      // Else the `npm start` of whoever runs the tests were meant.
      KEYTURN_DATA: "/nonexistent",
      ...settings,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ran: Ran = { code: null, out: "", err: "" };
  child.stdout.on("data", (data) => {
    ran.out += data;
  });
  child.stderr.on("data", (data) => {
    ran.err += data;
  });
  onStart?.(child);
  return new Promise((resolve) => child.on("close", (code) => resolve({ ...ran, code })));
}

interface Keys {
  accessKeyId: string;
  secretAccessKey: string;
}

/** The environment by which `keyturn` speaks to a fleet, as the operator of its AWS, who may everything, or as somebody else. */
export function envOf({ aws }: TestFleet, keys: Keys = aws.credentials): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: aws.endpoint,
    AWS_REGION: aws.region,
    AWS_ACCESS_KEY_ID: keys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
  };
}

/** An IAM user who has one of the policies for people, and nothing else. */
export async function personWith(policy: Policy, fleet: TestFleet): Promise<Keys> {
  const { endpoint, region, credentials } = fleet.aws;
  const iam = new IAMClient({ endpoint, region, credentials });
  const UserName = `person-with-${policy}`;
  await iam.send(new CreateUserCommand({ UserName }));
  const Statement = peopleRights(policy, await arnsUnder(fleet));
  const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
  await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: policy, PolicyDocument }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  return { accessKeyId: AccessKey?.AccessKeyId ?? "", secretAccessKey: AccessKey?.SecretAccessKey ?? "" };
}
