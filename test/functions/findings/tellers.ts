import { fakeBus } from "../../../functions/clients/bus.fake.ts";
import { fakeFindings } from "../../../functions/clients/findings.fake.ts";
import type { Findings } from "../../../functions/clients/findings.ts";
import { fakeMail } from "../../../functions/clients/mail.fake.ts";
import type { Finding, FindingKey, Found } from "../../../functions/findings/finding.ts";
import { EC2, EXECUTION, ID, NOW } from "../support.ts";

/** Something that somebody comes upon. */
export const found: Found = {
  subject: ID,
  cause: "MISMATCH",
  execution: EXECUTION,
  facts: { ec2InstanceId: EC2, step: "VerifyHash" },
};

/** Longer than a claim stands. */
export const LEASE_MS = 120_000;
export const AN_HOUR_MS = 3600_000;

/** Whom it takes to tell people, on fakes, with a clock that is set by hand. */
export function tellers() {
  const clock = { at: NOW };
  const findings = fakeFindings();
  return {
    clock,
    now: () => clock.at,
    findings,
    mail: fakeMail(),
    bus: fakeBus(),
    /** The finding as it stands, which must be there. */
    async finding(key: FindingKey = found): Promise<Finding> {
      const finding = await findings.find(key);
      if (finding === undefined) throw new Error(`there is no ${key.cause} on ${key.subject}`);
      return finding;
    },
  };
}

/** Findings that do something before the first of those calls. */
export function interrupted(findings: Findings, call: "find" | "write", act: () => unknown): Findings {
  let isDone = false;
  const first = async () => {
    if (isDone) return;
    isDone = true;
    await act();
  };
  return {
    ...findings,
    async find(key) {
      if (call === "find") await first();
      return findings.find(key);
    },
    async write(finding, read) {
      if (call === "write") await first();
      return findings.write(finding, read);
    },
  };
}

/** Findings whose caller dies at its write number `n`, counted from 1. */
export function dyingAtWrite(findings: Findings, n: number): Findings {
  let writes = 0;
  return {
    ...findings,
    async write(finding, read) {
      writes += 1;
      if (writes >= n) throw new Error("killed");
      return findings.write(finding, read);
    },
  };
}

/** Mail that the topic does not take. */
export const topicAway = { send: () => Promise.reject(new Error("topic away")) };
/** A bus that takes nothing. */
export const busAway = { put: () => Promise.reject(new Error("bus away")) };
