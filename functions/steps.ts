import { contract as confirmCredential } from "./credential/confirm-successor/contract.ts";
import { contract as deriveCredential } from "./credential/derive-successor/contract.ts";
import { contract as dropPending } from "./credential/drop-pending/contract.ts";
import { contract as notifyCredential } from "./credential/notify-sns/contract.ts";
import { contract as promoteCredential } from "./credential/promote-successor/contract.ts";
import { contract as pushToAuthority } from "./credential/push-to-authority/contract.ts";
import { contract as readUses } from "./credential/read-uses/contract.ts";
import { contract as requestRotation } from "./credential/request-rotation/contract.ts";
import { contract as retirePredecessor } from "./credential/retire-predecessor/contract.ts";
import { contract as rotateCredential } from "./credential/rotate/contract.ts";
import { contract as validateSecret } from "./credential/validate-secret/contract.ts";
import { contract as verifyCredential } from "./credential/verify-credential/contract.ts";
import { contract as confirmGone } from "./exposed-key/confirm-gone/contract.ts";
import { contract as deactivateKey } from "./exposed-key/deactivate-key/contract.ts";
import { contract as deleteKey } from "./exposed-key/delete-key/contract.ts";
import { contract as denySessions } from "./exposed-key/deny-sessions/contract.ts";
import { contract as lookUpUse } from "./exposed-key/look-up-use/contract.ts";
import { contract as notifyExposedKey } from "./exposed-key/notify-sns/contract.ts";
import { contract as readKey } from "./exposed-key/read-key/contract.ts";
import { contract as receiveEvent } from "./exposed-key/receive-event/contract.ts";
import { contract as validateEvent } from "./exposed-key/validate-event/contract.ts";
import { contract as listDue } from "./fleet-rotation/list-due/contract.ts";
import { contract as summarize } from "./fleet-rotation/summarize/contract.ts";
import { contract as followExecution } from "./life/follow-execution/contract.ts";
import { contract as followState } from "./life/follow-state/contract.ts";
import { contract as drill } from "./operate/drill/contract.ts";
import { contract as listMeant } from "./operate/list-meant/contract.ts";
import { contract as quarantine } from "./operate/quarantine/contract.ts";
import { contract as rekey } from "./operate/rekey/contract.ts";
import { contract as release } from "./operate/release/contract.ts";
import { contract as retire } from "./operate/retire/contract.ts";
import { contract as validateAct } from "./operate/validate-act/contract.ts";
import { contract as deriveRekey } from "./registration/derive-rekey/contract.ts";
import { contract as notifyRegistration } from "./registration/notify-sns/contract.ts";
import { contract as register } from "./registration/register/contract.ts";
import { contract as upsertIp } from "./registration/upsert-ip/contract.ts";
import { contract as validateRegistration } from "./registration/validate-id/contract.ts";
import { contract as askForReceipt } from "./rotation/ask-for-receipt/contract.ts";
import { contract as awaitFormer } from "./rotation/await-former/contract.ts";
import { contract as confirmRekey } from "./rotation/confirm-rekey/contract.ts";
import { contract as confirmSuccessor } from "./rotation/confirm-successor/contract.ts";
import { contract as deriveAgain } from "./rotation/derive-again/contract.ts";
import { contract as deriveSuccessor } from "./rotation/derive-successor/contract.ts";
import { contract as endPush } from "./rotation/end-push/contract.ts";
import { contract as followHost } from "./rotation/follow-host/contract.ts";
import { contract as notifyRotation } from "./rotation/notify-sns/contract.ts";
import { contract as promoteSuccessor } from "./rotation/promote-successor/contract.ts";
import { contract as pushToInstance } from "./rotation/push-to-instance/contract.ts";
import { contract as readTimeSeries } from "./rotation/read-time-series/contract.ts";
import { contract as validateRotation } from "./rotation/validate-id/contract.ts";
import { contract as validateRekey } from "./rotation/validate-rekey/contract.ts";
import { contract as verifyHash } from "./rotation/verify-hash/contract.ts";
import type { StepContract } from "./shared/contract.ts";
import { functionNameIn, SHIPPED_PREFIX, type StepName } from "./shared/names.ts";
import { contract as checkRecords } from "./watch/check-records/contract.ts";
import { contract as lookAtCredentials } from "./watch/look-at-credentials/contract.ts";
import { contract as lookAtHosts } from "./watch/look-at-hosts/contract.ts";
import { contract as lookAtRecords } from "./watch/look-at-records/contract.ts";
import { contract as notifyWatch } from "./watch/notify-sns/contract.ts";
import { contract as readCredentials } from "./watch/read-credentials/contract.ts";
import { contract as sealDay } from "./watch/seal-day/contract.ts";

/** Every Lambda function there is. Deployments make functions, rights, settings and substitutions from this list. */
export const STEPS = [
  register,
  validateRegistration,
  upsertIp,
  deriveRekey,
  notifyRegistration,
  validateRotation,
  validateRekey,
  awaitFormer,
  readTimeSeries,
  verifyHash,
  followHost,
  deriveAgain,
  deriveSuccessor,
  pushToInstance,
  endPush,
  askForReceipt,
  confirmSuccessor,
  confirmRekey,
  promoteSuccessor,
  notifyRotation,
  listDue,
  summarize,
  lookAtRecords,
  checkRecords,
  lookAtHosts,
  readCredentials,
  lookAtCredentials,
  sealDay,
  notifyWatch,
  validateAct,
  quarantine,
  release,
  retire,
  rekey,
  listMeant,
  drill,
  rotateCredential,
  requestRotation,
  validateSecret,
  readUses,
  verifyCredential,
  deriveCredential,
  pushToAuthority,
  confirmCredential,
  promoteCredential,
  retirePredecessor,
  dropPending,
  notifyCredential,
  receiveEvent,
  validateEvent,
  readKey,
  deactivateKey,
  denySessions,
  lookUpUse,
  deleteKey,
  confirmGone,
  notifyExposedKey,
  followState,
  followExecution,
] as const satisfies readonly StepContract[];

export { functionNameIn, type StepName } from "./shared/names.ts";

/** The function's name as shipped, and on this computer. */
export function functionNameOf(step: StepName): string {
  return functionNameIn(SHIPPED_PREFIX, step);
}

/** What stands for the function's ARN in the file of its flow, e.g. `VerifyHashFunctionArn`. */
export function placeholderOf({ name }: StepContract): string {
  const words = name.split("-").map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return `${words.join("")}FunctionArn`;
}

/** Where the function's handler is, from the repository's root. */
export function modulePathOf({ flow, name }: StepName): string {
  return `functions/${flow}/${name}/lambda.ts`;
}
