import * as z from "zod/mini";
import { ec2InstanceId, generation, instanceId } from "../../events/fields.ts";

/** What every step after the validation is told: which instance, and at which generation it was validated. */
export const validatedInstance = z.object({ id: instanceId, ec2InstanceId, generation });

/** What every step after the derivation is told: which instance, and the generation that it is to reach. */
export const turningInstance = z.object({ id: instanceId, ec2InstanceId, generation });
