import * as z from "zod/mini";

/**
 * AWS Health's event that something about an account's credentials is at risk. It comes twice where it matters: `us-west-2` has
 * a copy, with another `id` and the same `communicationId`; and in pages where many are affected. In the partition `aws` it comes
 * to `us-east-1`.
 * https://docs.aws.amazon.com/health/latest/ug/aws-health-events-eventbridge-schema.html
 */
export const healthRisk = {
  source: "aws.health",
  detailType: "AWS Health Event",
  detail: z.looseObject({
    service: z.string(),
    eventTypeCode: z.string(),
    eventTypeCategory: z.string(),
    eventArn: z.optional(z.string()),
    communicationId: z.optional(z.unknown()),
    page: z.optional(z.unknown()),
    /** The account that is meant, where the event came to another one. */
    affectedAccount: z.optional(z.string()),
    /** One that is malformed is told of, and the others are read. */
    affectedEntities: z.optional(z.array(z.unknown())),
  }),
};

/** The type codes of which it is known that the entities are exposed access keys. */
export const HEALTH_CODES = [
  "AWS_RISK_CREDENTIALS_EXPOSED",
  "AWS_RISK_CREDENTIALS_EXPOSURE_SUSPECTED",
  "AWS_RISK_CREDENTIALS_COMPROMISED",
  "AWS_RISK_CREDENTIALS_COMPROMISE_SUSPECTED",
  "AWS_RISK_IAM_QUARANTINE",
];
