import type { Finding } from "../../functions/findings/finding.ts";
import { stands } from "../../functions/findings/finding.ts";
import type { FlowName } from "../../infra/wiring.ts";
import { isEc2InstanceId, isInstanceId } from "../../protocol/index.ts";
import type { Host } from "../harness/host.ts";
import type { Ground } from "./ground.ts";
import { shutOut } from "./others.ts";
import { A_MINUTE_MS } from "./times.ts";

/** Types what a mail or the runbook says to start. */
export type Start = (flow: FlowName, input: object) => void;

interface Found {
  fleet: Ground;
  start: Start;
  host: Host;
  /** Under which the host is known; undefined where it has no live record. */
  id: string | undefined;
}

/** By cause, what the runbook has a person do, where the mail leaves it to them to look at the host. */
const SECTIONS: Record<string, (found: Found) => Promise<void> | void> = {
  CONFLICT: ({ host, fleet }) => void shutOut(host.ec2InstanceId, fleet),
  NewcomerRetired,
  TOO_MANY_IDS: afterTheft,
  REKEY_TAKEN: afterTheft,
  ReceiptInvalid(found) {
    if (shutOut(found.host.ec2InstanceId, found.fleet) > 0) afterTheft(found);
    else operate(found, "rekey", { anew: true });
  },
  MISMATCH: ({ host, fleet }) => void shutOut(host.ec2InstanceId, fleet),
  RETIRED: registerAnew,
  UNKNOWN_ID: registerAnew,
  async NeverRegistered(found) {
    await visit(found);
    await registerAnew(found);
  },
  UnknownId: registerAnew,
  QUARANTINED: (found) => operate(found, "release"),
  STALE: visit,
  PushFailed: visit,
  PushUndelivered: visit,
  PushRefused: visit,
};

/** Section by section of what stands, or of what a mail is about. */
export async function doAsTheRunbookSays(finding: Finding, fleet: Ground, start: Start): Promise<void> {
  const { registry, hosts } = fleet.world;
  if (!stands(finding)) return;
  // A storm's mail has no command for each of its keys: the section has one.
  if (finding.cause === "ExposedKeyNotShut" && finding.ofStorm) {
    const detail = { accessKeyId: finding.subject };
    start("exposed-key", { "detail-type": "Access Key Exposed", source: "by.hand", detail });
    return;
  }
  const named = [finding.subject, finding.facts.ec2InstanceId].find(isEc2InstanceId);
  const known = [finding.subject].find(isInstanceId);
  const host = hosts.get(named ?? registry.records.get(known ?? "")?.ec2InstanceId ?? "");
  if (host === undefined) return;
  await SECTIONS[finding.cause]?.({ fleet, start, host, id: fleet.recordOf(host)?.id });
}

/** Credentials were stolen: nothing counts until they are worth nothing, and only then it is rekeyed. */
function afterTheft(found: Found): void {
  const { fleet, host } = found;
  operate(found, "quarantine");
  fleet.later(20 * A_MINUTE_MS, () => {
    shutOut(host.ec2InstanceId, fleet);
    operate(found, "release");
  });
  fleet.later(30 * A_MINUTE_MS, () => operate(found, "rekey", { anew: true }));
}

/**
 * An agent that has lost its folder, under whose former ID samples of a time to come lie, does not get its place by itself:
 * the former record is retired by hand. Else the host's credentials were stolen.
 */
async function NewcomerRetired(found: Found): Promise<void> {
  const { fleet, host, id } = found;
  const own = await host.ownId();
  const isStolen = shutOut(host.ec2InstanceId, fleet) > 0 || id === undefined || own === id;
  if (isStolen) return afterTheft(found);
  operate(found, "retire");
  fleet.later(10 * A_MINUTE_MS, () => registerAnew(found));
}

/** The last resort: the agent's folder goes, where its record is lost or retired. */
async function registerAnew({ fleet, host }: Found): Promise<void> {
  const own = fleet.world.registry.records.get((await host.ownId()) ?? "");
  const isKnown = own !== undefined && own.status !== "RETIRED" && own.ec2InstanceId === host.ec2InstanceId;
  if (host.state !== "running" || isKnown) return;
  fleet.note(`the operator has ${host.ec2InstanceId} register anew`);
  host.wipe();
  host.startAgent();
}

/** The clock is set, the network mended; a key file that is lost, or claims too high a generation, goes, and a rekey brings another. */
async function visit(found: Found): Promise<void> {
  const { fleet, host, id } = found;
  Object.assign(host, { clockOffMs: 0, isCutOff: false });
  if (host.state !== "running" || id === undefined) return;
  const file = await host.keyFile();
  const record = fleet.recordOf(host);
  const isTooHigh = file !== undefined && file.generation > (record?.rekey?.generation ?? Number.POSITIVE_INFINITY);
  if (isTooHigh) await host.removeKeyFile();
  if (file === undefined || isTooHigh) operate(found, "rekey");
}

function operate(
  { start, id }: Found,
  act: "quarantine" | "release" | "rekey" | "retire",
  more: { anew?: true } = {},
): void {
  if (id !== undefined) start("operate", { act, id, ...more });
}
