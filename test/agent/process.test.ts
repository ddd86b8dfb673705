import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { KeyFile } from "../../agent/state/key-file.ts";
import { VERSION } from "../../agent/version.ts";
import { receiptProof, sampleHash, successor } from "../../protocol/index.ts";
import { AgentProcesses } from "./fakes/agent-process.ts";
import { FakeAws } from "./fakes/aws.ts";
import { NONCE, ticketFor } from "./fakes/parts.ts";
import { Rekeys, rekeyTicket } from "./fakes/rekeys.ts";

const agents = new AgentProcesses();
let aws: FakeAws;
let folder: string;
let environment: Record<string, string>;
let count = 0;

beforeAll(() => agents.build());
afterAll(() => agents.close());

beforeEach(async () => {
  aws = new FakeAws();
  await aws.start();
  count += 1;
  folder = join(agents.folder, `instance-${count}`);
  mkdirSync(folder);
  environment = aws.environment(folder);
});
afterEach(() => aws.close());

const keyFile = (): KeyFile => JSON.parse(readFileSync(join(folder, "state/key.json"), "utf8"));

/** Boots an agent, waits for its first sample, and stops it. */
async function boot(): Promise<KeyFile> {
  const { child, ended } = agents.start(["run"], environment);
  await vi.waitFor(() => expect(aws.written.length).toBeGreaterThan(0), { timeout: 5_000, interval: 20 });
  child.kill("SIGTERM");
  expect((await ended).code).toBe(0);
  return keyFile();
}

/** Has a ticket lie there that leads on from a key. */
function layTicketFor(held: KeyFile): void {
  aws.tickets = [ticketFor(held)];
}

function addHook(name: string, script: string): void {
  mkdirSync(join(folder, "hooks.d"), { recursive: true });
  writeFileSync(join(folder, "hooks.d", name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, "hooks.d", name), 0o755);
}

describe("the daemon", () => {
  test("registers with a signed call, agrees a key, proves it, and ends cleanly on SIGTERM", async () => {
    const held = await boot();
    expect(aws.registry.requests).toEqual([
      {
        ...{
          id: held.id,
          ip: "10.0.0.1",
          flag: "new",
          publicKey: expect.stringMatching(/^[0-9a-f]{64}$/),
          signed: true,
        },
        agentVersion: VERSION,
      },
    ]);
    expect(held.key).toBe(aws.registry.entries.get(held.id)?.key);
    const time = Number((aws.written[0] as { Records: [{ Time: string }] }).Records[0].Time);
    expect(aws.written[0]).toEqual({
      DatabaseName: "keyturn",
      TableName: "samples",
      Records: [
        {
          Dimensions: [
            { Name: "ec2InstanceId", Value: held.ec2InstanceId },
            { Name: "id", Value: held.id },
          ],
          MeasureName: "sample",
          MeasureValueType: "MULTI",
          MeasureValues: [
            { Name: "generation", Value: "1", Type: "BIGINT" },
            { Name: "hash", Value: sampleHash({ ...held, timeMs: time }), Type: "VARCHAR" },
          ],
          Time: String(time),
          TimeUnit: "MILLISECONDS",
          Version: 1,
        },
      ],
    });
  });

  test("keeps its state to its owner and erases the private key once it has the key", async () => {
    const held = await boot();
    expect(statSync(join(folder, "state")).mode & 0o777).toBe(0o700);
    for (const name of ["identity.json", "key.json", "told.json"]) {
      expect(statSync(join(folder, "state", name)).mode & 0o777).toBe(0o600);
    }
    expect(JSON.parse(readFileSync(join(folder, "state/identity.json"), "utf8"))).toEqual({
      version: 1,
      id: held.id,
      ec2InstanceId: held.ec2InstanceId,
    });
  });

  test("is the same instance after a restart, and registers an update", async () => {
    const held = await boot();
    aws.written.length = 0;
    expect(await boot()).toEqual(held);
    expect(aws.registry.requests.map(({ flag }) => flag)).toEqual(["new", "update"]);
  });

  test("writes samples where it was told, and so does a turn; status says where", async () => {
    aws.registry.store = { kind: "dynamodb", table: "samples-2" };
    const held = await boot();
    expect(aws.written[0]).toMatchObject({ TableName: "samples-2" });
    aws.written.length = 0;
    layTicketFor(held);
    expect(await agents.run(["turn"], environment)).toMatchObject({ code: 0, stderr: "" });
    expect(aws.written).toMatchObject([{ TableName: "samples-2", Item: { generation: { N: "2" } } }]);
    const { stdout } = await agents.run(["status"], environment);
    expect(stdout).toMatch(/^samples go to +the DynamoDB table samples-2, as the last registration was answered$/m);
  });

  test("writes at the interval that it was told, after a restart that finds no registration", async () => {
    aws.registry.sampleIntervalSeconds = 1;
    await boot();
    aws.written.length = 0;
    aws.registry.instead.push(...Array.from({ length: 9 }, () => ({ status: 502, body: "" })));
    await boot();
    expect(aws.registry.instead).not.toEqual([]);
  });

  test("whose store is gone registers again, and goes where it is told then", async () => {
    aws.registry.sampleIntervalSeconds = 1;
    const { child, ended } = agents.start(["run"], environment);
    const written = (more: object) =>
      vi.waitFor(() => expect(aws.written.at(-1)).toMatchObject(more), { timeout: 30_000, interval: 20 });
    await written({ TableName: "samples", DatabaseName: "keyturn" });
    aws.registry.store = { kind: "dynamodb", table: "samples-2" };
    aws.tablesGone.add("samples");
    await written({ TableName: "samples-2" });
    expect(aws.registry.requests.map(({ flag }) => flag)).toEqual(["new", "update"]);
    child.kill("SIGTERM");
    expect((await ended).stdout).toContain("Samples go to the DynamoDB table samples-2 from now on.");
  }, 40_000);

  test("with a damaged note of where it was told to write goes by its settings until it is told again", async () => {
    const held = await boot();
    writeFileSync(join(folder, "state/told.json"), "{");
    layTicketFor(held);
    const { code, stderr } = await agents.run(["turn"], environment);
    expect(code).toBe(0);
    expect(stderr).toContain("told.json is damaged");
    expect(aws.written.at(-1)).toMatchObject({ TableName: "samples" });
    aws.written.length = 0;
    await boot();
    expect(JSON.parse(readFileSync(join(folder, "state/told.json"), "utf8"))).toMatchObject({ version: 1 });
  });

  test("on a copy of the disk it is a new instance, and the former key is gone", async () => {
    const former = await boot();
    aws.written.length = 0;
    aws.metadata.ec2InstanceId = "i-0fedcba9876543210";
    aws.registry.ec2InstanceId = "i-0fedcba9876543210";
    const held = await boot();
    expect(held.id).not.toBe(former.id);
    expect(held.ec2InstanceId).toBe("i-0fedcba9876543210");
    for (const name of readdirSync(join(folder, "state"))) {
      expect(readFileSync(join(folder, "state", name), "utf8")).not.toContain(former.key);
    }
  });

  test("stops with a sentence when a state file is damaged", async () => {
    await boot();
    writeFileSync(join(folder, "state/key.json"), '{"version":1,"key":"5ec2e7');
    const { code, stderr } = await agents.run(["run"], environment);
    expect(code).toBe(1);
    expect(stderr).toMatch(/key\.json is damaged \(it is not a JSON object\)/);
    expect(stderr).not.toContain("5ec2e7");
  });

  test("is the only one on its folder: of two at the first boot one says so and ends, and the other goes on", async () => {
    const both = [1, 2].map(() => agents.start(["run"], environment));
    const { ended, by } = await Promise.race(both.map(async (one) => ({ ended: await one.ended, by: one })));
    expect(ended).toMatchObject({ code: 1, stdout: "" });
    expect(ended.stderr).toMatch(/^keyturn-agent: Another keyturn-agent run works on .*state .*end it first/);
    const other = both.find((one) => one !== by);
    await vi.waitFor(() => expect(aws.written.length).toBeGreaterThan(0), { timeout: 5_000, interval: 20 });
    expect(aws.registry.requests.map(({ flag }) => flag)).toEqual(["new"]);
    other?.child.kill("SIGTERM");
    expect((await other?.ended)?.code).toBe(0);
  });

  test("takes over from one that died without a word", async () => {
    const { child, ended } = agents.start(["run"], environment);
    await vi.waitFor(() => expect(aws.written.length).toBeGreaterThan(0), { timeout: 5_000, interval: 20 });
    child.kill("SIGKILL");
    await ended;
    aws.written.length = 0;
    await boot();
    expect(aws.registry.requests.map(({ flag }) => flag)).toEqual(["new", "update"]);
  });

  test.each(["daemon.lock", "key.lock"])("says what to do about garbage in %s", async (name) => {
    mkdirSync(join(folder, "state"), { mode: 0o700 });
    writeFileSync(join(folder, "state", name), "garbage".repeat(100));
    const { code, stderr } = await agents.run(["run"], environment);
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`^keyturn-agent: [^ ]*/state/${name} holds something .* remove it`));
  });

  test("ends within a second on SIGINT while nothing answers", async () => {
    aws.metadata.reachable = false;
    const { child, ended } = agents.start(["run"], environment);
    await vi.waitFor(() => expect(agents.said).toContain("HTTP 503"), { timeout: 5_000, interval: 20 });
    child.kill("SIGINT");
    const late = new Promise((resolve) => setTimeout(resolve, 1_000, "late"));
    expect(await Promise.race([ended, late])).toMatchObject({ code: 0 });
  });
});

describe("a turn", () => {
  test("prints one line of JSON with the receipt, after a sample with the new key", async () => {
    const held = await boot();
    addHook("10-reload", 'cat "$KEYTURN_KEY_FILE"; echo "$KEYTURN_ID $KEYTURN_GENERATION"');
    layTicketFor(held);
    const { code, stdout, stderr } = await agents.run(["turn"], environment);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const { id, ec2InstanceId } = held;
    const instanceArn = { S: `arn:aws:ec2:us-east-1:000000000000:instance/${ec2InstanceId}` };
    expect(aws.fetched).toEqual([{ TableName: "tickets", Key: { instanceArn, id: { S: id } }, ConsistentRead: true }]);
    const key = successor(held.key, NONCE);
    const proof = receiptProof({ key, id, ec2InstanceId, generation: 2, nonce: NONCE });
    const receipt = { id, generation: 2, proof, hooks: [{ name: "10-reload", outcome: "done" }] };
    expect(stdout).toBe(`${JSON.stringify({ receipt })}\n`);
    expect(keyFile()).toMatchObject({ generation: 2, key, nonce: NONCE });
    expect(JSON.stringify(aws.written.at(-1))).toContain('"Value":"2"');
    expect(readFileSync(join(folder, "state/hooks.log"), "utf8")).toContain(`${id} 2`);
  });

  test("twice with the same ticket gives the same line and no second sample", async () => {
    layTicketFor(await boot());
    const first = await agents.run(["turn"], environment);
    const samples = aws.written.length;
    const second = await agents.run(["turn"], environment);
    expect(second).toEqual(first);
    expect(aws.written).toHaveLength(samples);
  });

  test("of two at once with the same ticket both give the receipt, and the key is turned once", async () => {
    layTicketFor(await boot());
    addHook("10-slow", "sleep 0.2; echo ran >> $KEYTURN_KEY_FILE.ran");
    const [one, other] = await Promise.all([1, 2].map(() => agents.run(["turn"], environment)));
    expect(one?.code).toBe(0);
    expect(other).toEqual(one);
    expect(keyFile().generation).toBe(2);
    expect(readFileSync(join(folder, "state/key.json.ran"), "utf8")).toBe("ran\n");
  });

  test("of two at once that fetched different tickets one turns, and both tell of that key", async () => {
    const held = await boot();
    const nonces = [NONCE, "c3".repeat(32)];
    aws.tickets = nonces.map((nonce) => ticketFor(held, nonce));
    const [one, other] = await Promise.all(nonces.map(() => agents.run(["turn"], environment)));
    expect(one?.code).toBe(0);
    expect(other).toEqual(one);
    expect(keyFile().generation).toBe(2);
    expect(nonces.map((nonce) => successor(held.key, nonce))).toContain(keyFile().key);
  });

  test("killed during a hook goes on from there with the same ticket", async () => {
    const held = await boot();
    addHook("10-first", "echo first >> $KEYTURN_KEY_FILE.ran");
    addHook("20-second", "echo second >> $KEYTURN_KEY_FILE.ran; [ -e $KEYTURN_KEY_FILE.go ] || sleep 60");
    const ran = () => readFileSync(join(folder, "state/key.json.ran"), "utf8");
    layTicketFor(held);
    const { child, ended } = agents.start(["turn"], environment);
    await vi.waitFor(() => expect(ran()).toBe("first\nsecond\n"), { timeout: 5_000, interval: 20 });
    child.kill("SIGTERM");
    expect(await ended).toMatchObject({ code: 1, stdout: "" });
    writeFileSync(join(folder, "state/key.json.go"), "");
    const { code, stdout } = await agents.run(["turn"], environment);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).receipt.hooks.map(({ outcome }: { outcome: string }) => outcome)).toEqual([
      "done",
      "done",
    ]);
    expect(ran()).toBe("first\nsecond\nsecond\n");
  });

  test.each([
    ["missing", () => rmSync(join(folder, "state/key.json")), /key\.json is missing\. .* by a rekey/],
    ["damaged", () => writeFileSync(join(folder, "state/key.json"), "{"), /key\.json is damaged .* by a rekey/],
  ])(
    "by a rekey gives a new key to an instance whose key file is %s, and its daemon goes on",
    async (_what, harm, why) => {
      const { id, ec2InstanceId } = await boot();
      harm();
      for (const command of ["run", "status"]) {
        const { code, stdout, stderr } = await agents.run([command], environment);
        expect({ code, said: stdout + stderr }).toEqual({ code: 1, said: expect.stringMatching(why) });
      }
      const ticket = { ...rekeyTicket(), id };
      const rekeys = new Rekeys(ticket);
      aws.registry.rekeys = rekeys;
      aws.tickets = [ticket];
      const turned = await agents.run(["turn"], environment);
      expect(turned).toMatchObject({ code: 0, stdout: `${JSON.stringify(rekeys.receipt())}\n` });
      expect(readdirSync(join(folder, "state"))).not.toContain("rekey.json");
      expect(aws.registry.requests.at(-1)).toMatchObject({ id, flag: "rekey", ip: "10.0.0.1", signed: true });
      aws.written.length = 0;
      expect(await boot()).toMatchObject({ id, ec2InstanceId, generation: 9, key: rekeys.key });
      expect(JSON.stringify(aws.written[0])).toContain('"Value":"9"');
      for (const secret of [ticket.nonce, rekeys.key ?? ""]) expect(agents.said).not.toContain(secret);
    },
  );

  test("by a rekey that somebody made up exits with 3, says what to do, and changes nothing", async () => {
    const held = await boot();
    aws.tickets = [{ ...rekeyTicket(), id: held.id }];
    const { code, stdout, stderr } = await agents.run(["turn"], environment);
    const refused = { id: held.id, generation: 9, reason: "REKEY_REFUSED" };
    expect({ code, answer: JSON.parse(stdout) }).toEqual({ code: 3, answer: { refused } });
    expect(stderr).toMatch(/The rekey is refused: no rekey stands .*"reason":"NO_REKEY"/);
    expect(stderr).toMatch(/^keyturn-agent: The registration function refused .* Nothing was changed\.$/m);
    expect(keyFile()).toEqual(held);
    expect(readdirSync(join(folder, "state"))).not.toContain("rekey.json");
  });

  test("that is refused exits with 3, says why, and changes nothing", async () => {
    const held = await boot();
    aws.tickets = [{ ...ticketFor(held), proof: "0".repeat(64) }];
    const { code, stdout, stderr } = await agents.run(["turn"], environment);
    const refused = { id: held.id, generation: 2, reason: "WRONG_PROOF" };
    expect({ code, stdout }).toEqual({ code: 3, stdout: `${JSON.stringify({ refused })}\n` });
    expect(stderr).toMatch(/^keyturn-agent: The ticket's proof does not fit .* Nothing was changed\.\n$/);
    expect(keyFile()).toEqual(held);
  });

  test.each([
    ["AccessDeniedException", "TICKET_DENIED", "its role needs the policy"],
    ["ThrottlingException", "TICKET_UNAVAILABLE", "turn again"],
  ])(
    "whose ticket AWS answers with %s exits with 3, says what to do, and changes nothing",
    async (error, reason, todo) => {
      const held = await boot();
      aws.ticketError = error;
      const { code, stdout, stderr } = await agents.run(["turn"], environment);
      expect({ code, answer: JSON.parse(stdout) }).toEqual({
        code: 3,
        answer: { refused: { id: held.id, generation: 2, reason } },
      });
      expect(stderr).toContain("The ticket cannot be fetched: It says why.");
      expect(stderr).toContain(todo);
      expect(keyFile()).toEqual(held);
    },
  );

  test("without a ticket says so, before the first turn", async () => {
    const held = await boot();
    const { code, stdout } = await agents.run(["turn"], environment);
    const refused = { id: held.id, generation: 2, reason: "NO_TICKET" };
    expect({ code, answer: JSON.parse(stdout) }).toEqual({ code: 3, answer: { refused } });
  });

  test("gives its receipt although no sample can be written", async () => {
    layTicketFor(await boot());
    aws.seriesDown = true;
    const { code, stderr } = await agents.run(["turn"], environment);
    expect(code).toBe(0);
    expect(stderr).toContain("no sample was written");
  });

  test("before the first boot is refused, and makes no state", async () => {
    const { code, stdout } = await agents.run(["turn"], environment);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '{"refused":{"reason":"NO_KEY"}}\n' });
    expect(aws.fetched).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
  });
});

test("status tells who it is and how it goes", async () => {
  const before = await agents.run(["status"], environment);
  expect(before).toMatchObject({ code: 0, stdout: expect.stringContaining("no identity yet") });
  const held = await boot();
  const { code, stdout } = await agents.run(["status"], environment);
  expect(code).toBe(0);
  expect(stdout).toContain(held.id);
  expect(stdout).toContain("generation 1");
  expect(stdout).toContain("with 10.0.0.1");
  expect(stdout).toContain(`${held.ec2InstanceId}, this host`);
  expect(stdout).toMatch(/^trouble +none$/m);
  chmodSync(join(folder, "state/key.json"), 0o644);
  const after = await agents.run(["status"], environment);
  expect(after).toMatchObject({ code: 1, stdout: expect.stringContaining("key.json has the mode 644") });
});

test("the command line answers for itself", async () => {
  expect(await agents.run(["--help"], {})).toMatchObject({
    code: 0,
    stderr: "",
    stdout: expect.stringContaining("Usage"),
  });
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  expect(await agents.run(["--version"], {})).toEqual({ code: 0, stderr: "", stdout: `${version}\n` });
  expect(await agents.run(["fly"], {})).toMatchObject({ code: 2, stderr: expect.stringContaining('no command "fly"') });
  expect(await agents.run(["turn", "--nonce", NONCE], {})).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("turn takes no arguments"),
  });
  expect(await agents.run(["run"], { KEYTURN_CONFIG: "/dev/null" })).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /REGISTRATION_URL is missing[\s\S]*TIMESTREAM_TABLE is missing[\s\S]*TICKET_TABLE is missing/,
    ),
  });
});

test("no process has said a key, in any form", async () => {
  addHook("10-fails", "exit 1");
  const held = await boot();
  layTicketFor(held);
  await agents.run(["turn"], environment);
  await agents.run(["status"], environment);
  for (const key of [held.key, keyFile().key]) {
    const traffic = JSON.stringify([aws.written, aws.registry.requests]);
    for (const form of [key, Buffer.from(key, "hex").toString("base64"), Buffer.from(key).toString("base64")]) {
      expect(agents.said).not.toContain(form);
      expect(traffic).not.toContain(form);
      expect(readFileSync(join(folder, "state/hooks.log"), "utf8")).not.toContain(form);
    }
  }
});

describe("on other networks", () => {
  /** Runs before the agent, and tells which hosts it looks for in place of finding them. */
  const noNames = `import dns from "node:dns"; dns.lookup = (host, ...more) => {
    process.stderr.write("looked for " + host + "\\n");
    more.at(-1)(Object.assign(new Error("nobody looks"), { code: "ENOTFOUND" }));
  };`;
  const preloaded = { NODE_OPTIONS: `--import ${new URL(`data:text/javascript,${encodeURIComponent(noNames)}`)}` };

  test.each([
    ["AWS_USE_DUALSTACK_ENDPOINT", "dynamodb.us-east-1.api.aws"],
    ["AWS_USE_FIPS_ENDPOINT", "dynamodb-fips.us-east-1.amazonaws.com"],
  ])("%s in the settings file leads a turn to AWS's %s", async (name, host) => {
    await boot();
    const { AWS_ENDPOINT_URL, ...real } = environment;
    writeFileSync(join(folder, "agent.conf"), `${name}=true\n`);
    const { code, stderr } = await agents.run(["turn"], {
      ...{ ...real, ...preloaded, KEYTURN_CONFIG: join(folder, "agent.conf") },
    });
    expect(stderr).toContain(`looked for ${host}\n`);
    expect(code).not.toBe(0);
  });

  test.each(["run", "turn"])("%s does not go by the files of whoever has it run", async (command) => {
    layTicketFor(await boot());
    aws.written.length = 0;
    mkdirSync(join(folder, ".aws"));
    writeFileSync(join(folder, ".aws/config"), "[default]\nuse_fips_endpoint = true\nuse_dualstack_endpoint = true\n");
    const { child, ended } = agents.start([command], { ...environment, HOME: folder });
    await vi.waitFor(() => expect(aws.written.length).toBeGreaterThan(0), { timeout: 5_000, interval: 20 });
    if (command === "run") child.kill("SIGTERM");
    expect(await ended).toMatchObject({ code: 0 });
  });

  test.each(["run", "turn"])("%s refuses settings that do not go together in a sentence", async (command) => {
    const { code, stderr } = await agents.run([command], { ...environment, AWS_USE_FIPS_ENDPOINT: "true" });
    expect(code).toBe(1);
    expect(stderr).toContain("AWS_USE_FIPS_ENDPOINT is about AWS's own endpoints, and AWS_ENDPOINT_URL names another");
  });

  test("an OpenSSL in FIPS mode, which refuses X25519, is told in a sentence", async () => {
    const fips = "import crypto from 'node:crypto'; crypto.setFips(true);";
    const { code, stderr } = await agents.run(["run"], {
      ...environment,
      NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(fips)}`,
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^keyturn-agent: No key can be agreed here: this system's OpenSSL refuses X25519/m);
    expect(readdirSync(join(folder, "state"))).not.toContain("identity.json");
    expect(aws.registry.requests).toEqual([]);
  });
});
