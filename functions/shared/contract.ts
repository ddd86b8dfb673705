import type * as z from "zod/mini";
import type { SettingName } from "./settings.ts";

/** What a step may touch in AWS. The deployment turns each into the ARNs of the real thing. */
export type ResourceName =
  | "instanceTable"
  | "instanceIndexes"
  | "keyEncryptionKey"
  | "nonceKey"
  | "timeSeries"
  | "pushDocument"
  | "instances"
  | "alertTopic"
  | "eventBus"
  | "registrationFlow"
  | "rotationFlow"
  /** Actions for which AWS knows no narrower resource than all. */
  | "unscoped";

/**
 * What a step is, apart from what it does: what goes in, what comes out, what may go wrong, what it reads from its
 * environment and what it may do in AWS. The deployment, the embedded AWS and the tests are derived from these.
 */
export interface StepContract {
  /** The folder's name; the state `VerifyHash`, the placeholder `${VerifyHashFunctionArn}` and the log follow from it. */
  name: string;
  flow: "registration" | "rotation" | "fleet-rotation" | "life";
  /** One sentence. */
  does: string;
  input: z.ZodMiniType;
  output: z.ZodMiniType;
  /** Names of the errors that it raises itself; any step may also raise those in shared/errors.ts. */
  errors: readonly string[];
  settings: readonly SettingName[];
  /** IAM actions by what they act on. */
  uses: Partial<Record<ResourceName, readonly string[]>>;
  timeoutSeconds: number;
}

export type InputOf<Contract extends StepContract> = z.infer<Contract["input"]>;
export type OutputOf<Contract extends StepContract> = z.infer<Contract["output"]>;
