import { fakeAccessKeys } from "../../../functions/clients/access-keys.fake.ts";
import { fakeAudit } from "../../../functions/clients/audit.fake.ts";
import { fakeBus } from "../../../functions/clients/bus.fake.ts";
import { fakeExecutions } from "../../../functions/clients/executions.fake.ts";
import { fakeFindings } from "../../../functions/clients/findings.fake.ts";
import { fakeMail } from "../../../functions/clients/mail.fake.ts";
import { type FakeCall, fakeTrail } from "../../../functions/clients/trail.fake.ts";
import type { ExposedKeySettings } from "../../../functions/shared/exposed-key-settings.ts";
import { collectingJournal, NOW, seededRandom } from "../support.ts";

/** A key of the user `deployer`, another one of his, and one of which AWS knows nothing. */
export const KEY = "AKIAIOSFODNN7EXAMPLE";
export const OTHER_KEY = "AKIAI44QH8DHBEXAMPLE";
export const LOST_KEY = "AKIAIDPMPMNN7EXAMPLE";
export const USER = "deployer";
export const REGIONS = ["us-east-1", "eu-west-1"];

export const EXPOSED_EXECUTION = "arn:aws:states:us-east-1:000000000000:execution:keyturn-exposed-key:aws_health-1";
export const LATER_EXECUTION = "arn:aws:states:us-east-1:000000000000:execution:keyturn-exposed-key:aws_health-2";

export const EXPOSED_SETTINGS: ExposedKeySettings = {
  then: "deactivate",
  regions: REGIONS,
  lookBackHours: 24,
  denySessions: true,
};

/** Everything that steps of the flow `exposed-key` are given, on the fakes: a user with one key, and a clock that is waited on. */
export function exposedWorld() {
  const clock = { at: NOW };
  const now = () => clock.at;
  const accessKeys = fakeAccessKeys();
  accessKeys.addUser(USER, KEY);
  const waits: number[] = [];
  return {
    ...{ clock, now, waits, accessKeys },
    wait: async (ms: number) => {
      waits.push(ms);
      clock.at += ms;
    },
    random: seededRandom(),
    trail: fakeTrail(now),
    exposedKeySettings: EXPOSED_SETTINGS,
    executions: fakeExecutions(),
    audit: fakeAudit(),
    findings: fakeFindings(),
    mail: fakeMail(),
    bus: fakeBus(),
    journal: collectingJournal(),
  };
}

export type ExposedWorld = ReturnType<typeof exposedWorld>;

/** What AWS throws where a call may not be made, or too many are. */
export function thrown(name: "AccessDenied" | "ThrottlingException" | "Any"): Error {
  return Object.assign(new Error("It says why."), { name });
}

let ids = 0;

/** A call that was made with the key, `iam:CreateUser` an hour ago where nothing else is said. */
export function call(changes: Partial<FakeCall> = {}): FakeCall {
  ids += 1;
  return {
    ...{
      id: `event-${ids}`,
      at: NOW - 3600_000,
      source: "iam.amazonaws.com",
      name: "CreateUser",
      address: "198.51.100.7",
    },
    ...{ accessKeyId: KEY, region: "us-east-1" },
    ...changes,
  };
}
