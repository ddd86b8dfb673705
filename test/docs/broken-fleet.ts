import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { DynamoDBDocumentClient, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { expect, vi } from "vitest";
import { systemClock } from "../../agent/clock.ts";
import { fileLock } from "../../agent/state/lock.ts";
import { dynamoFindings } from "../../functions/clients/findings.dynamodb.ts";
import type { Findings } from "../../functions/clients/findings.ts";
import { stands } from "../../functions/findings/finding.ts";
import type { InstanceRecord } from "../../functions/record/record.ts";
import { NAMES } from "../../infra/wiring.ts";
import { liveArn } from "../../local/roles.ts";
import { type Desk, type FleetConfig, SOON } from "./desk.ts";

/** An instance of `npm start`, by the folder that is its disk. */
export interface Host {
  id: string;
  ec2InstanceId: string;
  disk: string;
}

/** Tells of something that is mended already, and is over after a day. */
const TOLD_ONLY = "BroughtForward";
const A_LOOK = { ...SOON, interval: 500 };

/**
 * What happens to an instance of `npm start` before somebody opens the runbook, by the section that is about it, and whether
 * all is well again afterwards. Each break is over when people are told of it.
 */
export class BrokenFleet {
  readonly breaks: Readonly<Record<string, () => Promise<void>>> = {
    "A key has leaked or is lost": () => this.#alterKey(),
    "A disk was restored": () => this.#restoreDisk(),
    "The record table was restored": () => this.#restoreRecords(),
    "Credentials were stolen": () => this.#answerAsThief(),
  };
  readonly #desk: Desk;
  readonly #host: Host;
  readonly #otherId: string;
  readonly #dynamodb: DynamoDBClient;
  readonly #documents: DynamoDBDocumentClient;
  readonly #findings: Findings;
  readonly #sfn: SFNClient;
  /** As they were before anything was broken: backups. */
  #key = "";
  #records: Record<string, unknown>[] = [];

  /**
   * @param host the one that the runbook's examples are typed for
   * @param otherId of another one in the fleet
   */
  constructor(desk: Desk, host: Host, otherId: string, config: FleetConfig) {
    [this.#desk, this.#host, this.#otherId] = [desk, host, otherId];
    this.#dynamodb = new DynamoDBClient(config);
    this.#documents = DynamoDBDocumentClient.from(this.#dynamodb);
    this.#findings = dynamoFindings(this.#dynamodb, NAMES.findingTable);
    this.#sfn = new SFNClient(config);
  }

  /** Waits until nothing is wrong any more with the instance, which is the one that it was, and holds its record's key. */
  async healed(): Promise<void> {
    const { id, ec2InstanceId } = this.#host;
    await vi.waitFor(async () => {
      expect((await this.#standing()).filter((cause) => cause !== TOLD_ONLY)).toEqual([]);
      const file = JSON.parse(readFileSync(this.#keyFile, "utf8"));
      const { status, current, rekey } = (await this.#read(id)) as unknown as InstanceRecord;
      expect({ file: [file.id, file.ec2InstanceId, file.generation], status, rekey }).toEqual({
        file: [id, ec2InstanceId, current.generation],
        status: "ACTIVE",
        rekey: undefined,
      });
    }, A_LOOK);
  }

  /** Somebody writes another key into the key file; before, a backup is made of everything. */
  async #alterKey(): Promise<void> {
    this.#key = readFileSync(this.#keyFile, "utf8");
    this.#records = [await this.#read(this.#host.id), await this.#read(this.#otherId)];
    await this.#writeUntilMismatch(() =>
      readFileSync(this.#keyFile, "utf8").replace(/"key":"......../, '"key":"00000000'),
    );
  }

  /** The key file of the backup, from before a rekey and some turns. */
  #restoreDisk(): Promise<void> {
    return this.#writeUntilMismatch(() => this.#key);
  }

  /** The records of the backup. One instance has turned its key since; the other was rekeyed, so that nothing leads there. */
  async #restoreRecords(): Promise<void> {
    for (const Item of this.#records) {
      await this.#documents.send(new PutCommand({ TableName: NAMES.instanceTable, Item }));
    }
    await vi.waitFor(async () => {
      expect(await this.#standing(this.#host.id)).toContain("RecordBehind");
      expect(await this.#standing(this.#otherId)).toContain(TOLD_ONLY);
    }, A_LOOK);
  }

  /** A rekey is opened while somebody else has the instance's credentials, and he answers its ticket first. */
  async #answerAsThief(): Promise<void> {
    const { id, disk } = this.#host;
    const place = join(this.#desk.folder, disk);
    const thief = `${disk}/thief`;
    // He has no key, but knows whose credentials they are, and so what the instance itself would ask.
    cpSync(join(place, "state/identity.json"), join(place, "thief/identity.json"));
    const asked = new StartExecutionCommand({
      stateMachineArn: liveArn("operate"),
      input: JSON.stringify({ act: "rekey", id }),
    });
    // What the agent is told to do waits for its key file meanwhile.
    const lock = fileLock(join(place, "state/key.lock"), SOON.timeout, systemClock);
    const executionArn = await lock.hold(async () => {
      const { executionArn } = await this.#sfn.send(asked);
      const turn = `sed 's|${disk}/state|${thief}|' ${disk}/bin/keyturn-agent | sh -s turn`;
      await vi.waitFor(async () => expect((await this.#desk.type(turn)).said).toContain('"receipt"'), A_LOOK);
      return executionArn;
    });
    rmSync(join(place, "thief"), { recursive: true });
    await vi.waitFor(async () => {
      const { status, error } = await this.#sfn.send(new DescribeExecutionCommand({ executionArn }));
      expect({ status, error }).toEqual({ status: "FAILED", error: "Keyturn.NotRekeyed" });
      expect(await this.#standing()).toContain("REKEY_TAKEN");
    }, A_LOOK);
  }

  /** The causes of what people were told about an instance, or its host, and is not over. */
  async #standing(id = this.#host.id): Promise<string[]> {
    const { findings } = await this.#findings.listOpen();
    const about = (finding: (typeof findings)[number]) =>
      finding.subject === id || (id === this.#host.id && finding.subject === this.#host.ec2InstanceId);
    return findings.filter((finding) => about(finding) && stands(finding)).map(({ cause }) => cause);
  }

  /** Writes the key file, and once more where a turn that was under way has written it after that. */
  async #writeUntilMismatch(text: () => string): Promise<void> {
    await vi.waitFor(
      async () => {
        writeFileSync(this.#keyFile, text());
        expect(await this.#standing()).toContain("MISMATCH");
      },
      { ...SOON, interval: 2_000 },
    );
  }

  async #read(id: string): Promise<Record<string, unknown>> {
    const get = new GetCommand({ TableName: NAMES.instanceTable, Key: { id }, ConsistentRead: true });
    const { Item } = await this.#documents.send(get);
    if (Item === undefined) throw new Error(`there is no record of ${id}`);
    return Item;
  }

  get #keyFile(): string {
    return join(this.#desk.folder, this.#host.disk, "state/key.json");
  }

  close(): void {
    this.#dynamodb.destroy();
    this.#sfn.destroy();
  }
}
