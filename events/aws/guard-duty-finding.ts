import * as z from "zod/mini";

/**
 * GuardDuty's event of a finding; here of those that are about an access key. It comes to the Region in which the key was used.
 * https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings_eventbridge.html
 */
export const guardDutyFinding = {
  source: "aws.guardduty",
  detailType: "GuardDuty Finding",
  detail: z.looseObject({
    id: z.optional(z.string()),
    /** E.g. `UnauthorizedAccess:IAMUser/MaliciousIPCaller`. */
    type: z.string(),
    accountId: z.optional(z.string()),
    resource: z.looseObject({
      resourceType: z.optional(z.string()),
      accessKeyDetails: z.optional(
        z.looseObject({
          accessKeyId: z.optional(z.unknown()),
          userName: z.optional(z.unknown()),
          /** `IAMUser`, `Root`, `AssumedRole` and others. */
          userType: z.optional(z.unknown()),
        }),
      ),
    }),
  }),
};
