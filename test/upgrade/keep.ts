import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { bundleAgent } from "../../agent/bundle.ts";
import { placesIn } from "../../agent/state/places.ts";
import { dayOf } from "../../functions/audit/days.ts";
import { sealDay } from "../../functions/audit/seal-day.ts";
import { dynamoAudit } from "../../functions/clients/audit.dynamodb.ts";
import { dynamoRegistry } from "../../functions/clients/registry.dynamodb.ts";
import { isRetired, type StoredRecord } from "../../functions/record/record.ts";
import { NAMES } from "../../infra/wiring.ts";
import { SERIES_STORES, type SeriesStore } from "../../protocol/index.ts";
import { keyFolder, startTestFleet, type TestFleet, until } from "../flows/support.ts";
import { readDefinitions } from "../harness/definitions.ts";
import { synthesize } from "../infra/synthesized.ts";
import { endAgent } from "./hosts.ts";
import { KEPT_FOLDER, type KeptFleet, type Member, writeKept } from "./kept.ts";
import { installCommandsIn } from "./template.ts";

/** What new accounts have. */
const STORE: SeriesStore = "dynamodb";

/**
 * Keeps what the upgrade test needs of the version that this tree is: a fleet at work as this version writes it, with an
 * instance in each status, its agent, and the commands by which its template installs it. What is kept of a version is
 * never written anew.
 *
 * @throws Error when that version is kept already
 */
export async function keepFleet(version: string): Promise<void> {
  if (existsSync(join(KEPT_FOLDER, version))) throw new Error(`A fleet of ${version} is kept already.`);
  const scratch = mkdtempSync(join(tmpdir(), "keyturn-kept-"));
  try {
    const bundle = join(scratch, "agent.mjs");
    await bundleAgent(bundle);
    const agent = readFileSync(bundle);
    const fleet = await fleetAtWork(join(scratch, "at-work"));
    const folder = join(scratch, "kept");
    copyKept(join(scratch, "at-work"), folder);
    demandNoPath(folder);
    const install = Object.fromEntries(
      SERIES_STORES.map((store) => [store, installCommandsIn(synthesize({ timeSeries: store }))]),
    ) as Record<SeriesStore, string>;
    writeKept(version, { fleet, folder, agent, flows: readDefinitions(), install });
  } finally {
    rmSync(scratch, { recursive: true, maxRetries: 10 });
  }
}

const TURNED = ["turned-1", "turned-2", "turned-3", "pending-1", "pending-2"];
const OTHERS = ["stopped", "quarantined", "retired", "silent", "twice"];

/** Has a fleet come into every state that records and findings know, and stops it there. */
async function fleetAtWork(folder: string): Promise<KeptFleet> {
  const names = [...TURNED, ...OTHERS];
  const settings = { timeSeries: STORE, rotateEverySeconds: 30 };
  const fleet = await startTestFleet(names.length, { folder, settings });
  const dynamodb = new DynamoDBClient(fleet.aws);
  const hosts = new Map(names.map((name, index) => [name, fleet.aws.instances.list()[index]?.id ?? ""]));
  const host = (name: string) => hosts.get(name) ?? "";
  const registered = await fleet.records();
  const ids = new Map(
    names.map((name) => [name, registered.find(({ ec2InstanceId }) => ec2InstanceId === host(name))?.id ?? ""]),
  );
  const id = (name: string) => ids.get(name) ?? "";
  const locks: DatabaseSync[] = [];
  try {
    for (const name of TURNED) {
      const { output } = await fleet.rotate(id(name));
      if (JSON.parse(output ?? "{}").outcome !== "ROTATED") throw new Error(`${name} was not turned: ${output}`);
    }
    endAgent(fleet, host("silent"), "SIGSTOP");
    await fleet.ended(await fleet.start({ act: "quarantine", id: id("quarantined"), reason: "a test" }, "operate"));
    ids.set("newcomer", await loseState(fleet, host("twice")));
    await tellOfSilence(fleet, [id("silent"), id("twice")]);
    fleet.aws.instances.send([host("stopped")], "stopping");
    fleet.aws.instances.send([host("retired")], "shutting-down");
    const registry = dynamoRegistry(dynamodb, NAMES.instanceTable);
    const isNow = async (name: string, status: string) => (await registry.find(id(name)))?.status === status;
    await until(() => isNow("stopped", "STOPPED"), "the stop to be noted");
    await until(() => isNow("retired", "RETIRED"), "the end to be noted");
    const seal = await sealDay(dynamoAudit(dynamodb, NAMES.auditTable), dayOf(Date.now()));
    for (const name of ["pending-1", "pending-2"]) locks.push(await pushAndHoldUp(fleet, host(name), id(name)));
    const members = [...ids].map(async ([name, id]) => memberOf(name, await registry.find(id)));
    return { store: STORE, members: await Promise.all(members), seal: { day: seal.day, digest: seal.digest } };
  } finally {
    await fleet.close();
    for (const lock of locks) lock.close();
  }
}

function memberOf(name: string, record: StoredRecord | undefined): Member {
  if (record === undefined) throw new Error(`there is no record of ${name}`);
  const { id, ec2InstanceId, status } = record;
  if (isRetired(record)) return { name, id, ec2InstanceId, status };
  const { current, pending } = record;
  const underWay = pending && { pending: { generation: pending.generation, nonce: pending.nonce } };
  return { name, id, ec2InstanceId, status, generation: current.generation, ...underWay };
}

/** Has the watch look until people are told that these are silent. */
async function tellOfSilence(fleet: TestFleet, ids: string[]): Promise<void> {
  const found = (id: string) => fleet.finding({ subject: id, cause: "STALE" });
  await until(async () => {
    await fleet.look();
    return (await Promise.all(ids.map(found))).every((finding) => finding?.toldAt !== undefined);
  }, "what is told of those that are silent");
}

/** Takes an instance's state away, so that it registers as another. @returns its new ID */
async function loseState(fleet: TestFleet, ec2InstanceId: string): Promise<string> {
  rmSync(placesIn(keyFolder(fleet.aws, ec2InstanceId)).key);
  rmSync(placesIn(keyFolder(fleet.aws, ec2InstanceId)).identity);
  endAgent(fleet, ec2InstanceId, "SIGKILL");
  const newcomer = async () =>
    (await fleet.records()).find((one) => one.ec2InstanceId === ec2InstanceId && one.status === "NEW");
  return (await until(newcomer, "the newcomer")).id;
}

/**
 * Starts a rotation whose push is under way for as long as the lock is held that is returned: whoever holds the agent's
 * lock holds up the turn.
 */
async function pushAndHoldUp(fleet: TestFleet, ec2InstanceId: string, id: string): Promise<DatabaseSync> {
  const lock = new DatabaseSync(placesIn(keyFolder(fleet.aws, ec2InstanceId)).lock);
  lock.exec("BEGIN EXCLUSIVE");
  await fleet.start({ id });
  const isPushed = async () => Object.keys((await fleet.record(id)).pending?.pushes ?? {}).length > 0;
  await until(isPushed, `the push to ${id}`);
  return lock;
}

/** Copies what a fleet has in its folder, without what is made anew at each start and what only tells. */
function copyKept(from: string, to: string): void {
  const log = /[/\\]dynamodb[/\\](.*[/\\])?LOG(\.old)?$/;
  cpSync(join(from, "dynamodb"), join(to, "dynamodb"), { recursive: true, filter: (file) => !log.test(file) });
  for (const ec2InstanceId of readdirSync(join(from, "instances"))) {
    const state = join("instances", ec2InstanceId, "state");
    if (existsSync(join(from, state))) cpSync(join(from, state), join(to, state), { recursive: true });
  }
  const store = new DatabaseSync(join(from, "aws.sqlite"));
  store.prepare("VACUUM INTO ?").run(join(to, "aws.sqlite"));
  store.close();
}

/** @throws Error when something that is kept names a place of this computer */
function demandNoPath(folder: string): void {
  const places = [tmpdir(), process.cwd(), process.env.HOME ?? process.cwd()].filter((place) => place.length > 1);
  for (const name of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!name.isFile()) continue;
    const file = join(name.parentPath, name.name);
    const content = readFileSync(file);
    const found = places.find((place) => content.includes(`${place}/`));
    if (found !== undefined) throw new Error(`${file} names ${found}: leave it out, or keep it elsewhere.`);
  }
}
