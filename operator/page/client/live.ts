import { batch, computed, signal } from "@preact/signals";
import type {
  Beats,
  Change,
  CredentialRow,
  InstanceRow,
  LiveEvents,
  PlaceDocument,
  Snapshot,
  StandingRow,
  Trouble,
} from "../wire/live.ts";
import { ask, type Refused } from "./ask.ts";

/** What the server pushes, as it is now. */
export const instances = signal<ReadonlyMap<string, InstanceRow>>(new Map());
export const standing = signal<readonly StandingRow[]>([]);
export const credentials = signal<readonly CredentialRow[]>([]);
export const beats = signal<Beats>({});
export const freshMs = signal(300_000);
/** When it was read; undefined before anything was. */
export const readAt = signal<number | undefined>(undefined);
export const trouble = signal<Trouble | null>(null);
export const where = signal<PlaceDocument | undefined>(undefined);

/**
 * `shut`: the server knows nobody who looks from here. `lost`: it does not answer, and is tried again. `resting`: nobody has
 * looked for a while, and once somebody does, it is asked again.
 */
export type Connection = "opening" | "live" | "lost" | "shut" | "resting";
export const connection = signal<Connection>("opening");

/** The time of day, in milliseconds since 1970, each second: for what is so and so long ago. */
export const now = signal(Date.now());

/** All instances, the worst first. */
export const worstFirst = computed(() =>
  [...instances.value.values()].sort(
    (one, other) =>
      one.rank - other.rank || (one.keySince ?? 0) - (other.keySince ?? 0) || (one.id < other.id ? -1 : 1),
  ),
);

const AGAIN_MS = 1000;
/** A page that nobody has looked at for so long lets go of the server, which then reads nothing of AWS for it. */
const RESTS_AFTER_MS = 900_000;

let events: EventSource | undefined;
let again: ReturnType<typeof setTimeout> | undefined;
/** Counts the attempts, so that of two that are under way the former gives up. */
let attempt = 0;

/** Follows the server for as long as the page is open: from the token in the fragment to the last event. */
export function follow(): void {
  const tick = () => {
    if (!document.hidden) now.value = Date.now();
  };
  setInterval(tick, 1000);
  let rests: ReturnType<typeof setTimeout> | undefined;
  document.addEventListener("visibilitychange", () => {
    tick();
    clearTimeout(rests);
    if (document.hidden) rests = setTimeout(rest, RESTS_AFTER_MS);
    else if (connection.peek() === "resting") void open();
  });
  // Somebody may paste the address of another start into the page that is open.
  addEventListener("hashchange", () => {
    if (tokenIn(location.hash) !== undefined) void open();
  });
  void open();
}

function letGo(): number {
  clearTimeout(again);
  events?.close();
  events = undefined;
  attempt += 1;
  return attempt;
}

function rest(): void {
  letGo();
  connection.value = "resting";
}

async function open(): Promise<void> {
  const mine = letGo();
  try {
    await exchangeToken();
    const document = await ask<PlaceDocument>("/api/place");
    if (mine !== attempt) return;
    where.value = document;
    listen();
  } catch (error) {
    if (mine !== attempt) return;
    const { status } = error as Refused;
    connection.value = status === 401 || status === 403 ? "shut" : "lost";
    again = setTimeout(open, AGAIN_MS);
  }
}

function tokenIn(fragment: string): string | undefined {
  return /^#token=(.+)$/.exec(fragment)?.[1];
}

/** The token stands in the address once; whoever looks over one's shoulder later reads it nowhere. */
async function exchangeToken(): Promise<void> {
  const token = tokenIn(location.hash);
  if (token === undefined) return;
  try {
    await ask("/session", { body: { token } });
  } catch (error) {
    // Where it is one of a former start, what was given for another may still be good.
    if ((error as Refused).status !== 401) throw error;
  }
  history.replaceState(null, "", "#/fleet");
  dispatchEvent(new HashChangeEvent("hashchange"));
}

function listen(): void {
  const source = new EventSource("/api/live");
  events = source;
  const on = <Name extends keyof LiveEvents>(name: Name, take: (data: LiveEvents[Name]) => void) =>
    source.addEventListener(name, ({ data }) => {
      batch(() => {
        connection.value = "live";
        take(JSON.parse(data));
      });
    });
  on("snapshot", takeSnapshot);
  on("change", takeChange);
  on("beats", (data) => {
    beats.value = data;
  });
  on("trouble", (data) => {
    trouble.value = data;
  });
  source.onerror = () => {
    // It may be another process that answers next: it is asked from the beginning.
    letGo();
    connection.value = "lost";
    again = setTimeout(open, AGAIN_MS);
  };
}

function takeSnapshot(snapshot: Snapshot): void {
  instances.value = new Map(snapshot.instances.map((row) => [row.id, row]));
  standing.value = snapshot.standing;
  credentials.value = snapshot.credentials;
  freshMs.value = snapshot.freshMs;
  readAt.value = snapshot.readAt;
}

function takeChange(change: Change): void {
  if (change.put.length > 0 || change.gone.length > 0) {
    const all = new Map(instances.value);
    for (const row of change.put) all.set(row.id, row);
    for (const id of change.gone) all.delete(id);
    instances.value = all;
  }
  if (change.standing !== undefined) standing.value = change.standing;
  if (change.credentials !== undefined) credentials.value = change.credentials;
  readAt.value = change.readAt;
}
