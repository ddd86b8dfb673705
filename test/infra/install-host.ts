import { spawn } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What goes wrong with a command: its Nth call, or each of that name. */
export type Fault =
  | { at: number; how: "fails" | "dies" }
  | { command: string; how: "always fails" }
  | { command: string; how: "says"; output: string };

/** What came of an installation. */
export interface Installed {
  /** undefined where it was killed. */
  code: number | undefined;
  output: string;
  /** The commands that it called, in their order. */
  calls: string[];
}

/** Every command that install.sh may call. Those that reach outside of the host are stand-ins, the others are the real ones. */
const REAL = [...["cat", "flock", "grep", "install", "mktemp", "mv", "rm", "sed", "sha256sum", "sync", "touch"]];

/** What a stand-in of a command outside of the host does, in its own words. */
const STANDING_IN: Record<string, string> = {
  // The last two words are from where and to where.
  aws: 'for word; do from=$to to=$word; done; cp -R "$HOST/bucket" "$to"; echo "$@" >"$HOST/asked"; env >"$HOST/aws-environment"',
  python3: 'cp -R "$3" "$4" 2>/dev/null || cp -R "$4" "$5"',
  dnf: 'mkdir -p "$HOST/root/usr/bin"; cp "$HOST/node-24" "$HOST/root/usr/bin/node-24"',
  systemctl: 'case "$*" in restart*) cp "$HOST/root/opt/keyturn/keyturn-agent.mjs" "$HOST/running";; esac',
  sleep: ":",
};

/** The folders of a host that the script names; in the scratch host they lie under a folder of its own. */
const OF_THE_HOST = /(?<![\w.}*])\/(?=(?:etc|opt|usr)\/)/g;

/**
 * A host to install on: a scratch folder in the place of `/`, and on the PATH stand-ins for all that the script calls,
 * which count and can be made to fail.
 */
export class InstallHost {
  readonly #folder = mkdtempSync(join(tmpdir(), "keyturn-install-"));

  constructor() {
    for (const folder of ["root", "bin", "bucket", "tmp"]) mkdirSync(join(this.#folder, folder));
    // A stand-in for Node that runs what stands in for the agent: a shell script that knows its version.
    writeFileSync(join(this.#folder, "node-24"), '#!/bin/sh\n[ "$1" != --version ] || exit 0\nexec /bin/sh "$@"\n', {
      mode: 0o755,
    });
    this.write("etc/system-release", "Amazon Linux release 2023.8.20250818 (Amazon Linux)\n");
    for (const name of REAL) this.#standIn(name, `exec ${whereIs(name)} "$@"`);
    for (const [name, does] of Object.entries(STANDING_IN)) this.#standIn(name, does);
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Puts what S3 has at the bundle's URL. */
  upload(folder: string): void {
    rmSync(join(this.#folder, "bucket"), { recursive: true });
    cpSync(folder, join(this.#folder, "bucket"), { recursive: true });
  }

  /** The text of a file of the host, by its path without the leading `/`; undefined if there is none. */
  read(path: string): string | undefined {
    const whole = join(this.#folder, "root", path);
    return existsSync(whole) ? readFileSync(whole, "utf8") : undefined;
  }

  /** Who may do what with a file or folder of the host, e.g. `755`. */
  mode(path: string): string {
    return (statSync(join(this.#folder, "root", path)).mode & 0o777).toString(8);
  }

  write(path: string, text: string): void {
    const whole = join(this.#folder, "root", path);
    mkdirSync(join(whole, ".."), { recursive: true });
    writeFileSync(whole, text);
  }

  /** The agent that was started last; undefined if none was. */
  get running(): string | undefined {
    const path = join(this.#folder, "running");
    return existsSync(path) ? readFileSync(path, "utf8") : undefined;
  }

  /** The variables that the AWS CLI was started with. */
  get awsEnvironment(): string[] {
    return readFileSync(join(this.#folder, "aws-environment"), "utf8").split("\n");
  }

  /** Takes a command away. */
  without(command: string): void {
    rmSync(join(this.#folder, "bin", command));
  }

  /** Runs the script, as the SSM agent or cloud-init do, with something going wrong in it or nothing. */
  run(script: string, fault?: Fault): Promise<Installed> {
    const calls = join(this.#folder, "calls");
    writeFileSync(calls, "");
    const command = fault !== undefined && "command" in fault ? fault.command : "";
    const child = spawn("/bin/sh", ["-c", script.replaceAll(OF_THE_HOST, `${this.#folder}/root/`)], {
      env: {
        PATH: join(this.#folder, "bin"),
        HOST: this.#folder,
        TMPDIR: join(this.#folder, "tmp"),
        FAULT_AT: fault !== undefined && "at" in fault ? String(fault.at) : "",
        FAULT_COMMAND: command,
        FAULT_HOW: fault?.how ?? "",
        FAULT_OUTPUT: fault?.how === "says" ? fault.output : "",
      },
      stdio: ["ignore", "pipe", "pipe"],
      // A group of its own, which a stand-in can kill as a whole.
      detached: true,
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
    return new Promise((resolve) =>
      child.on("close", (code) =>
        resolve({ code: code ?? undefined, output, calls: readFileSync(calls, "utf8").trimEnd().split("\n") }),
      ),
    );
  }

  #standIn(name: string, does: string): void {
    const path = join(this.#folder, "bin", name);
    writeFileSync(
      path,
      STAND_IN.replaceAll("NAME", name).replace("DOES", () => does),
    );
    chmodSync(path, 0o755);
  }
}

/**
 * A stand-in notes that it was called, and does what it stands for unless its turn has come to fail. What was to be written
 * is half there then, as where the disk is full.
 */
const STAND_IN = `#!/bin/sh
PATH=/usr/bin:/bin
echo NAME >>"$HOST/calls"
if [ "$FAULT_COMMAND" = NAME ]; then
  [ -z "$FAULT_OUTPUT" ] || echo "$FAULT_OUTPUT" >&2
  exit 1
fi
if [ -n "$FAULT_AT" ] && [ "$(wc -l <"$HOST/calls")" = "$FAULT_AT" ]; then
  if [ NAME.$1 = install.-D ]; then mkdir -p "$(dirname "$5")" && echo half >"$5"; fi
  [ "$FAULT_HOW" != dies ] || kill -9 0
  exit 1
fi
DOES
`;

function whereIs(name: string): string {
  const found = ["/usr/bin", "/bin"].map((folder) => join(folder, name)).find(existsSync);
  if (found === undefined) throw new Error(`there is no ${name} in /usr/bin`);
  return found;
}
