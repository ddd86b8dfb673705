import { REGION } from "embedded-aws";
import type { ExposedKeySettings } from "../../functions/shared/exposed-key-settings.ts";

/** The IAM user whose access key is exposed here. */
export const DEPLOYER = "deployer";

/** What is done with exposed access keys here, where there is one Region. */
export const EXPOSED_KEYS_HERE: ExposedKeySettings = {
  then: "deactivate",
  regions: [REGION],
  lookBackHours: 24,
  denySessions: true,
};
