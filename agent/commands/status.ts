import type { SampleStore } from "../../protocol/index.ts";
import type { Clock } from "../clock.ts";
import type { Disk } from "../disk.ts";
import { sentenceOf } from "../failure.ts";
import type { Metadata } from "../metadata.ts";
import { nameOfStore } from "../series/name.ts";
import { demandThatTheyFit } from "../state/boot.ts";
import { unguarded } from "../state/guarded.ts";
import { type Identity, readIdentity } from "../state/identity-file.ts";
import { type KeyFile, readKeyFile } from "../state/key-file.ts";
import type { Places } from "../state/places.ts";
import { type ProgressFile, readProgress } from "../state/progress.ts";
import { readTold, type ToldFile } from "../state/told-file.ts";
import { VERSION } from "../version.ts";
import { sampleTrouble, verdictTrouble } from "./status-trouble.ts";

export interface StatusParts {
  disk: Disk;
  places: Places;
  clock: Clock;
  metadata: Pick<Metadata, "ec2InstanceId">;
  /** Where samples go by the settings. */
  series: SampleStore;
  /** The number of the user who asks. */
  user: number;
}

const METADATA_PATIENCE_MS = 3_000;
/**
 * What this instance is and how it goes, as lines for a person, and whether all is well. It believes no file: the forms
 * of all of them are checked, whose they are and who may get at them, and whether they are of this very host. Of the key
 * it tells the generation only. Whether the key is the right one only the control plane can say; what it said last is
 * shown.
 */
export async function status(parts: StatusParts): Promise<{ text: string; sound: boolean }> {
  const { disk, places } = parts;
  const state: State = {
    identity: await looking(readIdentity(disk, places.identity)),
    key: await looking(readKeyFile(disk, places.key)),
    told: await looking(readTold(disk, places.told)),
    progress: await looking(readProgress(disk, places.progress)),
  };
  const read = Object.values(state);
  if (read.every(({ value, trouble }) => value === undefined && trouble.length === 0)) {
    const sentence = `This instance has no identity yet in ${places.folder}: the agent has not run.`;
    return { text: `keyturn-agent ${VERSION}. ${sentence}\n`, sound: true };
  }
  const host = await hostOf(state.identity.value, parts);
  const trouble = [...read.flatMap((one) => one.trouble), ...host.trouble, ...(await troubleOf(state, parts))];
  const lines = [
    ...linesOf(state, host.name, parts),
    ...(trouble.length === 0 ? ["none"] : trouble).map((sentence): [string, string] => ["trouble", sentence]),
  ];
  return {
    text: lines.map(([what, value]) => `${what.padEnd(26)}${printable(value)}\n`).join(""),
    sound: trouble.length === 0,
  };
}

/** What came of looking at something: there may be nothing, and no trouble about that. */
interface Looked<T> {
  value: T | undefined;
  trouble: string[];
}

interface State {
  identity: Looked<Identity>;
  key: Looked<KeyFile>;
  told: Looked<ToldFile>;
  progress: Looked<ProgressFile>;
}

async function looking<T>(work: Promise<T | undefined>): Promise<Looked<T>> {
  try {
    return { value: await work, trouble: [] };
  } catch (error) {
    return { value: undefined, trouble: [sentenceOf(error)] };
  }
}

function linesOf(
  { identity, key, told, progress }: State,
  host: string,
  { places, series }: StatusParts,
): [string, string][] {
  const { value: held } = key;
  const { value: noted } = progress;
  return [
    ["version", VERSION],
    ["ID", identity.value?.id ?? "not known"],
    ["EC2 instance", host],
    ["key", held === undefined ? "none that can be used" : `generation ${held.generation}, in ${places.key}`],
    ["hooks of the last turn", hooksOf(held)],
    ["agent started", moment(noted?.startedAt) + (noted === undefined ? "" : ` as process ${noted.pid}`)],
    ["registered", moment(noted?.registeredAt) + (noted?.ip === undefined ? "" : ` with ${noted.ip}`)],
    ["last verdict", verdictOf(noted)],
    ["samples go to", storeOf(told.value, series)],
    ["last sample of the agent", moment(noted?.sampledAt)],
  ];
}

/** What is not right about files that can be read. */
async function troubleOf({ identity, key, progress }: State, parts: StatusParts): Promise<string[]> {
  const { places, clock, user } = parts;
  const fitting = async () => {
    if (identity.trouble.length + key.trouble.length > 0) return;
    demandThatTheyFit(places, identity.value, key.value);
  };
  const guarded = await looking(
    unguarded(
      places.folder,
      [places.identity, places.key, places.rekey, places.told, places.progress, places.hooksLog],
      user,
    ),
  );
  const mayProve = key.value !== undefined && progress.trouble.length === 0;
  const noted = progress.value?.trouble;
  return [
    ...(await looking(fitting())).trouble,
    ...guarded.trouble,
    ...(guarded.value ?? []),
    ...verdictTrouble(progress.value),
    ...(mayProve ? sampleTrouble(progress.value, places, clock.now()) : []),
    ...(noted === undefined ? [] : [noted]),
  ];
}

/** Whose identity it is, beside who this host is, if the metadata service tells. */
async function hostOf(
  identity: Identity | undefined,
  parts: StatusParts,
): Promise<{ name: string; trouble: string[] }> {
  if (identity === undefined) return { name: "not known", trouble: [] };
  const { ec2InstanceId } = identity;
  let here: string;
  try {
    here = await parts.metadata.ec2InstanceId(AbortSignal.timeout(METADATA_PATIENCE_MS));
  } catch (error) {
    return { name: `${ec2InstanceId}, not compared with this host: ${sentenceOf(error)}`, trouble: [] };
  }
  if (here === ec2InstanceId) return { name: `${ec2InstanceId}, this host`, trouble: [] };
  const sentence =
    `${parts.places.identity} is of ${ec2InstanceId}, and this host is ${here}: the disk was copied. The agent erases the ` +
    "copied key and registers a new instance when it starts (systemctl restart keyturn-agent).";
  return { name: `${ec2InstanceId}, not this host`, trouble: [sentence] };
}

function hooksOf(key: KeyFile | undefined): string {
  return (key?.hooks ?? []).map(({ name, outcome }) => `${name} ${outcome}`).join(", ") || "none";
}

function storeOf(told: ToldFile | undefined, series: SampleStore): string {
  return told?.store === undefined
    ? `${nameOfStore(series)}, by the settings`
    : `${nameOfStore(told.store)}, as the last registration was answered`;
}

function verdictOf(progress: ProgressFile | undefined): string {
  if (progress?.verdict === undefined) return "not told";
  return `${progress.verdict}, as told at ${moment(progress.registeredAt)}`;
}

function moment(ms: number | undefined): string {
  return ms === undefined ? "not yet" : new Date(ms).toISOString();
}

/** Whoever has altered a file shall not write to the terminal of the one who looks. */
function printable(text: string): string {
  return text.replace(/\p{C}/gu, "?");
}
