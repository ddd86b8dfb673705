import { followOptionsOf } from "../example/environment.ts";
import { fingerprints } from "../example/fingerprint.ts";
import { run } from "../example/run.ts";
import { followToken, isRefusedByApi } from "../index.ts";
import { askApi } from "./api.ts";
import { readTokenExampleSettings } from "./settings.ts";
import { tokenStatusNow } from "./status.ts";

// The example application of a token: consumer/README.md says what it shows, and its settings.

await run((log) => {
  const settings = readTokenExampleSettings(process.env);
  const token = followToken({ ...followOptionsOf(settings, log), isRefusal: isRefusedByApi });
  const fingerprint = fingerprints();
  const ask = (accessToken: string) => askApi(settings.apiUrl, accessToken);
  return { settings, status: () => tokenStatusNow({ token, ask, fingerprint }), close: () => token.close() };
});
