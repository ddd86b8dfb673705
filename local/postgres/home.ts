import { createHash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { PID_FILE } from "./earlier-run.ts";
import { PostgresError } from "./postgres-error.ts";

/** Nobody: whom the server runs as where the caller is root, as whom it refuses to run. */
export const NOBODY = 65534;
/** Where it lives for a root whose own folders are closed to everybody else, as `/root` is. */
const HOMES = "/var/lib/keyturn-postgres";

/** Where a server's programs and data lie, and whom it runs as. */
export interface Home {
  /** Has `bin`, `lib` and `share`. */
  programs: string;
  /** The folder that `data` lies in. */
  place: string;
  /** It is there once the server was initialised. */
  data: string;
  /** User and group of whoever is to run it; none for the caller's own. */
  user?: { uid: number; gid: number };
  /** Removes the data, and what lies outside of the caller's folder. */
  remove(): void;
}

/**
 * Sees to a home for a server. For a root it lies outside of his folder if that is closed to others, and programs that are
 * closed to others are copied there.
 *
 * @param folder the caller's, absolute; it is there
 * @param programs as `findPrograms` found them
 * @param homes where homes are made that cannot be in the caller's folder
 * @throws PostgresError when the place for it is somebody else's
 */
export function makeHome(folder: string, programs: string, isRoot: boolean, homes = HOMES): Home {
  const isInside = !isRoot || isOpenToOthers(folder);
  const place = isInside ? folder : join(homes, nameFor(folder));
  if (!isInside) {
    demandOwn(place, homes);
    removeDeserted(homes);
    writeFileSync(join(place, WHOSE), realpathSync(folder));
  }
  return {
    programs: !isRoot || isOpenToOthers(programs) ? programs : copied(programs, join(place, "programs")),
    place,
    data: join(place, "data"),
    ...(isRoot && { user: { uid: NOBODY, gid: NOBODY } }),
    remove() {
      for (const part of ["data", "programs"]) rmSync(join(place, part), { recursive: true, force: true });
      if (!isInside) rmSync(place, { recursive: true, force: true });
    },
  };
}

/** The file in a home that says whose it is. */
const WHOSE = "whose";

/** Removes the homes of folders that somebody has thrown away: nobody finds them again. */
function removeDeserted(homes: string): void {
  for (const name of readdirSync(homes)) {
    const place = join(homes, name);
    const whose = join(place, WHOSE);
    const isDeserted = existsSync(whose) && !existsSync(readFileSync(whose, "utf8"));
    // While a server is about to end there, as after a kill, it is left to the next start.
    if (isDeserted && !existsSync(join(place, "data", PID_FILE))) rmSync(place, { recursive: true, force: true });
  }
}

/** Whether everybody may go into a folder and all that it lies in. */
export function isOpenToOthers(folder: string): boolean {
  const path = realpathSync(folder);
  return (statSync(path).mode & 0o001) !== 0 && (dirname(path) === path || isOpenToOthers(dirname(path)));
}

/** The same at each start, so that the data is found again. */
function nameFor(folder: string): string {
  return createHash("sha256").update(realpathSync(folder)).digest("hex").slice(0, 16);
}

/** Makes a folder that nobody else can have put there, or put anything into. */
function demandOwn(place: string, homes: string): void {
  for (const folder of [homes, place]) {
    mkdirSync(folder, { recursive: true, mode: 0o711 });
    const found = lstatSync(folder);
    const isOwn = found.isDirectory() && found.uid === 0 && (found.mode & 0o022) === 0;
    if (!isOwn) throw new PostgresError(`${folder}, where PostgreSQL is to live, is not root's alone; remove it.`);
  }
}

/** Copies anew each time: the programs may be of another version than last time. */
function copied(programs: string, to: string): string {
  rmSync(to, { recursive: true, force: true });
  for (const part of ["bin", "lib", "share"]) {
    cpSync(join(programs, part), join(to, part), { recursive: true, verbatimSymlinks: true });
  }
  for (const entry of readdirSync(to, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) openToOthers(join(entry.parentPath, entry.name));
  }
  openToOthers(to);
  return to;
}

/** Lets others read what its owner may, also where he installs so that they may not. */
function openToOthers(path: string): void {
  const { mode } = statSync(path);
  chmodSync(path, mode | ((mode & 0o500) >> 6));
}
