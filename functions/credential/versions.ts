import type * as z from "zod/mini";
import type { Stages } from "../clients/secrets.ts";
import { type CredentialSettings, otherUser } from "../shared/credential-settings.ts";
import type { current, other } from "./inputs.ts";
import type { CredentialRecord } from "./record.ts";
import { readLogin } from "./secret-value.ts";

/** The version in force, and the user that takes turns with its own. */
export interface Versions {
  current: z.infer<typeof current>;
  other: z.infer<typeof other>;
}

/**
 * The version that is in force at Secrets Manager, and the user that the next turn sets. Where the value in force is no login
 * of one of the two, somebody wrote it by hand, and consumers may go on with what they fetched before: then it is the user of
 * the last version that Keyturn promoted who is left alone; before any, the first one, for whom the secret was made.
 *
 * @param current the ID of the current version
 * @param value what it holds
 */
export function versionsInForce(
  { current, predecessor }: Pick<Stages, "predecessor"> & { current: string },
  value: string | undefined,
  record: Pick<CredentialRecord, "current" | "predecessor"> | undefined,
  credential: CredentialSettings,
): Versions {
  const user = readLogin(value, credential)?.user;
  const other = otherUser(credential, user ?? record?.current?.user ?? credential.users[0]);
  const versionId = record?.predecessor?.user === other ? record.predecessor.versionId : predecessor;
  return {
    current: { versionId: current, ...(user !== undefined && { user }) },
    other: { user: other, ...(versionId !== undefined && { versionId }) },
  };
}
