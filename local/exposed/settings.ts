import { REGION } from "embedded-aws";
import type { ExposedKeySettings } from "../../functions/shared/exposed-key-settings.ts";

/** What is done with exposed access keys here, where there is one Region. */
export const EXPOSED_KEYS_HERE: ExposedKeySettings = {
  // biome-ignore lint/suspicious/noThenProperty: it is no function, so that no promise calls it.
  then: "deactivate",
  regions: [REGION],
  lookBackHours: 24,
  denySessions: true,
};
