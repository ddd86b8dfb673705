import { fleetTagOf } from "../../functions/shared/names.ts";
import { agentVersionOf, isAgentTooOld, OLDEST_AGENT } from "../../protocol/index.ts";
import { counted } from "../output/count.ts";
import { ago, span } from "../output/time.ts";
import { attention, type Found, listed, liveOf, ok, type Patient, type Question } from "./check.ts";
import { isFresh, type Proofs, SKEW_MS } from "./proofs.ts";

/** AWS refuses what is signed five minutes off; half of it is told before. */
const OWN_SKEW_MS = 150_000;

const NOBODY = "no instance is active yet";

/** What instances write, and what reaches them. */
export const OF_INSTANCES: readonly Question[] = [
  { name: "samples", needs: ["fleet"], ask: askSeries },
  { name: "clocks", ask: askClocks },
  { name: "ssm", needs: ["fleet"], ask: askSsm },
  { name: "agents", needs: ["fleet"], ask: askAgents },
];

async function askSeries({ now, proofs }: Patient): Promise<Found> {
  const read = await proofs();
  if (read.length === 0) return ok(`the series can be read; ${NOBODY}`);
  const fresh = read.filter((proof) => isFresh(proof, now));
  const newest = Math.max(...read.flatMap(({ times }) => times.filter((time) => time <= now + SKEW_MS)));
  const said =
    newest === Number.NEGATIVE_INFINITY ? "nothing in a day" : `the newest sample is ${span(now - newest)} old`;
  const asked = `of ${counted(read.length, "instance")} that proved last`;
  if (fresh.length > 0) return ok(`${said}; ${fresh.length} ${asked} ${fresh.length === 1 ? "is" : "are"} fresh`);
  return attention(
    `none ${asked} is fresh: ${said}`,
    "Look at what stands: keyturn findings",
    "All silent at once: look at the agents' way to the store of the samples, and docs/runbook.md, section STALE.",
  );
}

async function askClocks({ caller: { aheadMs }, now, proofs, place }: Patient): Promise<Found> {
  const own = `this computer's is ${Math.abs(aheadMs) < 2000 ? "AWS's" : `${span(aheadMs)} ${aheadMs > 0 ? "ahead" : "behind"}`}`;
  if (Math.abs(aheadMs) > OWN_SKEW_MS) {
    return attention(own, "Set this computer's clock, e.g. by NTP: AWS refuses what is signed five minutes off.");
  }
  // Whether an instance can be asked or not, this computer's own clock is known.
  const read = await proofs().catch((): Proofs | undefined => undefined);
  if (read === undefined) return ok(`${own}; what instances wrote cannot be read`);
  const ahead = read.filter(({ times: [newest = 0] }) => newest > now + SKEW_MS);
  if (ahead.length > 0) {
    return attention(
      `${counted(ahead.length, "instance")} of ${read.length} asked ${ahead.length === 1 ? "writes" : "write"} times to come: ${listed(ahead.map(({ id }) => id))}`,
      "Set the clock there (chronyc tracking): what is from the future proves nothing.",
    );
  }
  const others =
    place.kind === "here" || read.length === 0 ? "" : `; none of ${counted(read.length, "instance")} asked is ahead`;
  return ok(`${own}${others}`);
}

async function askSsm({ deployment, instances, now }: Patient): Promise<Found> {
  const live = liveOf(await instances());
  if (live.length === 0) return ok(NOBODY);
  const hosts = await deployment.managedHosts(live.map(({ ec2InstanceId }) => ec2InstanceId));
  const missing = live.filter(({ ec2InstanceId }) => !hosts.has(ec2InstanceId));
  const lost = live.filter(({ ec2InstanceId }) => (hosts.get(ec2InstanceId)?.ping ?? "Online") !== "Online");
  if (missing.length + lost.length === 0) return ok(`SSM reaches all of ${counted(live.length, "host")}`);
  const named = (some: typeof live) => listed(some.map(({ id, ec2InstanceId }) => `${id} (${ec2InstanceId})`));
  const since = lost.map(({ ec2InstanceId }) => hosts.get(ec2InstanceId)?.pingedAt ?? now);
  return attention(
    [
      ...(missing.length > 0 ? [`SSM does not know ${counted(missing.length, "host")}: ${named(missing)}`] : []),
      ...(lost.length > 0
        ? [`it has lost ${counted(lost.length, "host")}, the first ${ago(Math.min(...since), now)}: ${named(lost)}`]
        : []),
    ].join("; "),
    "No push reaches them. On the host: sudo systemctl status amazon-ssm-agent; its role needs AmazonSSMManagedInstanceCore.",
  );
}

async function askAgents({ instances, place: { names, prefix } }: Patient): Promise<Found> {
  const live = liveOf(await instances());
  if (live.length === 0) return ok(NOBODY);
  const byVersion = Map.groupBy(live, ({ agentVersion }) => agentVersionOf(agentVersion));
  const versions = [...byVersion].map(([version, of]) => `${version} on ${counted(of.length, "instance")}`);
  const old = live.filter(({ agentVersion }) => isAgentTooOld(agentVersion));
  if (old.length === 0) return ok(versions.join(", "));
  const tag = fleetTagOf(prefix);
  return attention(
    `${versions.join(", ")}; at least ${OLDEST_AGENT} is needed: ${listed(old.map(({ id }) => id))}`,
    "Install this deployment's agent; keys are left as they are. On all hosts:",
    `aws ssm send-command --document-name ${names.installDocument} --document-version '$LATEST' --targets Key=tag:${tag.key},Values=${tag.value}`,
  );
}
