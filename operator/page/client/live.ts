import { computed, signal } from "@preact/signals";
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

/** `shut`: the server knows nobody who looks from here. `lost`: it does not answer, and is tried again. */
export type Connection = "opening" | "live" | "lost" | "shut";
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

/** Follows the server for as long as the page is open: from the token in the fragment to the last event. */
export function follow(): void {
  setInterval(() => {
    now.value = Date.now();
  }, 1000);
  void open();
}

async function open(): Promise<void> {
  try {
    await exchangeToken();
    where.value = await ask<PlaceDocument>("/api/place");
    listen();
  } catch (error) {
    const { status } = error as Refused;
    connection.value = status === 401 || status === 403 ? "shut" : "lost";
    setTimeout(open, AGAIN_MS);
  }
}

/** The token stands in the address once; whoever looks over one's shoulder later reads it nowhere. */
async function exchangeToken(): Promise<void> {
  const [, token] = /^#token=(.+)$/.exec(location.hash) ?? [];
  if (token === undefined) return;
  await ask("/session", { body: { token } });
  history.replaceState(null, "", "#/fleet");
  dispatchEvent(new HashChangeEvent("hashchange"));
}

function listen(): void {
  const events = new EventSource("/api/live");
  const on = <Name extends keyof LiveEvents>(name: Name, take: (data: LiveEvents[Name]) => void) =>
    events.addEventListener(name, ({ data }) => {
      connection.value = "live";
      take(JSON.parse(data));
    });
  on("snapshot", takeSnapshot);
  on("change", takeChange);
  on("beats", (data) => {
    beats.value = data;
  });
  on("trouble", (data) => {
    trouble.value = data;
  });
  events.onerror = () => {
    // It may be another process that answers next: it is asked from the beginning.
    events.close();
    connection.value = "lost";
    setTimeout(open, AGAIN_MS);
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
