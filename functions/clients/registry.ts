import type { Verdict } from "../../protocol/index.ts";
import type { DueLine, KnownHead } from "../record/audit.ts";
import type { Owner } from "../record/owner.ts";
import type {
  AgreedKey,
  Audited,
  InstanceRecord,
  PendingKey,
  Push,
  Rekey,
  SealedKey,
  StoredRecord,
} from "../record/record.ts";

/** An instance whose key is to be turned. */
export interface Due {
  id: string;
  dueAt: number;
  status: "ACTIVE" | "NEW";
}

/** Which of a record's keys an instance is to turn to: the one of that generation that is pending, or the rekey's. */
export interface Aim {
  generation: number;
  rekey?: boolean | undefined;
}

/** What a push needs to know of its aim. */
export type Aimed = Pick<PendingKey, "nonce" | "pushes"> & Partial<Pick<PendingKey, "ticketProof">>;

/** What a promotion found, and what the record holds of the audit now. */
export type Promoted = {
  /** What executions waited for a receipt, by their names. */
  pushes: Record<string, Push>;
} & Audited;

/** What a promotion writes. */
export interface Promotion {
  generation: number;
  receiptDigest: string;
  /** The execution's name. */
  execution: string;
  at: number;
  dueAt: number;
  line: DueLine;
}

/**
 * The registry of instances, in the words of the steps. Reads of one record are consistent. Every write is one
 * conditional write, says whether it took place, and never touches a retired record: two that race leave what one of
 * them wrote, never a mixture. While an instance is in quarantine, nothing about its keys is written. The write of an act
 * notes in the record which line of the audit is due.
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

  /**
   * Notes the IP that the owner registers with, and the version that its agent says, or that it says none; a stopped instance
   * that registers is active again, a new one stays so.
   */
  updateIp(
    id: string,
    change: { ec2InstanceId: string; ip: string; agentVersion?: string | undefined; at: number },
  ): Promise<boolean>;

  /**
   * Writes the successor beside the current key, if the current one is of the generation before, none is there and no rekey
   * stands; and the verdict after which it was derived, as one that was judged when the newest proof was written: what was
   * found after that stands.
   */
  setPending(id: string, change: { pending: PendingKey; verdict: string; lastProofAt: number }): Promise<boolean>;

  /**
   * Stores what an execution waits for, on the key that its instance is to turn to, unless a later try has done so. On a
   * pending key only while no rekey stands.
   *
   * @param change with the execution's name
   * @returns that key with it; undefined if there is none, or the instance is in quarantine
   */
  setPush(id: string, change: Aim & { execution: string; push: Push }): Promise<Aimed | undefined>;

  /** Forgets what executions waited for, on the key that the instance is to turn to. */
  forgetPushes(id: string, change: Aim & { executions: string[] }): Promise<boolean>;

  /**
   * Makes the pending key of that generation and receipt the current one. A rekey that stands goes on standing.
   *
   * @returns undefined if no such key is pending, or the instance is in quarantine
   */
  promote(id: string, change: Promotion): Promise<Promoted | undefined>;

  /**
   * Opens a rekey beside the keys that are there: of a generation above theirs, and in the place of none, or of the one that
   * is replaced. The instance is due from then on. Not for one that is new.
   *
   * @param change.rekey with no pushes
   * @param change.replaces the generation of the rekey whose place it takes, where one stands. Who waits for the receipt of
   *   that one goes on waiting, and is told with the promotion of this one that it has come too late
   */
  openRekey(id: string, change: { rekey: Rekey; replaces?: number | undefined; line: DueLine }): Promise<boolean>;

  /**
   * Keeps the key that was agreed by a rekey, if that stands with just this generation and nonce in that EC2 instance's
   * record, and none was agreed yet.
   */
  agreeRekey(
    id: string,
    change: { ec2InstanceId: string; generation: number; nonce: string; agreed: AgreedKey },
  ): Promise<boolean>;

  /**
   * Makes the agreed key of the rekey of that generation and receipt the current one, with its public keys; a pending key
   * is gone then.
   *
   * @returns with what executions waited for that receipt, which stays beside the key, or for the pending key's, which does
   *   not; undefined if no such rekey stands, none was agreed by it, or the instance is in quarantine
   */
  promoteRekey(id: string, change: Promotion): Promise<Promoted | undefined>;

  /**
   * Makes a later key of its lineage the current one, which its samples prove: the record was behind. A pending key is gone
   * then. Not while a rekey stands.
   *
   * @param change.from the generation that the record holds
   */
  bringForward(id: string, change: { from: number; key: SealedKey; at: number; line: DueLine }): Promise<boolean>;

  /** Notes that an instance is waited for: since `at`, or since longer; and when to try again. */
  noteWaiting(id: string, change: { generation: number; at: number; dueAt: number }): Promise<boolean>;

  /**
   * Notes that the key of that generation could not be turned: since `at`, or since longer; and when to try again. Once for
   * an execution, as long as no other's failure comes in between.
   *
   * @param change with the execution's name
   */
  noteFailed(
    id: string,
    change: { generation: number; execution: string; at: number; dueAt: number; verdict?: Verdict; line: DueLine },
  ): Promise<boolean>;

  /**
   * Notes what the watch has found of the key of that generation: the proofs, and when they were judged.
   *
   * @param change.isSettled whether no execution can wait any more for that key's receipt: what did is forgotten, as the
   *   record is written, and paid for, with each look that judges it
   */
  noteJudged(
    id: string,
    change: {
      generation: number;
      verdict: Verdict;
      at: number;
      lastProofAt?: number | undefined;
      isSettled?: boolean;
    },
  ): Promise<boolean>;

  /** Nothing about its keys is written from now on, until it is released. */
  quarantine(id: string, change: { line: DueLine }): Promise<boolean>;

  /** It is again what it was before its quarantine. */
  release(id: string, change: { line: DueLine }): Promise<boolean>;

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
   * Leaves a tombstone, with what is known and due of the audit, if the record is still that EC2 instance's; where
   * `absentSince` is given, only if it is noted so still. All else is erased, the key material first of all: what this
   * version of the program does not know by a second write.
   */
  retire(
    id: string,
    change: { ec2InstanceId: string; at: number; absentSince?: number; line: DueLine },
  ): Promise<boolean>;

  /**
   * Notes that the lines which were due first are put, also in a tombstone.
   *
   * @param change.known the head as it was read
   * @param change.head the last line that is put now
   * @param change.put how many of those that are due
   */
  noteAudited(id: string, change: { known: KnownHead | undefined; head: KnownHead; put: number }): Promise<boolean>;

  /**
   * The records, and the tombstones, in no order, a page at a time: about so many, and each once. Read as they lie there,
   * so that what was written a moment ago may be missing, or be given as it was before.
   *
   * @param page.after what the page before gave as `next`
   */
  listPage(page: { limit: number; after?: string | undefined }): Promise<{ records: StoredRecord[]; next?: string }>;

  /** The active instances that are due, the longest due first, and after them the new ones, a page at a time. Through an index. */
  listDue(page: { at: number; limit: number; after?: string | undefined }): Promise<{ due: Due[]; next?: string }>;
}
