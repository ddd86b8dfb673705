import { PARTS, type Part } from "./parts.ts";
import { homeRegionOf } from "./regions.ts";
import type { GivenSettings } from "./settings.ts";

/** A stack that the settings ask for. */
export interface PlannedStack {
  /** What the CDK app calls it, whatever AWS is to call it: some names that CDK has taken there are good names for a stack. */
  id: "Keyturn" | "KeyturnExposedKeys";
  parts: readonly Part[];
  /** The Region that it has to be in; undefined for the one in which one deploys. */
  region: string | undefined;
}

/**
 * The stacks of the settings. Exposed keys are shut in the Region to which AWS Health's events of an account come: in another
 * one the fleet has a stack without that, and a second stack of the same name is there.
 *
 * @param region in which one deploys; where it is not known, everything is in one stack
 */
export function stacksFor(
  { exposedKeys }: Pick<GivenSettings, "exposedKeys">,
  region: string | undefined,
): [PlannedStack, ...PlannedStack[]] {
  const home = region === undefined ? undefined : homeRegionOf(region);
  const fleet: PlannedStack = { id: "Keyturn", parts: ["fleet"], region: undefined };
  const exposed: PlannedStack = { id: "KeyturnExposedKeys", parts: ["exposed-keys"], region: home };
  if (exposedKeys.deploy === "off") return [fleet];
  // Where one deploys: that it is the right Region, infra/regions.ts says.
  if (exposedKeys.deploy === "alone") return [{ ...exposed, region }];
  return region === home ? [{ ...fleet, parts: PARTS }] : [fleet, exposed];
}

/** The settings as they are for a stack of these parts: without a fleet, what is about one has nothing to say. */
export function settingsOfParts<Given extends GivenSettings>(settings: Given, parts: readonly Part[]): Given {
  if (parts.includes("fleet")) return settings;
  return {
    ...settings,
    timeSeries: "dynamodb",
    formerTimeSeries: "none",
    drill: { schedule: "off" },
    existingRoles: {},
    credentials: [],
    credentialNetwork: { ...settings.credentialNetwork, vpcId: "none", subnets: [], waysOut: "none", routeTables: [] },
  };
}
