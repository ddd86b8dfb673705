import * as z from "zod/mini";

/** AWS's event that a rule's schedule has come round. */
export const scheduled = {
  source: "aws.events",
  detailType: "Scheduled Event",
  detail: z.object({}),
};
