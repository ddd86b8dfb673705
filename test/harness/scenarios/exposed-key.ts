import type { ExposedKeySettings } from "../../../functions/shared/exposed-key-settings.ts";
import type { World } from "../world.ts";
import type { End, Scenario } from "./scenario.ts";

const USER = "deployer";
const KEY = "AKIAIOSFODNN7EXAMPLE";
const REGION = "us-east-1";

const SETTINGS: ExposedKeySettings = { then: "deactivate", denySessions: true, regions: [REGION], lookBackHours: 24 };
const set = (change: Partial<ExposedKeySettings>) => ({ settings: { exposedKeySettings: { ...SETTINGS, ...change } } });

/** A user with a key, with which somebody has made a call. */
async function used(world: World): Promise<void> {
  world.accessKeys.addUser(USER, KEY);
  call(world, "one");
}

/** Somebody makes a call with the key, which CloudTrail has at once or later. */
function call(world: World, id: string, name = "CreateUser", seenAt = 0): void {
  const at = world.clock.now() - 60_000;
  const made = { id, at, source: "iam.amazonaws.com", name, address: "192.0.2.1" };
  world.trail.made.push({ ...made, accessKeyId: KEY, region: REGION, seenAt });
}

/** AWS Health says that keys are exposed, as its events come. */
const exposed =
  (keys: string[], eventTypeCode = "AWS_RISK_CREDENTIALS_EXPOSED") =>
  (world: World) =>
    world.raise({
      ...{ source: "aws.health", "detail-type": "AWS Health Event", resources: keys },
      detail: {
        ...{ service: "RISK", eventTypeCategory: "issue", eventTypeCode, communicationId: "one", page: "1" },
        affectedEntities: keys.map((entityValue) => ({ entityValue })),
      },
    });

const ROOT = "AKIAROOTROOTROOTROOT";
const OTHERS = "AKIAOTHERSOTHERSOTHE";
const NOBODYS = "AKIANOBODYSNOBODYSNO";

const quiet = (end: string): End => ({ end, mails: 1 });

export const scenario: Scenario = {
  routes: [
    {
      name: "a user's key, which is to be deleted",
      options: set({ then: "delete" }),
      arrange: used,
      start: exposed([KEY]),
      comesTo: quiet("SHUT"),
    },
    {
      name: "a user's key, of whose use CloudTrail has some late",
      async arrange(world) {
        await used(world);
        call(world, "late", "CreateRole", world.clock.now() + 600_000);
      },
      start: exposed([KEY]),
      comesTo: { end: "SHUT", mails: 2 },
    },
    {
      name: "what is not to be touched, and what is no key",
      async arrange(world) {
        world.accessKeys.strangers.set(ROOT, { owner: "ROOT" });
        world.accessKeys.strangers.set(OTHERS, { owner: "OTHERS", account: "111122223333" });
      },
      start: exposed([ROOT, OTHERS, NOBODYS, "no key"]),
      comesTo: { end: "Keyturn.StepsFailed", mails: 4 },
    },
    {
      name: "an event of a kind that is not known",
      arrange: used,
      start: exposed([KEY], "AWS_RISK_SOMETHING_NEW"),
      comesTo: quiet("NOTHING_TO_SHUT"),
    },
  ],

  breaksMap: {
    /** A setting is missing, which no Choice foresees. */
    ShutEach(world) {
      const orders = { then: "deactivate", regions: [REGION], from: world.clock.now() };
      const read = { code: "AWS_RISK_CREDENTIALS_EXPOSED", isKnown: true, unfit: [], unfitCount: 0, beyond: 0 };
      const output = { ...read, ...orders, keys: [{ accessKeyId: KEY }] };
      world.functions.next("exposed-key/validate-event", { output });
    },
  },

  end({ error, output }) {
    return error ?? JSON.parse(output ?? "{}").outcome;
  },

  failsWith(state, error, { comesTo }) {
    // Others are told of before it, which outlast what does not last for good.
    const isOutlasted = ["Lambda.ServiceException", "Lambda.TooManyRequestsException"].includes(error);
    if (state === "NotifySnsOfEvent" && isOutlasted) return comesTo;
    // Who tells cannot tell of itself: a rule does, once for all.
    if (state.startsWith("NotifySns")) return { end: "ExposureUntold", mails: 1 };
    // What the first look did not have, the second one tells: what it found, or that it found nothing out.
    const mails = state.startsWith("LookUpUse") ? comesTo.mails + 1 : comesTo.mails;
    return { end: "Keyturn.StepsFailed", mails };
  },
};
