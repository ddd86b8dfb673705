import { createPrivateKey, createPublicKey, diffieHellman } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ListCommandInvocationsCommand, ListCommandsCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RekeyFile } from "../../agent/state/rekey-file.ts";
import { FLOWS } from "../../infra/wiring.ts";
import { flowArn } from "../../local/roles.ts";
import { envOf, keyturn } from "../operator/keyturn.ts";
import { allAnswers } from "../page/all-answers.ts";
import { keyFolder, startTestFleet, type TestFleet } from "./support.ts";

let fleet: TestFleet;
/** What went over the wire, one text a message: the operation, then the bytes. */
const traffic: { operation: string; bytes: string }[] = [];
/** Those that agents drew for a rekey, as they lay on their disks while its key was agreed. */
const privateKeys = new Set<string>();

beforeAll(async () => {
  fleet = await startTestFleet(2, {
    onTraffic: ({ operation, request, response }) => {
      const text = (body: Buffer | string | undefined) => Buffer.from(body ?? "").toString("latin1");
      traffic.push({ operation, bytes: `${request.url}\n${text(request.body)}\n${text(response?.body)}` });
      // The key is sealed while the agent waits for the answer.
      if (operation === "Encrypt") notePrivateKeys();
    },
  });
});
afterAll(() => fleet.close());

function notePrivateKeys(): void {
  for (const { id } of fleet?.aws.instances.list() ?? []) {
    const path = join(keyFolder(fleet.aws, id), "rekey.json");
    if (!existsSync(path)) continue;
    const { pairs }: RekeyFile = JSON.parse(readFileSync(path, "utf8"));
    for (const { privateKey } of pairs) privateKeys.add(privateKey);
  }
}

/** What X25519 makes of one's own private and the other side's public key, each of 64 hexadecimal characters. */
function sharedSecret(ownPrivate: string, otherPublic: string): string {
  const der = (head: string, raw: string) => Buffer.from(head + raw, "hex");
  const privateKey = createPrivateKey({
    key: der("302e020100300506032b656e04220420", ownPrivate),
    format: "der",
    type: "pkcs8",
  });
  const publicKey = createPublicKey({ key: der("302a300506032b656e032100", otherPublic), format: "der", type: "spki" });
  return diffieHellman({ privateKey, publicKey }).toString("hex");
}

/** A key as it may stand somewhere: its text, its bytes, and either in base64, at any alignment. */
function formsOf(key: string): string[] {
  const bytes = Buffer.from(key, "hex");
  const base64 = [Buffer.from(key), bytes].flatMap((content) =>
    [0, 1, 2].map((offset) => {
      const padded = Buffer.concat([Buffer.alloc(offset), content]).toString("base64");
      // The characters at both ends depend on what stands before and behind.
      return padded.slice(offset === 0 ? 0 : 4, -4);
    }),
  );
  return [key, key.toUpperCase(), bytes.toString("latin1"), ...base64];
}

/** Every file below a folder, with what is in it; without those that are gone again before they can be read. */
function filesBelow(folder: string): { name: string; content: string }[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.flatMap((file) => {
    try {
      return { name: file.name, content: readFileSync(join(file.parentPath, file.name), "latin1") };
    } catch (error) {
      // The agents are at work: they write a file beside the one that it then replaces.
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
      throw error;
    }
  });
}

test("a key is nowhere but in its instance's key file, also that of a rekey; a nonce nowhere that people may read", async () => {
  const keys: string[] = [];
  const nonces: string[] = [];
  const [record, other] = await fleet.records();
  if (record === undefined || other === undefined) throw new Error("two instances should have registered");
  for (const ec2InstanceId of [record.ec2InstanceId, other.ec2InstanceId]) keys.push(fleet.keyFile(ec2InstanceId).key);
  for (let turn = 0; turn < 2; turn += 1) {
    const execution = await fleet.rotate(record.id);
    expect(execution.status).toBe("SUCCEEDED");
    keys.push(fleet.keyFile(record.ec2InstanceId).key);
    nonces.push((await fleet.record(record.id)).current.nonce);
    // Histories through the API too, whatever form they are stored in.
    traffic.push({ operation: "history", bytes: JSON.stringify(await fleet.history(execution.executionArn ?? "")) });
  }
  const rekeyed = await fleet.ended(await fleet.start({ act: "rekey", id: record.id }, "operate"));
  expect(JSON.parse(rekeyed.output ?? "{}")).toEqual({ outcome: "REKEYED", id: record.id, generation: 4 });
  keys.push(fleet.keyFile(record.ec2InstanceId).key);
  const { current, serverPublic } = await fleet.record(record.id);
  for (const { name } of FLOWS) {
    // Those of the registrations' Express executions as well, which people read as a log.
    for (const execution of fleet.aws.executions.list(flowArn(name), 100)) {
      const written = [execution, fleet.aws.executions.history(execution.arn)];
      traffic.push({ operation: "history", bytes: JSON.stringify(written) });
    }
  }
  const { endpoint, region, credentials } = fleet.aws;
  const ssm = new SSMClient({ endpoint, region, credentials });
  const invocations = await ssm.send(new ListCommandInvocationsCommand({ Details: true }));
  const commands = await ssm.send(new ListCommandsCommand({}));
  expect(commands.Commands?.length).toBeGreaterThan(0);
  traffic.push({ operation: "commands", bytes: JSON.stringify([invocations, commands]) });
  for (const mail of fleet.aws.inbox.list()) traffic.push({ operation: "mail", bytes: mail.raw });

  // By somebody who may everything, so that no right keeps a secret from the screen.
  for (const typed of [
    "fleet --all",
    `show ${record.id}`,
    "findings --ended",
    "secrets",
    `audit ${record.id}`,
    "report",
  ]) {
    for (const json of [[], ["--json"]]) {
      const { code, out, err } = await keyturn([...typed.split(" "), ...json], { env: envOf(fleet) });
      expect(code, `${typed}: ${err}`).toBe(0);
      if (typed.includes(record.id)) expect(out).toContain(record.id);
      traffic.push({ operation: "screen", bytes: out + err });
    }
  }

  // Of nobody, so that no key turns once more.
  const run = await fleet.ended(await fleet.start({ ids: ["ffffff"] }, "fleet-rotation"));
  const { said, secrets: ofPage } = await allAnswers(fleet, {
    ...{ ID: record.id, HOST: record.ec2InstanceId, SECRET: "orders/db" },
    ...{ EXECUTION: rekeyed.executionArn ?? "", RUN: run.executionArn ?? "" },
  });
  // There is no credential here, and mail is kept as files by npm start alone.
  const lacking = ["/api/life/orders%2Fdb", "/api/mails/1", "/api/nothing"];
  expect(said.filter(({ status }) => status !== 200).map(({ path }) => path)).toEqual(lacking);
  expect(said.find(({ path }) => path === "/api/live")?.text).toContain(record.id);
  for (const { text } of said) traffic.push({ operation: "page", bytes: text });
  expect(said.filter(({ text }) => ofPage.some((secret) => text.includes(secret)))).toEqual([]);

  const holding = (secrets: string[]) => {
    const marks = secrets.flatMap(formsOf);
    const holds = (text: string) => marks.some((mark) => text.includes(mark));
    return new Set(traffic.filter(({ bytes }) => holds(bytes)).map(({ operation }) => operation));
  };
  const marks = keys.flatMap(formsOf);
  const holds = (text: string) => marks.some((mark) => text.includes(mark));

  const inFiles = filesBelow(fleet.folder).filter(({ content }) => holds(content));
  expect(inFiles.map(({ name }) => name)).toEqual(["key.json", "key.json"]);

  // Sealing and unsealing is what KMS is for; both go to nobody else.
  expect([...holding(keys)].sort()).toEqual(["Decrypt", "Encrypt"]);
  // Computed by KMS, and then in the record and in the ticket: in no command, history, event, mail or log.
  expect(nonces.filter((nonce) => /^[0-9a-f]{64}$/.test(nonce))).toHaveLength(2);
  expect([...holding(nonces)].sort()).toEqual(["GenerateMac", "GetItem", "PutItem", "UpdateItem"]);

  // The agent shows by the nonce of a rekey that it was asked, and is told no more than the other side's public key.
  expect(current.nonce).toMatch(/^[0-9a-f]{64}$/);
  const others = ["GenerateMac", "GetItem", "PutItem", "UpdateItem"];
  expect([...holding([current.nonce])].sort()).toEqual([...others, "InvokeFunctionUrl"].sort());
  expect(privateKeys.size).toBe(1);
  const [ownPrivate = ""] = privateKeys;
  const secrets = [ownPrivate, sharedSecret(ownPrivate, serverPublic)];
  expect([...holding(secrets)]).toEqual([]);
  // The page, the screen, and everybody else: the ciphertext of a key goes to KMS and the record alone.
  const { ciphertext } = current;
  expect(ciphertext.length).toBeGreaterThan(40);
  expect(said.filter(({ text }) => text.includes(ciphertext)).map(({ path }) => path)).toEqual([]);
  const left = filesBelow(fleet.folder).filter(({ content }) => secrets.some((secret) => content.includes(secret)));
  expect(left).toEqual([]);
});
