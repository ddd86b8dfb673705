import { givenSettings } from "./settings/given.ts";
import { checkSettings, type GivenSettings } from "./settings.ts";

/**
 * The settings as cdk.json has them, for the Region in which the AWS CLI would work, if it is set in the environment.
 *
 * @throws SettingsError when there is no such file, when it is no JSON, or for all that is wrong in the settings
 */
export function readSettings(path?: URL, { AWS_REGION, AWS_DEFAULT_REGION } = process.env): GivenSettings {
  return checkSettings(givenSettings(path), { region: AWS_REGION ?? AWS_DEFAULT_REGION });
}
