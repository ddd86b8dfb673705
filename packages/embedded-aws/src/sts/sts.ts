import type { CallContext, Service } from "../http/service.ts";
import { ACCOUNT } from "../place.ts";

/** STS: says to each caller who he is, for which nobody needs a right. */
export const STS: Service = {
  signingName: "sts",
  protocol: { kind: "query", xmlns: "https://sts.amazonaws.com/doc/2011-06-15/" },
  operations: {
    GetCallerIdentity: (_input: unknown, { principal }: CallContext) => ({
      UserId: principal.userId,
      Account: ACCOUNT,
      Arn: principal.arn,
    }),
  },
  needs: () => [],
};
