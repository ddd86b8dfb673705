import type { InstanceRecord } from "../record/record.ts";
import { StepError } from "../shared/errors.ts";

/**
 * Why an execution does not go on with the generation that it was to reach: a rekey to a higher one stands, which another
 * execution pushes; or another execution was faster.
 *
 * @returns StepError Rekeying or Superseded
 */
export function overtaken({ id, current, rekey }: InstanceRecord, generation: number): StepError {
  return rekey !== undefined && rekey.generation > generation
    ? new StepError("Rekeying", `A rekey of ${id} to generation ${rekey.generation} stands.`)
    : new StepError("Superseded", `${id} is at generation ${current.generation}; ${generation} is awaited no longer.`);
}
