import { functionNameOf } from "../../functions/steps.ts";
import type { GivenSettings } from "../settings.ts";
import { accountWideNames, INSTANCE_TAG, NAMES } from "../wiring.ts";

/** The names by which AWS is asked about a deployment. */
export interface Names {
  stack: string;
  instanceTable: string;
  auditTable: string;
  /** The log group of the seals. */
  sealLog: string;
  /** Aliases of the keys: `alias/…`. */
  keyMaterialKey: string;
  tableKey: string;
  nonceKey: string;
  fleetRole: string;
  /** What the fleet's hosts are tagged with. */
  tag: { key: string; value: string };
}

/** The names of the deployment that the settings describe, in a Region. */
export function namesFor({ stackName }: Pick<GivenSettings, "stackName">, region: string): Names {
  return {
    ...NAMES,
    ...accountWideNames(region),
    stack: stackName,
    sealLog: `/aws/lambda/${functionNameOf({ flow: "watch", name: "seal-day" })}`,
    tag: INSTANCE_TAG,
  };
}
