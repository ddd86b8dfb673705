/**
 * What an instance and the control plane must agree on, each on its own side: bytes that both compute and compare,
 * messages, limits in time, and how a sample lies in a store. Pure functions and plain values; nothing here reads a
 * clock, a file or a network. An agent in another language must give the same bytes (test/protocol/vectors.json).
 */
export { agreedKey, isUsablePublicKey, keyPair } from "./agreement.ts";
export { arnAt } from "./arn.ts";
export { type AuditLine, auditDigest, type Head, headsInOrder, type Seal, sealDigest } from "./audit.ts";
export * from "./audit-check.ts";
export { frame } from "./bytes.ts";
export { isCount, isEc2InstanceId, isHex64, isInstanceId, isNonce, isRoleArn } from "./check.ts";
export { FORMS } from "./forms.ts";
export { drawInstanceId } from "./instance-id.ts";
export * from "./limits.ts";
export * from "./messages.ts";
export { nonceMessage } from "./nonce.ts";
export { type KeyName, receiptProof, sameSecret, sampleHash, successor, ticketProof, useProof } from "./proofs.ts";
export * from "./series.ts";
export * from "./tickets.ts";
export * from "./uses.ts";
export * from "./verdicts.ts";
export * from "./versions.ts";
