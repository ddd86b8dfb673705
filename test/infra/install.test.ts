import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { LEAST_RELEASE } from "../../infra/install/script.ts";
import { type Fault, type Installed, InstallHost } from "./install-host.ts";
import { shippedSettings, synthesize } from "./synthesized.ts";

// What the template has a host run, as it stands there, in a real shell.

/** EC2 takes no more, before it is encoded. */
const MOST_USER_DATA = 16_384;
const AGENT = "opt/keyturn/keyturn-agent.mjs";
const CONF = "etc/keyturn/agent.conf";

const folder = mkdtempSync(join(tmpdir(), "keyturn-agents-"));
const later = deployment("0.2.0");
const earlier = deployment("0.1.0");
afterAll(() => rmSync(folder, { recursive: true }));

interface Deployment {
  version: string;
  /** The files of the bundle. */
  bundle: string;
  agent: string;
  userData: string;
  /** What the document Keyturn-Install runs. */
  document: string;
}

/** A deployment whose agent is of some version; what stands in for it is a shell script that can say so. */
function deployment(version: string): Deployment {
  const bundle = join(folder, version);
  const agent = `[ "$1" = --version ] && echo ${version}\n`;
  mkdirSync(bundle);
  writeFileSync(join(bundle, "keyturn-agent.mjs"), agent);
  writeFileSync(join(bundle, "keyturn-agent"), `#!/bin/sh\n# of ${version}\n`);
  writeFileSync(join(bundle, "keyturn-agent.service"), `[Unit]\n# of ${version}\n`);
  const given = synthesize({ timeSeries: "dynamodb" }, { agentFolder: bundle });
  const [, template] = given.one("AWS::EC2::LaunchTemplate", "LaunchTemplateName", "keyturn-instance");
  const [, document] = given.one("AWS::SSM::Document", "Name", "Keyturn-Install");
  const { mainSteps } = document.Properties.Content as { mainSteps: { inputs: { runCommand: string[] } }[] };
  return {
    version,
    bundle,
    agent,
    userData: (template.Properties.LaunchTemplateData as { UserData: string }).UserData,
    document: mainSteps[0]?.inputs.runCommand.join("\n") ?? "",
  };
}

/** Does something with a new host, on which an agent is installed already or none. */
async function onHost<T>(before: Deployment | undefined, work: (host: InstallHost) => Promise<T>): Promise<T> {
  const host = new InstallHost();
  try {
    if (before !== undefined) {
      host.upload(before.bundle);
      expect(await host.run(before.userData)).toMatchObject({ code: 0 });
    }
    host.upload(later.bundle);
    return await work(host);
  } finally {
    host.close();
  }
}

function expectInstalled(host: InstallHost, { version, agent }: Deployment): void {
  expect(host.read(AGENT)).toBe(agent);
  expect(host.read("usr/local/bin/keyturn-agent")).toContain(version);
  expect(host.read("etc/systemd/system/keyturn-agent.service")).toContain(version);
  expect(host.read(CONF)).toContain("\nKEYTURN_SERIES_TABLE=keyturn-samples\n");
  expect(host.running, "the agent that lies there is to run").toBe(agent);
}

/** What stands in the place of the agent and its settings is whole, the one or the other, whatever happened. */
function expectWhole(host: InstallHost, before: Deployment | undefined): void {
  expect([before?.agent, later.agent]).toContain(host.read(AGENT));
  const conf = host.read(CONF);
  if (conf !== undefined) expect(conf).toMatch(/^KEYTURN_REGISTRATION_URL=.*\n# Of this host: .*\n$/s);
  if (before !== undefined) expect(conf).toBeDefined();
}

/** Why there is no agent, or not the new one. */
const SENTENCE = /^keyturn-install: [A-Z].*\.$/m;
/** Commands whose failure passes, for all that the script knows. */
const PASSES = ["aws", "python3", "dnf", "systemctl"];

describe.each([
  ["a new host", undefined, later.userData],
  ["a host with an earlier agent", earlier, later.document],
] as const)("on %s", (_, before, script) => {
  test("the agent is installed, and it is said which one it was", async () => {
    await onHost(before, async (host) => {
      const { code, output } = await host.run(script);
      expect({ code, output }).toMatchObject({ code: 0 });
      expectInstalled(host, later);
      const of = (one: Deployment) => `${one.version} (SHA-256 ${digest(one.agent)})`;
      const was = before === undefined ? "none" : of(before);
      expect(output).toBe(`keyturn-install: The agent was ${was}, and is now ${of(later)}.\n`);
    });
  });

  test("it gets there, or says why not, whichever of its commands fails once or is where it dies", async () => {
    const { calls } = await onHost(before, (host) => host.run(script));
    expect(calls.length).toBeGreaterThan(20);
    const faults = calls.flatMap((command, index) =>
      (["fails", "dies"] as const).map((how) => ({ command, fault: { at: index + 1, how } as Fault })),
    );
    await several(faults, async ({ command, fault }) => {
      await onHost(before, async (host) => {
        const struck = await host.run(script, fault);
        const about = `${command} ${fault.how}: ${JSON.stringify({ fault, ...struck })}`;
        if (fault.how === "dies") expect(struck.code, about).toBeUndefined();
        else if (PASSES.includes(command)) expect(struck.code, about).toBe(0);
        else if (struck.code !== 0) expect(struck.output, about).toMatch(SENTENCE);
        if (struck.code === 0) expectInstalled(host, later);
        else expectWhole(host, before);
        expect(await host.run(script), `${about}, and run again`).toMatchObject({ code: 0 });
        expectInstalled(host, later);
      });
    });
  }, 120_000);

  test("it says why not, in bounded time, whichever of its commands fails for ever", async () => {
    const { calls } = await onHost(before, (host) => host.run(script));
    await several([...new Set(calls)], async (command) => {
      await onHost(before, async (host) => {
        const struck = await host.run(script, { command, how: "always fails" });
        // What is cleaned up in the end, or told beside, holds nothing up.
        if (struck.code !== 0) expect(struck.output, command).toMatch(SENTENCE);
        const pauses = struck.calls.filter((one) => one === "sleep").length;
        if (PASSES.includes(command)) expect([command, pauses]).toEqual([command, 19]);
        expectWhole(host, before);
      });
    });
  }, 120_000);

  test("what is not the deployment's own agent is refused, and changes nothing", async () => {
    const forged = join(folder, `forged-${before?.version}`);
    mkdirSync(forged);
    for (const file of ["keyturn-agent.mjs", "keyturn-agent", "keyturn-agent.service"]) {
      writeFileSync(join(forged, file), "echo 0.2.0\n");
    }
    await onHost(before, async (host) => {
      const files = () => [AGENT, CONF, "usr/local/bin/keyturn-agent"].map((file) => host.read(file));
      const were = files();
      host.upload(forged);
      const { code, output, calls } = await host.run(script);
      expect(code).toBe(1);
      expect(output).toMatch(/^keyturn-install: What lies at s3:\/\/\S+\.zip is not the agent that was deployed/m);
      expect(calls).not.toContain("dnf");
      expect(calls).not.toContain("systemctl");
      expect(files()).toEqual(were);
    });
  });
});

describe("Node 24", () => {
  const missing =
    "Last metadata expiration check: 0:00:03 ago.\nNo match for argument: nodejs24\nError: Unable to find a match: nodejs24";

  test("that the image's repository does not have is told at once, with the release that has it", async () => {
    const { output, calls } = await struckBy({ command: "dnf", how: "says", output: missing });
    expect(output).toContain(
      `keyturn-install: The repository of Amazon Linux release 2023.8.20250818 (Amazon Linux) has no nodejs24: it came with ${LEAST_RELEASE}.`,
    );
    expect(output).toContain(`dnf upgrade --releasever=${LEAST_RELEASE}`);
    expect(calls).not.toContain("sleep");
  });

  test.each([
    `Errors during downloading metadata for repository 'amazonlinux':\nIgnoring repositories: amazonlinux\n${missing}`,
    "RPM: error: can't create transaction lock on /var/lib/rpm/.rpm.lock (Resource temporarily unavailable)",
  ])("is asked for again while the package manager says: %s", async (output) => {
    const struck = await struckBy({ command: "dnf", how: "says", output });
    expect(struck.calls.filter((call) => call === "dnf")).toHaveLength(20);
    expect(struck.output).toContain("keyturn-install: Node 24 could not be installed: what dnf says stands above.");
    expect(struck.output).toContain(output);
  });

  test("that is there already is taken as it is, without any repository", async () => {
    await onHost(earlier, async (host) => {
      expect((await host.run(later.document, { command: "dnf", how: "always fails" })).code).toBe(0);
    });
  });

  function struckBy(fault: Fault): Promise<Installed> {
    return onHost(undefined, (host) => host.run(later.userData, fault));
  }
});

test.each(["000", "022", "077"])(
  "what root runs is for root alone to change, and for all to read, with a umask of %s",
  async (mask) => {
    await onHost(undefined, async (host) => {
      host.write("opt/keyturn/left", "by whoever was here before");
      expect(await host.run(`chmod 777 /opt/keyturn\numask ${mask}\n${later.userData}`)).toMatchObject({ code: 0 });
      for (const path of ["opt/keyturn", "etc/keyturn", "etc/keyturn/hooks.d", "usr/local/bin/keyturn-agent"]) {
        expect([path, host.mode(path)]).toEqual([path, "755"]);
      }
      for (const path of [AGENT, CONF, "opt/keyturn/.installing"])
        expect([path, host.mode(path)]).toEqual([path, "644"]);
    });
  },
);

test("an image without the AWS CLI is told so", async () => {
  await onHost(undefined, async (host) => {
    host.without("aws");
    const { code, output } = await host.run(later.userData);
    expect(code).toBe(1);
    expect(output).toMatch(/^keyturn-install: There is no aws here\. Take the standard image/);
  });
});

test("the host's own settings stay, and the AWS CLI goes by those that are about AWS", async () => {
  const own =
    "AWS_USE_DUALSTACK_ENDPOINT = 'true'\nAWS_EC2_METADATA_SERVICE_ENDPOINT_MODE=IPv6\nKEYTURN_HOOK_TIMEOUT_SECONDS=60\n";
  await onHost(earlier, async (host) => {
    const [deployed = "", mark] = host.read(CONF)?.split(/(?<=\n)(?=# Of this host)/) ?? [];
    expect(mark).toBe("# Of this host: what stands below this line stays when the agent is installed anew.\n");
    host.write(CONF, `KEYTURN_NONCE=none\n${mark}${own}`);
    expect(await host.run(later.document)).toMatchObject({ code: 0 });
    expect(host.read(CONF)).toBe(`${deployed}${mark}${own}`);
    expect(host.awsEnvironment).toContain("AWS_USE_DUALSTACK_ENDPOINT=true");
    expect(host.awsEnvironment).toContain("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE=IPv6");
    expect(host.awsEnvironment.join("\n")).not.toContain("KEYTURN_HOOK");
    expect(await host.run(later.document)).toMatchObject({ code: 0 });
    expect(host.read(CONF), "a second time adds nothing").toBe(`${deployed}${mark}${own}`);
  });
});

test("an image's own settings hold at the first boot", async () => {
  await onHost(undefined, async (host) => {
    host.write(CONF, "# Of this host\nAWS_USE_FIPS_ENDPOINT=true\n");
    expect(await host.run(later.userData)).toMatchObject({ code: 0 });
    expect(host.read(CONF)).toMatch(/^KEYTURN_REGISTRATION_URL=.*\n# Of this host\nAWS_USE_FIPS_ENDPOINT=true\n$/s);
    expect(host.awsEnvironment).toContain("AWS_USE_FIPS_ENDPOINT=true");
  });
});

test("the least image is named where people read of it", () => {
  const named = readFileSync(new URL("../../docs/deploying.md", import.meta.url), "utf8").match(/2023\.\d+\.\d{8}/g);
  expect(new Set(named), "docs/deploying.md: name LEAST_RELEASE of infra/install/script.ts").toEqual(
    new Set([LEAST_RELEASE]),
  );
});

test("user data is as short as EC2 wants it, and holds nothing that SSM would put something else for", () => {
  for (const timeSeries of ["timestream", "dynamodb"]) {
    const given = synthesize({ ...shippedSettings(), timeSeries });
    const [, template] = given.one("AWS::EC2::LaunchTemplate", "LaunchTemplateName", "keyturn-instance");
    const { UserData } = template.Properties.LaunchTemplateData as { UserData: string };
    // References are longer or shorter than what stands for them: a kilobyte is left for it.
    expect(Buffer.byteLength(UserData), "infra/install/install.sh: make it shorter").toBeLessThan(
      MOST_USER_DATA - 1024,
    );
    expect(UserData, "infra/install/install.sh: SSM takes {{ for a parameter").not.toContain("{{");
  }
});

test("shellcheck finds nothing in what a host runs", ({ skip }) => {
  const input = later.document.replace(/\$\{(AWS::\w+|\w+\.\w+)\}/g, "referred-to");
  const { status, stdout, error } = spawnSync("shellcheck", ["-s", "sh", "-"], { input, encoding: "utf8" });
  skip(error !== undefined, "shellcheck is not installed");
  expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
});

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Some at a time: each is a shell and its children. */
async function several<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const left = [...all];
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      for (let one = left.shift(); one !== undefined; one = left.shift()) await work(one);
    }),
  );
}
