import type { Question } from "../deploy/report.ts";
import { PEOPLE } from "../people.ts";
import type { Holders, Made } from "./holders.ts";

/** The roles that IAM Identity Center makes in an account, one for each permission set. Nobody else may change them. */
const OF_IDENTITY_CENTER = /^role AWSReservedSSO_(.+)_[0-9a-f]+$/;

/** CloudFormation attaches the policies for people to nobody, and IAM deletes none that somebody has. */
export function aboutPeople(made: readonly Made[], holders: Holders): Question[] {
  const policies = made.filter(
    ({ type, logicalId }) => type === "AWS::IAM::ManagedPolicy" && logicalId.startsWith(PEOPLE),
  );
  return policies.map(({ id }) => ({
    whether: `whether somebody has the policy ${id}`,
    async ask() {
      const who = await holders.whoHas(id);
      const complaint = `Somebody has the policy ${id}, so that it cannot be deleted: ${who.join(", ")}. Take it from them:\n`;
      return { complaints: who.length === 0 ? [] : [complaint + who.map((one) => howToTake(id, one)).join("\n")] };
    },
  }));
}

/** @param who e.g. `role Admin` */
function howToTake(policyArn: string, who: string): string {
  const [, permissionSet] = OF_IDENTITY_CENTER.exec(who) ?? [];
  if (permissionSet !== undefined) {
    return `  in IAM Identity Center, out of the permission set ${permissionSet}, under Customer managed policies`;
  }
  const [kind = "", name = ""] = who.split(" ");
  return `  aws iam detach-${kind}-policy --policy-arn ${policyArn} --${kind}-name ${name}`;
}
