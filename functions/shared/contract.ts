import type * as z from "zod/mini";
import type { Named } from "./neighbours.ts";
import type { Uses } from "./uses.ts";

/**
 * What a step is, apart from what it does: what goes in, what comes out, what may go wrong, whom it deals with and what it
 * may do in AWS. The deployment, the embedded AWS and the tests are derived from these.
 */
export interface StepContract extends Named {
  /** The folder's name; the state `VerifyHash`, the placeholder `${VerifyHashFunctionArn}` and the log follow from it. */
  name: string;
  flow: "registration" | "rotation" | "fleet-rotation" | "watch" | "operate" | "credential" | "exposed-key" | "life";
  /** One sentence. */
  does: string;
  /**
   * What is not known in it is passed over: an execution that is under way at a deployment goes on with the definition of
   * the version before. So a field that is needed newly is optional at first.
   */
  input: z.ZodMiniType;
  output: z.ZodMiniType;
  /**
   * Names of the errors that it raises, by itself or through what it calls, or ends a waiting task with; any step may
   * also raise those in shared/errors.ts.
   */
  errors: readonly string[];
  /** Exactly what its neighbours do for it in AWS, and nothing more. */
  uses: Uses;
  timeoutSeconds: number;
}

export type InputOf<Contract extends StepContract> = z.infer<Contract["input"]>;
export type OutputOf<Contract extends StepContract> = z.infer<Contract["output"]>;
