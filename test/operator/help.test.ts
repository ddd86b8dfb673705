import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { COMMANDS } from "../../operator/commands.ts";
import { RUNNING_FILE } from "../../operator/place/running.ts";
import { programOf } from "../../operator/program.ts";
import { until } from "../flows/support.ts";
import { type Keyturn, machines, startKeyturn } from "../restart/keyturn.ts";
import { keyturn, type Ran } from "./keyturn.ts";

describe("what is typed wrongly, and help", () => {
  test.each(["", ...COMMANDS.map(({ name }) => name)])("keyturn %s --help fits a terminal", (name) => {
    const program = programOf("0.0.0", [], () => undefined);
    const command = program.commands.find((one) => one.name() === name) ?? program;
    let out = "";
    const writeOut = (text: string) => {
      out += text;
    };
    command.configureOutput({ writeOut, getOutHelpWidth: () => 80 });
    command.outputHelp();
    expect(out.split("\n").filter((line) => line.length > 80)).toEqual([]);
    const told = COMMANDS.filter((one) => one.name === name).flatMap(({ does, examples }) => [does, ...examples]);
    for (const text of told) expect(out.replaceAll(/\s+/g, " ")).toContain(text);
    if (name === "") for (const one of COMMANDS) expect(out).toMatch(new RegExp(`^  ${one.name} `, "m"));
  });

  test("it loads none of the AWS SDK, nor what draws or reads", async () => {
    const loud = `import { registerHooks } from "node:module";
      registerHooks({ load(url, context, next) { process.stderr.write(url + "\\n"); return next(url, context); } });`;
    const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(loud)}`;
    const { err } = await keyturn(["--help"], { env: { NODE_OPTIONS } });
    expect(err).toContain("operator/specs/looking.ts");
    expect(err).not.toMatch(/node_modules\/(?!commander)|operator\/(perform|place\/place|commands\/)/);
  });

  test.concurrent.for<[string[], number, RegExp]>([
    [[], 2, /^Usage: keyturn COMMAND/],
    [["fleeet"], 2, /^keyturn: unknown command 'fleeet' \(Did you mean fleet\?\)\nSee keyturn --help\.\n$/],
    [["fleeet", "--help"], 2, /Did you mean fleet\?/],
    [["help", "fleeet"], 2, /Did you mean fleet\?/],
    [
      ["fleet", "--chekc"],
      2,
      /^keyturn: unknown option '--chekc' \(Did you mean --check\?\)\nSee keyturn fleet --help\.\n$/,
    ],
    [
      ["--check", "fleet"],
      2,
      /^keyturn: unknown option '--check'\nIt comes behind the command: keyturn fleet --check\n/,
    ],
    [["show", "a1b2c3", "--check"], 2, /^keyturn: unknown option '--check'\nIt is one of keyturn fleet, /],
    [["show"], 2, /^keyturn: missing required argument 'subject'\nSee keyturn show --help\.\n$/],
    [["fleet", "--where", "age"], 2, /^keyturn: --where: "age" is no /],
    [["--stack", "keyturn-test", "fleet"], 2, /^keyturn: --stack takes letters and digits/],
  ])("keyturn %j", async ([args, exit, said]) => {
    const { code, out, err } = await keyturn(args);
    expect({ code, out }).toEqual({ code: exit, out: "" });
    expect(err).toMatch(said);
  });

  test.concurrent.for([["help", "fleet"], ["help"], ["--version"]])("keyturn %j", async (args) => {
    const { code, out, err } = await keyturn(args);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(args[1] === "fleet" ? /^Usage: keyturn fleet/ : /^(Usage: keyturn COMMAND|\d+\.\d+\.\d+\n$)/);
  });
});

/** What somebody may have set for the real AWS: it counts for nothing beside npm start. */
const HOSTILE = { AWS_REGION: "eu-west-1", AWS_PROFILE: "nobodys", AWS_USE_FIPS_ENDPOINT: "true" };

describe("beside npm start", () => {
  let data: string;
  let start: Keyturn;
  let values: [string, string][];
  beforeAll(async () => {
    data = mkdtempSync(join(tmpdir(), "keyturn-test-"));
    // Of the secrets that several share the token alone: it needs no PostgreSQL. Proofs as shipped: on a busy machine they come late.
    const options = ["--agents", "2", "--every", "1h", "--samples", "5s", "--no-database"];
    start = await startKeyturn(data, options, { database: true });
    const proved = () => [...start.said().matchAll(/ {2}(\w{6}) {2}writes its proofs/g)].map(([, id = ""]) => id);
    const [id = ""] = await until(() => (proved().length === 2 ? proved() : undefined), "the proofs of both");
    const [, host = ""] = new RegExp(`${id} {2}registered from \\S+ \\((i-\\w+)\\)`).exec(start.said()) ?? [];
    expect(machines(data)).toContain(host);
    values = [
      ["a1b2c3", id],
      ["i-0abc1234def567890", host],
      ["orders/db", "shop/token"],
    ];
  });
  afterAll(async () => {
    const { code } = await start.end("SIGINT");
    const isGone = !existsSync(join(data, RUNNING_FILE));
    rmSync(data, { recursive: true });
    expect({ code, isGone }).toEqual({ code: 0, isGone: true });
  });

  test("where it is only its user may read", () => {
    expect(statSync(join(data, RUNNING_FILE)).mode & 0o777).toBe(0o600);
  });

  const examples = COMMANDS.flatMap(({ name, examples: each, options = [] }) =>
    each.map((example) => ({ name, example, isAsked: options.some(({ flags }) => flags === "--yes") })),
  );

  test.for(examples)("$example", async ({ name, example, isAsked }) => {
    const real = values.reduce((text, [shown, its]) => text.replaceAll(shown, its), example);
    const { code, out, err } = await type(isAsked && !/--dry-run/.test(real) ? `${real} --yes` : real);
    const mayNeedAttention = /--check/.test(example) || ["doctor", "audit", "report"].includes(name);
    const mayMatchNone = /--where|--cause/.test(example);
    const good = [0, ...(mayNeedAttention ? [5] : []), ...(mayMatchNone ? [3] : [])];
    expect(good, `exit ${code}\n${out}\n${err}`).toContain(code);
    expect(`${out}${err}`).not.toMatch(/\n {4}at |not foreseen|not built/);
    // Where nobody was matched there is no answer, and stderr says so.
    if (/--json/.test(example) && code !== 3) expect(() => JSON.parse(out)).not.toThrow();
  });

  /** Types a line into a shell in which `keyturn` is the command line. */
  function type(line: string): Promise<Ran> {
    const script = `keyturn() { "${process.execPath}" tools/keyturn.mjs --data "${data}" "$@"; }\n${line}`;
    return new Promise((resolve) => {
      execFile("/bin/sh", ["-c", script], { env: { ...HOSTILE, PATH: process.env.PATH } }, (error, out, err) =>
        resolve({ code: typeof error?.code === "number" ? error.code : 0, out, err }),
      );
    });
  }
});
