import { fleetTagOf } from "../../functions/shared/names.ts";
import { functionNameIn } from "../../functions/steps.ts";
import type { GivenSettings } from "../settings.ts";
import { accountWideNames, namesOf } from "../wiring.ts";

/** The names by which AWS is asked about a deployment. */
export interface Names {
  stack: string;
  /** What the descriptions of its keys begin with. */
  title: string;
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
  const names = namesOf(stackName);
  return {
    ...names,
    ...accountWideNames(names, region),
    stack: stackName,
    sealLog: `/aws/lambda/${functionNameIn(names.prefix, { flow: "watch", name: "seal-day" })}`,
    tag: fleetTagOf(names.prefix),
  };
}
