import type { Fleet } from "../fleet.ts";
import { kind } from "../kind.ts";
import { A_MINUTE_MS, AN_HOUR_MS } from "../times.ts";

/** Within which people are told of a key, whatever fails on the way: each of its steps is tried some times first. */
const TOLD_WITHIN_MS = AN_HOUR_MS;
/** By what people are told of a key. */
const OF_KEYS = [
  ...["AccessKeyExposed", "ExposedKeyNotShut", "RootKeyExposed", "ExposedKeyOfOthers", "TemporaryKeyExposed"],
  ...["ExposureUntold", "ExecutionCutOff"],
];

/** A kind of event of which nobody has heard. */
const UNKNOWN = "AWS_RISK_SOMETHING_NEW";

/** Whose the keys are, or what stands in the place of one. */
const WHOSE = [
  "a user's",
  "a user's",
  "a user's",
  "gone",
  "the root user's",
  "another account's",
  "temporary",
  "none",
] as const;
type Whose = (typeof WHOSE)[number];

interface Exposure {
  keys: { whose: Whose; key: string }[];
  /** How often the event comes: twice where another Region has a copy. */
  comes: 1 | 2;
  lateMs: number;
  isUsed: boolean;
  code: string;
}

/** AWS Health says that keys are exposed: of users, gone ones, others', malformed ones; once or twice, at once or late. */
export const keysExposed = kind<Exposure>({
  rate: { perDay: 0.8 },
  draw: (draw) => {
    const count = draw.one([1, 1, 1, 2, 5, 30]);
    const keys = Array.from({ length: count }, () => ({
      whose: draw.one(WHOSE),
      key: draw
        .integer(0, 2 ** 32 - 1)
        .toString(36)
        .toUpperCase()
        .padStart(16, "0"),
    }));
    return {
      keys,
      comes: draw.one([1, 2] as const),
      lateMs: draw.one([0, draw.span(A_MINUTE_MS, 6 * AN_HOUR_MS)]),
      isUsed: draw.one([true, false]),
      code: draw.one(["AWS_RISK_CREDENTIALS_EXPOSED", "AWS_RISK_CREDENTIALS_EXPOSED", UNKNOWN]),
    };
  },
  befall(exposure, fleet) {
    const { keys, comes, lateMs } = exposure;
    const named = keys.map((one) => exposed(one, exposure, fleet));
    const told = () => tell(named, exposure, fleet);
    for (let n = 0; n < comes; n += 1) {
      if (lateMs === 0) told();
      else fleet.later(lateMs * (n + 1), told);
    }
  },
});

/** A key as the event names it, of somebody who has it. */
function exposed({ whose, key }: Exposure["keys"][number], { isUsed }: Exposure, { world, now }: Fleet): string {
  if (whose === "none") return `not a key ${key}`;
  const accessKeyId = `${whose === "temporary" ? "ASIA" : "AKIA"}${key}`;
  if (whose === "the root user's") world.accessKeys.strangers.set(accessKeyId, { owner: "ROOT" });
  if (whose === "another account's") world.accessKeys.strangers.set(accessKeyId, { owner: "OTHERS" });
  if (whose === "a user's" && !world.accessKeys.users.has(`user-${key}`)) {
    world.accessKeys.addUser(`user-${key}`, accessKeyId);
  }
  if (!isUsed) return accessKeyId;
  const call = { source: "iam.amazonaws.com", name: "CreateUser", address: "192.0.2.1", region: "us-east-1" };
  // CloudTrail has the later one only after the first look.
  world.trail.made.push({ ...call, id: `${key} 1`, accessKeyId, at: now - A_MINUTE_MS });
  world.trail.made.push({ ...call, id: `${key} 2`, accessKeyId, at: now, seenAt: now + 10 * A_MINUTE_MS });
  return accessKeyId;
}

function tell(named: string[], { code }: Exposure, fleet: Fleet): void {
  const { world, expectations } = fleet;
  const communicationId = `exposure of ${named[0]}`;
  world.raise({
    ...{ source: "aws.health", "detail-type": "AWS Health Event", resources: named },
    detail: {
      ...{ service: "RISK", eventTypeCategory: "issue", eventTypeCode: code, communicationId, page: "1" },
      affectedEntities: named.map((entityValue) => ({ entityValue })),
    },
  });
  const isUnread = code === UNKNOWN || named.some((one) => one.startsWith("not"));
  if (isUnread) expectUnread(communicationId, fleet);
  const keys = code === UNKNOWN ? [] : named.filter((one) => !one.startsWith("not"));
  const because = `AWS Health says that it is exposed`;
  for (const key of keys) {
    const subjects = [key, "exposed-key"];
    expectations.add(
      { subjects, causes: OF_KEYS, because, unless: () => isQueued(fleet) || isCutOff(key, fleet) },
      TOLD_WITHIN_MS,
    );
  }
}

/** Whether people were told, by its name, of an execution that somebody stopped before it could tell of the key. */
function isCutOff(key: string, { world }: Fleet): boolean {
  const executions = world.flows.executions("exposed-key").filter(({ input }) => input.includes(key));
  return executions.some(({ name }) => world.findings.all.get(`${name} ExecutionCutOff`)?.toldAt !== undefined);
}

/** Of what stands in an event and is not worked off, people are told by the name of its execution. */
function expectUnread(communicationId: string, fleet: Fleet): void {
  fleet.later(TOLD_WITHIN_MS, () => {
    if (isQueued(fleet)) return;
    const found = fleet.world.flows.executions("exposed-key").find(({ input }) => input.includes(communicationId));
    // It is held up while AWS is away.
    if (found === undefined) return expectUnread(communicationId, fleet);
    const causes = ["ExposureUnread", "ExposureUntold", "ExecutionCutOff"];
    const because = "an event of AWS Health was not understood";
    fleet.expectations.add({ subjects: [found.name, "exposed-key"], causes, because }, TOLD_WITHIN_MS);
  });
}

/** Where each of Lambda's attempts at an event was struck, it waits in a queue, of which an alarm tells. */
function isQueued({ world }: Fleet): boolean {
  return world.calls.struck.filter((caller) => caller === "exposed-key/receive-event").length >= 3;
}

const CALLS = ["whose", "deactivate", "remove", "keysOf", "policiesOf", "denySessions", "calls"] as const;

/** For a while IAM or CloudTrail fails at one of the calls that shut a key: that a key is not shut is told, too. */
export const iamFails = kind<{ call: (typeof CALLS)[number]; ms: number }>({
  rate: { perDay: 0.6 },
  draw: (draw) => ({ call: draw.one(CALLS), ms: draw.span(A_MINUTE_MS, 12 * AN_HOUR_MS) }),
  befall({ call, ms }, fleet) {
    const { accessKeys, trail } = fleet.world;
    const answer = { name: "ServiceUnavailable", $metadata: { httpStatusCode: 503 } };
    const error = Object.assign(new Error("Service Unavailable"), answer);
    if (call === "calls") trail.failing.set("us-east-1", error);
    else accessKeys.failing.set(call, error);
    fleet.later(ms, () => {
      if (call === "calls") trail.failing.delete("us-east-1");
      else accessKeys.failing.delete(call);
    });
  },
});
