import type { DueLine, KnownHead } from "./audit.ts";

/**
 * What became of an instance, as far as turning its key goes. `NEW` is one whose registration is not finished, or that waits
 * beside a former record of its EC2 instance until that has fallen silent.
 */
export type Status = "NEW" | "ACTIVE" | "STOPPED" | "QUARANTINED" | "RETIRED";

/** A key of an instance, as the record holds it: encrypted, and never in the clear. */
export interface SealedKey {
  /** Counted from 1. */
  generation: number;
  /** The nonce that it was derived with; empty for the first key, and for all without nonces. */
  nonce: string;
  /** Base64. Encrypted under the KMS key with the context {id, ec2InstanceId, generation}. */
  ciphertext: string;
}

/** What an execution waits for: the end of its push. */
export interface Push {
  /** Step Functions' task token: whoever returns it ends the push. */
  taskToken: string;
  /** Milliseconds since 1970. */
  sentAt: number;
}

/** A successor that is on its way to its instance, and what it takes to get it there. */
export interface PendingKey extends SealedKey {
  /** The proof of the ticket that leads to it. */
  ticketProof: string;
  /** `digestOf` of the receipt that only who holds this key can give. */
  receiptDigest: string;
  /** What executions wait for its receipt, by their names. */
  pushes: Record<string, Push>;
}

/** What agent and control plane have agreed by a rekey. */
export interface AgreedKey {
  /** Base64. Encrypted under the KMS key with the context {id, ec2InstanceId, generation}. */
  ciphertext: string;
  /** The X25519 public keys of both sides. */
  agentPublic: string;
  serverPublic: string;
  /** `digestOf` of the receipt that only who holds this key can give. */
  receiptDigest: string;
}

/**
 * A rekey that stands: the instance is to agree a new key, of which nothing follows from any key before. It lies beside the
 * current and the pending key until the receipt has come that proves it.
 */
export interface Rekey {
  /** Above every generation that the record or the instance has seen. */
  generation: number;
  /** By which the instance shows that it was asked: 64 hexadecimal characters. */
  nonce: string;
  openedAt: number;
  /** The name of the execution that opened it. */
  execution: string;
  /** From the moment at which somebody with the instance's credentials has answered. */
  agreed?: AgreedKey;
  /** What executions wait for its receipt, by their names. */
  pushes: Record<string, Push>;
}

/** What a record and a tombstone hold of the audit: the last line that is known of, and those that are due, oldest first. */
export interface Audited {
  auditHead?: KnownHead;
  auditDue?: DueLine[];
}

/** The registry's item for an instance. All times are milliseconds since 1970. */
export interface InstanceRecord extends Audited {
  id: string;
  ec2InstanceId: string;
  ip: string;
  status: Status;
  /**
   * Since when it is, and the name of the execution that made it so, which the first key has not; and what executions
   * waited for its receipt, until the next key is derived.
   */
  current: SealedKey & { since: number; execution?: string; pushes?: Record<string, Push> };
  /** From the moment it is derived until it is promoted. */
  pending?: PendingKey;
  /** From the moment a person asks for it until its receipt has come. */
  rekey?: Rekey;
  /** When it was rekeyed last. */
  rekeyedAt?: number;
  agentPublic: string;
  serverPublic: string;
  /** The version that its agent said when it registered last, such as `0.2.0`; missing where it said none, as 0.1.0 does. */
  agentVersion?: string;
  registeredAt: number;
  /** What it was before it was put in quarantine; there only while it is. */
  statusBefore?: Status;
  /** When it last registered, which it does whenever it starts. */
  startedAt: number;
  /** When its key is to be turned next. */
  dueAt: number;
  /** What was found last, and when its proofs were last judged by the watch. */
  verdict?: string;
  judgedAt?: number;
  /** Since when its key could not be turned though it was due; gone with the next promotion. */
  failingSince?: number;
  /** The name of the execution that noted so last, which does so once, however often its step runs; gone as well. */
  failedIn?: string;
  /** Since when it has been waited for without a proof, however often it started meanwhile. */
  waitingSince?: number;
  lastProofAt?: number;
  /** Since when EC2 has known no such host, and how often it said so; there only while it does. */
  absentSince?: number;
  absentLooks?: number;
}

/** What is left of an instance that is gone: no key material, but its ID, which is never used again. */
export interface Tombstone extends Audited {
  id: string;
  ec2InstanceId: string;
  status: "RETIRED";
  retiredAt: number;
}

export type StoredRecord = InstanceRecord | Tombstone;

/** Whether the instance is gone and only its tombstone left. */
export function isRetired(record: StoredRecord): record is Tombstone {
  return record.status === "RETIRED";
}
