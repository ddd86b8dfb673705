/** What an application uses to follow a credential that turns: README.md says how. */
export type { Credential } from "./credential.ts";
export { Failure } from "./failure.ts";
export {
  type FollowedCredential,
  type FollowedToken,
  type FollowOptions,
  followCredential,
  followToken,
  type VersionName,
} from "./follow.ts";
export { type InstanceIdentity, metadataIdentity } from "./instance.ts";
export { proofsIn } from "./proof-writer.chosen.ts";
export type { ProofWriter, UseHere } from "./proof-writer.ts";
export { isRefusedByApi, isRefusedByMysql, isRefusedByPostgres } from "./refusals.ts";
export { roleIdentity } from "./role.ts";
export { secretsManagerSource } from "./secret-source.secretsmanager.ts";
export type { SecretRead, SecretSource } from "./secret-source.ts";
export type { Token } from "./token.ts";
export type { WriterIdentity, WriterPlace } from "./writer-place.ts";
