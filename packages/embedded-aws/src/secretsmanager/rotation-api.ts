import { z } from "zod";
import { AwsError } from "../http/service.ts";
import type { Parts } from "../parts.ts";
import { uuid } from "../uuid.ts";
import { SECRET_ID, TOKEN } from "./inputs.ts";
import { isPending } from "./labels.ts";
import { invalidRequest, read } from "./refusals.ts";
import type { Rotations } from "./rotations.ts";
import { scheduleOf } from "./schedule.ts";
import type { Secret, SecretStore } from "./secret-store.ts";

const ROTATE = z.strictObject({
  SecretId: SECRET_ID,
  ClientRequestToken: TOKEN.optional(),
  RotationLambdaARN: z.string().regex(/^arn:/, "must be the ARN of a function").max(2048).optional(),
  RotationRules: z
    .strictObject({
      AutomaticallyAfterDays: z.int().min(1).max(1000).optional(),
      Duration: z.string().optional(),
      ScheduleExpression: z.string().min(1).max(256).optional(),
    })
    .optional(),
  RotateImmediately: z.boolean().default(true),
});
const CANCEL = z.strictObject({ SecretId: SECRET_ID });

/** The operations that turn the rotation of a secret on and off. */
export function rotationOperations(parts: Parts, secrets: SecretStore, rotations: Rotations) {
  return {
    RotateSecret(input: unknown): unknown {
      const asked = read(ROTATE, input);
      const token = asked.ClientRequestToken ?? uuid(parts.random);
      const whole = secrets.demand(asked.SecretId);
      const { secret, versions } = whole;
      const answer = { ARN: secret.arn, Name: secret.name, VersionId: token };
      // The same request, made again since its answer was lost.
      if (rotations.isKnown(secret.arn, token)) return answer;
      if (isPending(versions)) {
        throw invalidRequest("A previous rotation isn't complete. That rotation will be reattempted.");
      }
      if (versions.some(({ id }) => id === token)) {
        throw invalidRequest(`The ClientRequestToken ${token} is the ID of a version of the secret already.`);
      }
      const functionArn = asked.RotationLambdaARN ?? secret.rotation?.functionArn;
      if (functionArn === undefined) {
        throw invalidRequest("No Lambda rotation function ARN is associated with this secret.");
      }
      const rules = asked.RotationRules ?? secret.rotation?.rules;
      const next = rules && scheduleOf(rules)?.nextAfter(parts.clock.now());
      demandInvocable(rotations, functionArn, secret);
      secret.rotation = { enabled: true, functionArn, ...(rules && { rules }) };
      secret.changedAt = parts.clock.now();
      if (next === undefined) delete secret.nextAt;
      else secret.nextAt = next;
      parts.store.transaction(() => rotations.begin(whole, token, asked.RotateImmediately ? "rotation" : "test"));
      rotations.armSchedules();
      return answer;
    },

    CancelRotateSecret(input: unknown): unknown {
      const whole = secrets.demand(read(CANCEL, input).SecretId);
      const { secret } = whole;
      parts.store.transaction(() => {
        if (secret.rotation !== undefined) secret.rotation.enabled = false;
        delete secret.nextAt;
        secret.changedAt = parts.clock.now();
        secrets.save(whole);
        rotations.cancel(secret.arn);
      });
      rotations.armSchedules();
      return { ARN: secret.arn, Name: secret.name };
    },
  };
}

/** @throws AwsError AccessDeniedException, as AWS says it of a function that is not there, too */
function demandInvocable(rotations: Rotations, functionArn: string, secret: Secret): void {
  if (rotations.obstacle(functionArn, secret.arn) === undefined) return;
  const message =
    "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants access to " +
    "the principal secretsmanager.amazonaws.com.";
  throw new AwsError("AccessDeniedException", message);
}
