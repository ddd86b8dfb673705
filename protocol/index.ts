/**
 * Keyturn's bytes: what an instance and the control plane compute, each on its own side, and compare. Pure functions
 * over text; nothing here reads a clock, a file or a network. An agent in another language must give the same bytes
 * (test/protocol/vectors.json).
 */
export { agreedKey, isUsablePublicKey, keyPair } from "./agreement.ts";
export { frame } from "./bytes.ts";
export { isEc2InstanceId, isHex64, isInstanceId } from "./check.ts";
export { drawInstanceId } from "./instance-id.ts";
export { nonceMessage } from "./nonce.ts";
export { type KeyName, receiptProof, sameSecret, sampleHash, successor, ticketProof } from "./proofs.ts";
