/**
 * Forgets what this computer's user has set for the real AWS, in the environment and by the files in `~/.aws`: the SDK
 * would take it for what runs here too. A profile may be missing, FIPS and a custom endpoint exclude each other, an endpoint
 * of one service leads elsewhere, and without any the calls of a demo would reach a real account. Whoever starts something
 * here calls it before the first client is made; processes that are started afterwards inherit what is left.
 */
export function forgetAwsSettings(environment: NodeJS.ProcessEnv = process.env): void {
  for (const name of Object.keys(environment)) {
    // Windows, and some tools, write them in small letters.
    if (/^AWS_/i.test(name)) delete environment[name];
  }
  environment.AWS_CONFIG_FILE = "/dev/null";
  environment.AWS_SHARED_CREDENTIALS_FILE = "/dev/null";
}
