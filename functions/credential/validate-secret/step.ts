import type { InputOf, OutputOf } from "../../shared/contract.ts";
import { StepError, TEMPORARILY_UNAVAILABLE } from "../../shared/errors.ts";
import type { NeighboursOf } from "../../shared/neighbours.ts";
import { demandCredential } from "../demand-credential.ts";
import { CREDENTIAL_ERRORS } from "../errors.ts";
import type { CredentialRecord } from "../record.ts";
import { findLastTry } from "../tries.ts";
import { versionsInForce } from "../versions.ts";
import type { contract } from "./contract.ts";

/** Finds which version is turned into which, by the labels as they are and the record. */
export async function validateSecret(
  { secret, token, test = false }: InputOf<typeof contract>,
  { secrets, credentials, executions, credentialSettings }: NeighboursOf<typeof contract>,
): Promise<OutputOf<typeof contract>> {
  const credential = demandCredential(secret, { credentialSettings });
  const stages = await secrets.stages(secret);
  if (stages?.current === undefined) throw gone(secret, stages !== undefined);
  const { current, pending, predecessor } = stages;
  const record = await credentials.find(secret);
  const { force = false, heal = false } = record?.requested.find((one) => one.token === token) ?? {};

  if (!test && token === current) {
    // Only a turn that Keyturn has noted has a predecessor of which it knows who may hold it.
    if (record?.current?.versionId !== token || record.predecessor === undefined) {
      throw new StepError(CREDENTIAL_ERRORS.superseded, `The version ${token} of ${secret} is current already.`);
    }
    const { user, versionId } = record.predecessor;
    const inForce = { versionId: token, user: record.current.user };
    return { stage: "RETIRE", current: inForce, other: { user, versionId }, force, heal };
  }
  if (!test && token !== pending) {
    const why = `The version ${token} of ${secret} is neither pending nor current. Ask for a rotation of ${secret} anew.`;
    throw new StepError(CREDENTIAL_ERRORS.notPending, why);
  }
  if (!test) await demandNoneIsPromoted(record, { token, current }, executions);
  const value = await secrets.read(secret, current);
  const versions = versionsInForce({ current, predecessor }, value, record, credential);
  return { stage: test ? "TEST" : "TURN", ...versions, force, heal };
}

/**
 * A promotion that is held up goes through though its version is pending no more: Secrets Manager has no condition for that.
 * So nobody sets that version's user anew before its execution has ended.
 */
async function demandNoneIsPromoted(
  record: CredentialRecord | undefined,
  { token, current }: { token: string; current: string },
  executions: NeighboursOf<typeof contract>["executions"],
): Promise<void> {
  const confirmed = record?.confirmed?.versionId;
  // Its own, one that is current, or one that is noted as promoted.
  if (record === undefined || confirmed === undefined) return;
  if ([token, current, record.current?.versionId].includes(confirmed)) return;
  const last = await findLastTry({ secret: record.name, token: confirmed }, { executions });
  if (last?.end.status !== "RUNNING") return;
  const why = `The execution ${last.name} was about to make the version ${confirmed} of ${record.name} the current one.`;
  throw new StepError(TEMPORARILY_UNAVAILABLE, `${why} It is waited for; if it does not end, stop it.`);
}

function gone(secret: string, isThere: boolean): StepError {
  const what = isThere
    ? `The secret ${secret} has no current version. Put a value into it.`
    : `There is no secret ${secret}, or it is deleted. Restore it, or take it out of "credentials" in cdk.json.`;
  return new StepError(CREDENTIAL_ERRORS.gone, what);
}
