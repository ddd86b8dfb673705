import { join } from "node:path";

const MAIN = join(import.meta.dirname, "../../tools/keyturn.mjs");

/**
 * What `keyturn` says where nobody is just now whom a document's example is about, or where a credential is being turned already, or
 * its consumers have yet to move: no fault of what was typed.
 */
const JUST_NOW = ["Nobody is meant", "Nothing matched", "Another rotation is under way", "BEHIND in VerifyCredential"];

/**
 * A script to be found as `npx` by whoever types what documents tell: it starts `keyturn` as it stands here, without npm, and says
 * yes where `keyturn` would ask. It fails where `keyturn` does, but for what may be so: nobody is meant, a credential is being turned,
 * nobody has the ID of the example that is retired, or something needs attention where one asks for that.
 */
export const NPX = `#!/bin/sh
[ "$1" = keyturn ] || { echo "npx $1: only keyturn is typed in documents" >&2; exit 1; }
shift
case $1 in rotate | rekey | quarantine | release | retire) set -- "$@" --yes ;; esac
complaints=$(mktemp)
said=$("${process.execPath}" "${MAIN}" "$@" 2>"$complaints")
code=$?
[ -z "$said" ] || printf '%s\\n' "$said"
cat "$complaints" >&2
said="$said $(cat "$complaints")"
rm "$complaints"
case "$code $said" in ${JUST_NOW.map((text) => `[13]" "*"${text}"*`).join(" | ")}) exit 0 ;; esac
case "$code $*" in "5 doctor"* | "5 "*" --check"* | "3 "*" --dry-run"* | "3 retire d4e5f6 "*) exit 0 ;; esac
exit $code
`;
