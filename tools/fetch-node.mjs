// Runs after `npm ci`: fetches Node 24 where the running Node is older, and says so. The version and the checksum of
// the package stand in node24/package-lock.json. What it says last is what counts; .npmrc keeps npm from saying more after
// it than how many packages it has added.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { fetchedNodePath, isEnough, whatIsMissing, whyNotHere } from "./node-path.mjs";

const fetched = fetchedNodePath();
if (whyNotHere() !== undefined || (!isEnough() && fetched === undefined)) {
  console.error(whatIsMissing());
  process.exit(1);
}
if (!isEnough() && !existsSync(fetched)) {
  const have = process.versions.node;
  console.error(`Keyturn runs on Node 24 and this is Node ${have}: fetching Node 24 as a package (190 MB, once) ...`);
  const npm = process.env.npm_execpath;
  const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
  const cwd = fileURLToPath(new URL("./node24", import.meta.url));
  // npm tells its scripts the project's folder by variables, which would send this call to the wrong one.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_config_(local_)?prefix$/i.test(name)),
  );
  // Of this npm only what goes wrong is shown: that it has added a package is no news.
  const stdio = ["ignore", "ignore", "inherit"];
  const result =
    npm === undefined
      ? spawnSync("npm", args, { cwd, env, stdio })
      : spawnSync(process.execPath, [npm, ...args], { cwd, env, stdio });
  if (result.status !== 0 || !existsSync(fetched)) {
    console.error(
      "Node 24 could not be fetched. Run `npm ci` again with the npm registry in reach, or install Node 24.",
    );
    process.exit(1);
  }
}
if (!isEnough()) console.error("Node 24 is in place; `npm start` and `npm test` use it.");
