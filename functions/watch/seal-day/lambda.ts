import { audit } from "../../clients/audit.dynamodb.ts";
import { sealArchive } from "../../clients/seal-archive.s3.ts";
import { lambdaOf } from "../../shared/lambda.ts";
import { contract } from "./contract.ts";
import { sealDay } from "./step.ts";

export const handler = lambdaOf(contract, sealDay, { audit, sealArchive });
