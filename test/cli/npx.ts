import { join } from "node:path";

const MAIN = join(import.meta.dirname, "../../operator/main.ts");

/**
 * A script to be found as `npx` by whoever types what documents tell: it starts `keyturn` as it stands here, without npm, and says
 * yes where `keyturn` would ask. That a cause stands of nobody just now, that nobody has an ID that is to go, or that `doctor` finds
 * something is no fault of what was typed.
 */
export const NPX = `#!/bin/sh
[ "$1" = keyturn ] || { echo "npx $1: only keyturn is typed in documents" >&2; exit 1; }
shift
case $1 in rotate | rekey | quarantine | release | retire) set -- "$@" --yes ;; esac
"${process.execPath}" "${MAIN}" "$@"
code=$?
case "$code $*" in "3 "*" --cause "* | "3 retire d4e5f6 "* | "5 doctor"*) exit 0 ;; esac
exit $code
`;
