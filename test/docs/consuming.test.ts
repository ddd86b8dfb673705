import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateSecretCommand, PutSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { TimestreamQueryClient } from "@aws-sdk/client-timestream-query";
import { ACCOUNT, OPERATOR_KEYS, REGION } from "embedded-aws";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { fakeAuthorities } from "../../functions/clients/authorities.fake.ts";
import { managedSecrets } from "../../functions/clients/secrets.secretsmanager.ts";
import { dynamoUses } from "../../functions/clients/uses.dynamodb.ts";
import { timestreamUses } from "../../functions/clients/uses.timestream.ts";
import type { Uses } from "../../functions/clients/uses.ts";
import { judgeUses } from "../../functions/credential/judge.ts";
import { lookAtUses } from "../../functions/credential/look-at-uses.ts";
import { type CredentialSettings, TOKENS } from "../../functions/shared/credential-settings.ts";
import { NAMES } from "../../infra/wiring.ts";
import { useProof } from "../../protocol/index.ts";
import { MetadataService } from "../agent/fakes/metadata-service.ts";
import { type Server, serve } from "../agent/fakes/server.ts";
import { type Cli, warmAws } from "../cli/warm-aws.ts";
import { startTestFleet, type TestFleet } from "../flows/support.ts";
import { credentialOf } from "../functions/clients/credential-of.ts";
import { FOLDER } from "../second-opinion/emulators.ts";
import { AWS, NO_AWS, ROOT } from "./desk.ts";

// docs/consuming.md: its lines are run as they stand there, but for the names, and what they write is judged as Keyturn does.

const document = readFileSync(join(ROOT, "docs/consuming.md"), "utf8");
const [setUp = "", whoIsIt = "", useIt = "", intoDynamodb = "", intoTimestream = ""] = blocks("sh");
const CONSUMER = "nightly-report";
const ROLE = `arn:aws:iam::${ACCOUNT}:role/apps/report`;
/** What a shell or a pattern might take for something else. */
const WORDS = ["pl%s41n$HOME`*\\n'?#\"~", "an0ther.t0ken_-+/=="] as const;
const QUIET_MS = 60_000;

/** Who uses what, where his proofs go, and in which shell. */
const ROWS = [
  ["token", "instance", "dynamodb", "/bin/sh"],
  ["token", "role", "timestream", "/bin/bash"],
  ["database", "role", "dynamodb", "/bin/sh"],
  ["database", "instance", "timestream", "/bin/bash"],
] as const;
type Kind = CredentialSettings["kind"];
type Store = "dynamodb" | "timestream";

/** The settings of a credential, whose consumer is seen by its proofs. */
function settingsOf(kind: Kind, name: string): CredentialSettings {
  const of = { name, consumers: [{ name: CONSUMER, seenBy: "proofs" }], quietSeconds: QUIET_MS / 1000 } as const;
  if (kind === "database") return credentialOf({ ...of, users: ["partner_a", "partner_b"] });
  return {
    ...{ ...of, kind, users: TOKENS, keys: ["partner/key"], tokensPerKey: "many" },
    ...{
      tokenUrl: "https://a.example/token",
      probeUrl: "https://a.example/",
      lifetimeSeconds: 3600,
      deadlineSeconds: 3600,
    },
  };
}

function blocks(language: string): string[] {
  return [...document.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms"))].map(([, block = ""]) => block);
}

let folder: string;
let fleet: TestFleet;
let cli: Cli;
let metadata: Server;
let api: Server;
/** The token that the resource takes. */
let taken: string;
let host: string;
let stores: { dynamodb: Uses; timestream: Uses };
let client: SecretsManagerClient;
const isInstalled = existsSync(AWS);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "keyturn-consuming-"));
  // What an instance may read is what the deployment knows.
  const credentials = ROWS.map(([kind, as]) => settingsOf(kind, `partner/${kind}-${as}`));
  fleet = await startTestFleet(1, {
    settings: { timeSeries: "dynamodb", formerTimeSeries: "timestream", credentials },
  });
  const { endpoint, region } = fleet.aws;
  const config = { endpoint, region, credentials: fleet.aws.credentials };
  const place = { database: NAMES.timestreamDatabase, table: NAMES.timestreamTable };
  stores = {
    dynamodb: dynamoUses(new DynamoDBClient(config), { table: NAMES.seriesTable }),
    timestream: timestreamUses(new TimestreamQueryClient(config), place),
  };
  client = new SecretsManagerClient(config);
  const [record] = await fleet.records();
  const service = new MetadataService();
  host = service.ec2InstanceId = record?.ec2InstanceId ?? "";
  metadata = await serve((request) => service.handle(request));
  api = await serve(({ headers }) => ({
    status: headers.authorization === `Bearer ${taken}` ? 200 : 401,
    body: "the orders",
  }));
  if (isInstalled) cli = await warmAws(AWS, folder);
});
afterAll(async () => {
  await cli?.close();
  await Promise.all([fleet.close(), metadata.close(), api.close()]);
  rmSync(folder, { recursive: true });
});

const secretWith = (word: string, turn: string) =>
  JSON.stringify({
    token_type: "bearer",
    access_token: word,
    turn,
    username: turn,
    password: word,
    engine: "postgres",
  });

/** A credential with its first version, and how the consumer's uses of it are judged once the second one is promoted. */
async function credentialFor(kind: Kind, name: string, store: Store) {
  const credential = settingsOf(kind, name);
  const [former, user] = credential.users;
  const versions = [randomUUID(), randomUUID()] as const;
  const first = { SecretString: secretWith(WORDS[0], former), ClientRequestToken: versions[0] };
  await client.send(new CreateSecretCommand({ Name: name, ...first }));
  taken = WORDS[0];
  return {
    versions,
    async turn(): Promise<number> {
      const second = { SecretString: secretWith(WORDS[1], user), ClientRequestToken: versions[1] };
      await client.send(new PutSecretValueCommand({ SecretId: name, ...second }));
      taken = WORDS[1];
      return Date.now();
    },
    /** Who was seen, and what that comes to a quiet time after now. */
    async judged(since: number) {
      const seen = await lookAtUses(
        {
          credential,
          versions: { current: { versionId: versions[1], user }, other: { versionId: versions[0], user: former } },
          record: undefined,
        },
        {
          ...{ secrets: managedSecrets(client), authorities: fakeAuthorities(), uses: stores[store] },
          ...{ now: Date.now, skewMs: 1_000 },
        },
      );
      const at = { now: Date.now() + QUIET_MS, credential };
      const { moved, behind } = judgeUses(seen, { user, former, since }, at);
      return { moved, behind: behind.map(({ why }) => why), seen };
    },
  };
}

interface Ran {
  code: number;
  said: string;
}

type Keys = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

/** Runs a program as somebody who has nothing of this machine's own configuration; the embedded AWS answers meanwhile. */
function run(program: string, args: string[], keys: Keys, environment: NodeJS.ProcessEnv = {}): Promise<Ran> {
  const env = {
    ...{ PATH: "/usr/bin:/bin", HOME: folder, AWS_PAGER: "", AWS_ENDPOINT_URL: fleet.aws.endpoint },
    ...{ AWS_ACCESS_KEY_ID: keys.accessKeyId, AWS_SECRET_ACCESS_KEY: keys.secretAccessKey },
    ...(keys.sessionToken !== undefined && { AWS_SESSION_TOKEN: keys.sessionToken }),
    ...environment,
  };
  return new Promise((resolve) => {
    execFile(program, args, { env, cwd: folder }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), said: `${out}${err}` });
    });
  });
}

function type(script: string, keys: Keys, shell = "/bin/sh"): Promise<Ran> {
  // Debian's version does not know AWS_ENDPOINT_URL.
  const aws = `aws() { ${cli.command} --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }\n`;
  return run(shell, ["-c", aws + script], keys);
}

const LOGIN = "printf 'logged in with %s characters\\n' ${#word}\n";

/** The lines of the document, with the names that are here. */
function linesFor(kind: Kind, as: "role" | "instance", store: Store, name: string): string {
  const lines = [setUp, as === "instance" ? whoIsIt : "", useIt, store === "dynamodb" ? intoDynamodb : intoTimestream];
  const names: [string | RegExp, string][] = [
    ["secret=partner/api", `secret=${name}`],
    ["https://api.partner.example/orders", api.url.href],
    ["eu-west-1", REGION],
    ["arn:aws:iam::111122223333:role/apps/report", ROLE],
    ["http://169.254.169.254", metadata.url.origin],
  ];
  if (kind === "database") names.push([".access_token", ".password"], [/^printf 'Authorization.*$/m, LOGIN]);
  return names.reduce((text, [told, here]) => text.replace(told, () => here), lines.join("\n"));
}

test("its example of a proof is one", () => {
  const row = /^\| `(correct horse)` \| `(.+)` \| `(.+)` \| `(.+)` \| `(\d+)` \| `([0-9a-f]{64})` \|$/m.exec(document);
  const [, credential = "", secret = "", versionId = "", consumer = "", time, proof] = row ?? [];
  expect(useProof({ credential, secret, versionId, consumer, timeMs: Number(time) })).toBe(proof);
});

describe("in a shell", () => {
  beforeEach(({ skip }) => skip(!isInstalled, NO_AWS));

  test.each(ROWS)("a %s used by the lines for this: %s, %s, %s. The consumer is seen to have moved", async (...row) => {
    const [kind, as, store, shell] = row;
    const name = `partner/${kind}-${as}`;
    const { turn, judged } = await credentialFor(kind, name, store);
    const script = linesFor(kind, as, store, name);
    const keys = as === "instance" ? fleet.aws.credentialsOf(host) : OPERATOR_KEYS;
    const place = as === "instance" ? { ec2InstanceId: host } : { role: ROLE };

    const before = Date.now();
    expect(await type(script, keys, shell)).toMatchObject({ code: 0 });
    const since = await turn();
    const behind = await judged(since);
    expect(behind).toMatchObject({ moved: false, behind: ["NOT_SEEN"], seen: [{ consumer: CONSUMER, ...place }] });
    expect(behind.seen[0]?.at).toBeGreaterThanOrEqual(before);

    expect(await type(script, keys, shell)).toMatchObject({ code: 0 });
    expect(await judged(since)).toMatchObject({ moved: true, behind: [] });
  });

  test("a use that the resource refuses is not proved", async () => {
    const name = "partner/refused";
    const { turn, judged } = await credentialFor("token", name, "dynamodb");
    const since = await turn();
    taken = "another";
    const script = linesFor("token", "role", "dynamodb", name);
    expect(await type(script, OPERATOR_KEYS)).toMatchObject({ code: 22, said: expect.stringContaining("401") });
    expect(await judged(since)).toMatchObject({ moved: false, seen: [] });
  });
});

test("in Python, who proves his use of the current version is seen to have moved", async ({ skip }) => {
  const environment = { PATH: process.env.PATH, PYTHONPATH: FOLDER, AWS_DEFAULT_REGION: REGION };
  const python = (program: string, ...args: string[]) =>
    run("python3", ["-c", program, ...args], OPERATOR_KEYS, environment);
  skip((await python("import boto3")).code !== 0, "python3 has no boto3: test/second-opinion/install puts it there");
  const name = "partner/python";
  const { turn, judged, versions } = await credentialFor("token", name, "dynamodb");
  const since = await turn();
  const program = `${blocks("python").join("\n")}\nimport sys\nprove(*sys.argv[1:])\n`;
  expect(await python(program, ROLE, name, CONSUMER, versions[1], WORDS[1])).toEqual({ code: 0, said: "" });
  expect(await judged(since)).toMatchObject({ moved: true, seen: [{ role: ROLE }] });
});
