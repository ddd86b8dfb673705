import { type Environment, type FollowSettings, readFollowSettings, readVariables } from "../example/environment.ts";

export interface TokenExampleSettings extends FollowSettings {
  /** What is asked with the token. */
  apiUrl: URL;
}

/** What is said to it does not leave this machine. */
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** @throws Failure with every missing or malformed setting in one message */
export function readTokenExampleSettings(environment: Environment): TokenExampleSettings {
  return readVariables(environment, (variables) => {
    const followed = readFollowSettings(variables);
    const url = URL.parse(variables.text("EXAMPLE_API_URL", /./, "what is asked with the token, an https:// URL"));
    const isClear = url?.protocol === "http:" && LOOPBACK.test(url.hostname);
    if (variables.value("EXAMPLE_API_URL") !== undefined && url?.protocol !== "https:" && !isClear) {
      variables.wrong("EXAMPLE_API_URL must be an https:// URL, or http:// on this machine: it is sent a token");
    }
    return { ...followed, apiUrl: url ?? new URL("https://api.invalid/") };
  });
}
