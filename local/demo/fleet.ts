import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  EC2Client,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { TimestreamQueryClient } from "@aws-sdk/client-timestream-query";
import { DynamoDBDocumentClient, paginateScan } from "@aws-sdk/lib-dynamodb";
import { dynamoAudit } from "../../functions/clients/audit.dynamodb.ts";
import type { Audit } from "../../functions/clients/audit.ts";
import { dynamoFindings } from "../../functions/clients/findings.dynamodb.ts";
import type { Findings } from "../../functions/clients/findings.ts";
import { timestreamSeries } from "../../functions/clients/time-series.timestream.ts";
import { stands } from "../../functions/findings/finding.ts";
import { type InstanceRecord, isRetired, type StoredRecord } from "../../functions/record/record.ts";
import { NAMES } from "../../infra/wiring.ts";
import { isInstanceId } from "../../protocol/index.ts";
import type { DemoAccount } from "./account.ts";
import { until } from "./until.ts";

/** The fleet's instances and what is known of them, as its operator sees and moves them: through AWS's APIs only. */
export class DemoFleet {
  readonly #ec2: EC2Client;
  readonly #dynamodb: DynamoDBDocumentClient;
  readonly #findings: Findings;
  readonly #audit: Audit;
  readonly #timestream: TimestreamQueryClient;
  readonly #signal: AbortSignal;

  /** @param signal ends every wait */
  constructor({ region, credentials }: Pick<DemoAccount, "region" | "credentials">, signal: AbortSignal) {
    this.#ec2 = new EC2Client({ region, credentials });
    const dynamodb = new DynamoDBClient({ region, credentials });
    this.#dynamodb = DynamoDBDocumentClient.from(dynamodb);
    this.#findings = dynamoFindings(dynamodb, NAMES.findingTable);
    this.#audit = dynamoAudit(dynamodb, NAMES.auditTable);
    this.#timestream = new TimestreamQueryClient({ region, credentials });
    this.#signal = signal;
  }

  async launch(count: number): Promise<void> {
    await this.#ec2.send(new RunInstancesCommand({ MinCount: count, MaxCount: count }));
  }

  async stop(ec2InstanceId: string): Promise<void> {
    await this.#ec2.send(new StopInstancesCommand({ InstanceIds: [ec2InstanceId] }));
  }

  async start(ec2InstanceId: string): Promise<void> {
    await this.#ec2.send(new StartInstancesCommand({ InstanceIds: [ec2InstanceId] }));
  }

  async terminate(ec2InstanceId: string): Promise<void> {
    await this.#ec2.send(new TerminateInstancesCommand({ InstanceIds: [ec2InstanceId] }));
  }

  /** Every record, tombstones too. The table also counts refused registrations, under keys that are no instance IDs. */
  async records(): Promise<StoredRecord[]> {
    const records: StoredRecord[] = [];
    const pages = paginateScan({ client: this.#dynamodb }, { TableName: NAMES.instanceTable, ConsistentRead: true });
    for await (const page of pages) records.push(...((page.Items ?? []) as StoredRecord[]));
    return records.filter(({ id }) => isInstanceId(id));
  }

  async find(id: string): Promise<StoredRecord> {
    const record = (await this.records()).find((one) => one.id === id);
    if (record === undefined) throw new Error(`there is no record of ${id}`);
    return record;
  }

  /** @throws Error when the instance is retired */
  async record(id: string): Promise<InstanceRecord> {
    const record = await this.find(id);
    if (isRetired(record)) throw new Error(`${id} is retired`);
    return record;
  }

  /** The causes of what people were told of an instance, and is not over. */
  async causesOf(id: string): Promise<string[]> {
    const { findings } = await this.#findings.listOpen();
    return findings.filter((finding) => finding.subject === id && stands(finding)).map(({ cause }) => cause);
  }

  /** The acts of a subject's audit lines, in their order. */
  async actsOn(subject: string): Promise<string[]> {
    return (await this.#audit.lines(subject)).lines.map(({ act }) => act);
  }

  /** When the newest sample of an instance was written, in milliseconds since 1970; undefined if there is none. */
  async lastSampleAt({ id, ec2InstanceId }: { id: string; ec2InstanceId: string }): Promise<number | undefined> {
    const place = { database: NAMES.timestreamDatabase, table: NAMES.timestreamTable };
    const series = timestreamSeries(this.#timestream, place);
    const [newest] = await series.read({ id, ec2InstanceId, from: 0, to: Date.now() + 60_000, limit: 1 });
    return newest?.timeMs;
  }

  /** Waits for a sample that was written after a moment (milliseconds since 1970). */
  async sampleAfter(record: { id: string; ec2InstanceId: string }, moment: number): Promise<void> {
    const isThere = async () => ((await this.lastSampleAt(record)) ?? 0) > moment;
    await until(isThere, `a sample of ${record.id}`, this.#signal);
  }

  close(): void {
    this.#ec2.destroy();
    this.#dynamodb.destroy();
    this.#timestream.destroy();
  }
}
