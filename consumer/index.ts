/** What an application uses to follow a credential that turns: README.md says how. */
export type { Credential } from "./credential.ts";
export { Failure } from "./failure.ts";
export { type FollowedCredential, type FollowOptions, followCredential, type VersionName } from "./follow.ts";
export { type InstanceIdentity, metadataIdentity } from "./instance.ts";
export { proofsIn } from "./proof-writer.chosen.ts";
export type { ProofWriter, UseHere } from "./proof-writer.ts";
export { isRefusedByMysql, isRefusedByPostgres } from "./refusals.ts";
export { secretsManagerSource } from "./secret-source.secretsmanager.ts";
export type { SecretRead, SecretSource } from "./secret-source.ts";
export type { WriterPlace } from "./writer-place.ts";
