import { accessKeys } from "../../clients/access-keys.iam.ts";
import { lambdaOf } from "../../shared/lambda.ts";
import { contract } from "./contract.ts";
import { denySessions } from "./step.ts";

export const handler = lambdaOf(contract, denySessions, { accessKeys });
