import type { Owner } from "../record/owner.ts";
import type { Alert, InstanceRecord, PendingKey, Push, StoredRecord } from "../record/record.ts";

/** Why a registration did not take place: it was refused, or something of ours failed. */
export type NotRegistered = "refused" | "failed";

/** An instance whose key is to be turned. */
export interface Due {
  id: string;
  dueAt: number;
  status: "ACTIVE" | "NEW";
}

/**
 * The registry of instances, in the words of the steps. Reads of one record are consistent. Every write is one
 * conditional write, says whether it took place, and never touches a retired record: two that race leave what one of
 * them wrote, never a mixture. While an instance is in quarantine, nothing about its keys is written.
 */
export interface Registry {
  find(id: string): Promise<StoredRecord | undefined>;

  /** The live records of an EC2 instance. Found by an index, so one that was added a moment ago may be missing. */
  findByEc2Instance(ec2InstanceId: string): Promise<InstanceRecord[]>;

  /** The item of an EC2 instance, read consistently; undefined if there is none. */
  findOwner(ec2InstanceId: string): Promise<Owner | undefined>;

  /**
   * Writes the item of an EC2 instance, if it stands still as it was read.
   *
   * @param before as it was read; undefined if there was none
   * @returns as it stands now; undefined if another write has come between
   */
  writeOwner(
    ec2InstanceId: string,
    owner: Omit<Owner, "version">,
    before: Owner | undefined,
  ): Promise<Owner | undefined>;

  /** Notes in the item of an EC2 instance, which there need not be, that the host is terminated; gives all of it. */
  noteEnded(ec2InstanceId: string, change: { at: number }): Promise<Owner>;

  /** Adds a record, if its ID was never used. */
  add(record: InstanceRecord): Promise<boolean>;

  /** A new record is active from now on; due at `dueAt`, or when it was. */
  activate(id: string, change: { ec2InstanceId: string; dueAt?: number }): Promise<boolean>;

  /** Notes the IP that the owner registers with; a stopped instance that registers is active again, a new one stays so. */
  updateIp(id: string, change: { ec2InstanceId: string; ip: string; at: number }): Promise<boolean>;

  /** Writes the successor beside the current key, if the current one is of the generation before and none is there. */
  setPending(id: string, change: { pending: PendingKey; verdict: string; lastProofAt: number }): Promise<boolean>;

  /**
   * Stores what an execution waits for, on the pending key of that generation, unless a later try has done so.
   *
   * @param change with the execution's name
   * @returns the pending key with it; undefined if no such key is pending, or the instance is in quarantine
   */
  setPush(id: string, change: { generation: number; execution: string; push: Push }): Promise<PendingKey | undefined>;

  /** Forgets what executions waited for, on the pending key of that generation. */
  forgetPushes(id: string, change: { generation: number; executions: string[] }): Promise<boolean>;

  /**
   * Makes the pending key of that generation and receipt the current one, and ends what was alerted unless it is kept.
   *
   * @returns what executions waited for its receipt; undefined if no such key is pending, or the instance is in quarantine
   */
  promote(
    id: string,
    change: {
      generation: number;
      receiptDigest: string;
      execution: string;
      at: number;
      dueAt: number;
      keepAlert: boolean;
    },
  ): Promise<Record<string, Push> | undefined>;

  /** Notes that an instance is waited for: since `at`, or since longer; and when to try again. */
  noteWaiting(id: string, change: { generation: number; at: number; dueAt: number }): Promise<boolean>;

  /** Notes what a person was told, or is to be told, about the instance at that generation, and when to try again. */
  setAlert(id: string, change: { generation: number; alert: Alert; dueAt: number }): Promise<boolean>;

  /** Notes that people were mailed about the alert that stands since that moment; false if it no longer stands. */
  noteAlertMailed(id: string, change: { since: number; at: number }): Promise<boolean>;

  /** An active instance's host has stopped. */
  stop(id: string, change: { ec2InstanceId: string }): Promise<boolean>;

  /** A stopped instance's host has started. */
  start(id: string, change: { ec2InstanceId: string; at: number }): Promise<boolean>;

  /** EC2 said that it knows no such host: gives since when it has, and how often; undefined if the record is another's. */
  noteAbsent(
    id: string,
    change: { ec2InstanceId: string; at: number },
  ): Promise<{ since: number; looks: number } | undefined>;

  /** EC2 knows the host after all. */
  notePresent(id: string, change: { ec2InstanceId: string }): Promise<boolean>;

  /**
   * Erases the key material and leaves a tombstone, if the record is still that EC2 instance's; where `absentSince` is
   * given, only if it is noted so still.
   */
  retire(id: string, change: { ec2InstanceId: string; at: number; absentSince?: number }): Promise<boolean>;

  /**
   * Counts a registration of a caller that was refused, or that failed.
   *
   * @returns when people were last mailed about this caller, in milliseconds since 1970; undefined if never
   */
  countNotRegistered(registration: {
    kind: NotRegistered;
    ec2InstanceId: string;
    id: string;
    reason: string;
    at: number;
  }): Promise<number | undefined>;

  /** Notes that people were mailed about such registrations of a caller. */
  noteNotRegisteredMailed(mailed: { kind: NotRegistered; ec2InstanceId: string; at: number }): Promise<void>;

  /** The active instances that are due, the longest due first, and after them the new ones, a page at a time. Through an index. */
  listDue(page: { at: number; limit: number; after?: string | undefined }): Promise<{ due: Due[]; next?: string }>;

  /** Instances about which something stands alerted. Found by an index, so a new alert may be missing. */
  listAlerted(): Promise<InstanceRecord[]>;
}
