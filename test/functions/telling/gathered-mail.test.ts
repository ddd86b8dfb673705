import { describe, expect, test } from "vitest";
import { type Finding, FLEET } from "../../../functions/findings/finding.ts";
import { ADVICE } from "../../../functions/telling/advice.ts";
import { listFindings, rekey, rekeyAll } from "../../../functions/telling/commands.ts";
import { gatheredMail, stormMail } from "../../../functions/telling/gathered-mail.ts";
import type { Typed } from "../../../functions/telling/typed.ts";
import { EC2, EXECUTION, hex64Of, ID, NOW } from "../support.ts";

const LOOK = "arn:aws:states:us-east-1:000000000000:execution:keyturn-watch:look-1";
const stale: Finding = {
  ...{ subject: ID, cause: "STALE", since: NOW, seenAt: NOW, times: 1, execution: EXECUTION, version: 1 },
  facts: { ec2InstanceId: EC2 },
};
const many = (count: number, changes: Partial<Finding> = {}) =>
  Array.from({ length: count }, (_, n) => ({ ...stale, ...changes, subject: n.toString(16).padStart(6, "0") }));

describe("the mail that gathers", () => {
  test("says that all is well, where it is", () => {
    const { subject, text } = gatheredMail({ standing: [], ended: [] }, { execution: LOOK });
    expect(subject).toBe("Keyturn: all is well");
    expect(text).toMatch(/^Nothing is wrong that Keyturn knows of\.\n\nExecution: {2}arn/);
    expect(text).toContain("once a week when there is not");
    expect(text).not.toContain("List them");
  });

  test("names what still stands, since when, how often it was found, and what to do", () => {
    const { subject, text } = gatheredMail({ standing: [{ ...stale, times: 7 }], ended: [] }, { execution: LOOK });
    expect(subject).toBe(`Keyturn: STALE on ${ID} (${EC2}) still stands`);
    for (const part of [
      `Still standing:\n  STALE on ${ID} (${EC2}): since 2026-11-20 03:00:00 UTC, 7 times\n`,
      `It means: ${ADVICE.STALE?.means}\n`,
      "Runbook:  docs/runbook.md, section STALE\n",
      `describe-instances --instance-ids ${EC2} `,
      `List them:  npx keyturn findings --region us-east-1\nOr:         ${listFindings({ execution: LOOK }).aws}\n`,
      `Execution:  ${LOOK}\n`,
    ]) {
      expect(text).toContain(part);
    }
    expect(text).not.toMatch(/Nothing is wrong|Ended:/);
  });

  test("names what has ended, from when to when", () => {
    const ended = [{ ...stale, endedAt: NOW + 3600_000 }];
    const { subject, text } = gatheredMail({ standing: [], ended }, { execution: LOOK });
    expect(subject).toBe("Keyturn: all is well");
    expect(text).toContain(
      `Ended:\n  STALE on ${ID} (${EC2}): from 2026-11-20 03:00:00 UTC to 2026-11-20 04:00:00 UTC\n`,
    );
  });

  test("explains each cause once, and counts what it does not name", () => {
    const standing = [...many(53), ...many(2, { cause: "MISMATCH" })];
    const { subject, text } = gatheredMail({ standing, ended: many(51, { endedAt: NOW }) }, { execution: LOOK });
    expect(subject).toBe("Keyturn: 55 findings still stand: STALE, MISMATCH");
    expect(text.match(/It means: /g)).toHaveLength(2);
    expect(text.match(/: since /g)).toHaveLength(50);
    expect(text.match(/: from /g)).toHaveLength(50);
    expect(text).toContain("  and 5 more\n");
    expect(text).toContain("  and 1 more\n");
  });

  test("gives one command for all where there is such and it stands of several, and the own one of a single one", () => {
    const mailOf = (standing: Finding[]) => gatheredMail({ standing, ended: [] }, { execution: LOOK }).text;
    const [one] = many(1, { cause: "MISMATCH" });
    const lines = (label: string, typed: Typed | undefined) => `${label}: ${typed?.keyturn}\n Or: ${typed?.aws}\n`;
    const ofAll = lines("For all", rekeyAll("MISMATCH", { execution: EXECUTION }));
    const ofOne = lines("Type", rekey({ id: "000000", execution: EXECUTION }));
    const squeezed = (text: string) => text.replace(/ +/g, " ");
    if (one === undefined) throw new Error("there is none");
    expect(squeezed(mailOf([one]))).toContain(ofOne);
    const text = squeezed(mailOf(many(2, { cause: "MISMATCH" })));
    expect(text).toContain(ofAll);
    expect(text).not.toContain(ofOne);
    // Of a storm the members may have ended but for one.
    expect(squeezed(mailOf([{ ...one, subject: FLEET, facts: {}, firstAt: {} }, one]))).toContain(ofAll);
  });

  test("speaks of tokens as tokens, and of a database beside them as one", () => {
    const mismatch = (subject: string, facts: Finding["facts"]) => ({
      ...stale,
      subject,
      cause: "CredentialMismatch",
      facts,
    });
    const token = mismatch("shop/token", { kind: "token", goodUntil: NOW + 3600_000 });
    const database = mismatch("orders/db", {});
    const mailOf = (standing: Finding[]) => gatheredMail({ standing, ended: [] }, { execution: LOOK }).text;
    const [ofToken, ofDatabase] = [/^ {2}It means: The probe answers it/m, /^ {2}It means: What the secret holds as/m];
    expect(mailOf([token])).toContain(
      "CredentialMismatch on shop/token: since 2026-11-20 03:00:00 UTC; its token ends 2026-11-20 04:00:00 UTC\n",
    );
    expect(mailOf([token])).toMatch(ofToken);
    expect(mailOf([token])).not.toMatch(ofDatabase);
    for (const of of [ofToken, ofDatabase]) expect(mailOf([database, token])).toMatch(of);
    // The storm that they are of is none of a database.
    const storm = mismatch(FLEET, {});
    expect(mailOf([{ ...storm, firstAt: {} }, token])).not.toMatch(ofDatabase);
    expect(stormMail(storm, [token, token]).text).toMatch(
      /^What: +CredentialMismatch: the API refuses the current token/,
    );
    expect(stormMail(storm, [token, database]).text).toMatch(/^What: +CredentialMismatch: the database refuses/);
  });

  test("gives the command of what stands of the fleet itself", () => {
    const silent = { ...stale, subject: FLEET, cause: "ScheduleSilent", facts: {} };
    expect(gatheredMail({ standing: [silent], ended: [] }, { execution: LOOK }).text).toContain("get-schedule --name");
  });

  test("is short, however much stands", () => {
    const { text } = gatheredMail(
      { standing: many(10_000), ended: many(10_000, { endedAt: NOW }) },
      { execution: LOOK },
    );
    // SNS takes 256 kB.
    expect(Buffer.byteLength(text)).toBeLessThan(20_000);
  });
});

describe("the seal over the audit, in the mail that gathers", () => {
  const seal = { day: "2026-11-19", digest: hex64Of("seal") };

  test("stands there with its day and what it is good for, whether or not all is well", () => {
    for (const standing of [[], [stale]]) {
      const { text } = gatheredMail({ standing, ended: [] }, { execution: LOOK, seal });
      expect(text).toMatch(new RegExp(`^Seal: +${seal.digest}, of 2026-11-19$`, "m"));
      expect(text).toContain("Keep this mail: with it, each audit line until then can be checked. See docs/audit.md.");
      expect(text).toMatch(
        new RegExp(`^Check them: npx keyturn report --seal 2026-11-19=${seal.digest} --region us-east-1$`, "m"),
      );
    }
  });

  test("is missing where the look did not come so far", () => {
    expect(gatheredMail({ standing: [], ended: [] }, { execution: LOOK }).text).not.toMatch(/Seal|audit/);
  });
});

describe("the mail about a storm", () => {
  const storm: Finding = { ...stale, subject: FLEET, facts: {}, firstAt: { [ID]: NOW } };

  test("says how many, of what, since when, what to do, and who", () => {
    const { subject, text } = stormMail(storm, many(1000));
    expect(subject).toBe("Keyturn: STALE on 1000 at once");
    for (const part of [
      ...["1000 by now", "Since:      2026-11-20 03:00:00 UTC\n", "something that they share"],
      ...[ADVICE.STALE?.todo ?? "", "section STALE", `describe-instances --instance-ids ${EC2} `],
      ...[
        "  STALE on 000000 (",
        "  and 950 more\n",
        listFindings({ execution: EXECUTION }).aws,
        `Execution:  ${EXECUTION}\n`,
      ],
    ]) {
      expect(text).toContain(part);
    }
    expect(text.match(/: since /g)).toHaveLength(50);
  });

  test("of what a rekey mends gives one command for all", () => {
    for (const members of [many(50, { cause: "MISMATCH" }), []]) {
      const { text } = stormMail({ ...storm, cause: "MISMATCH" }, members);
      const { keyturn = "", aws } = rekeyAll("MISMATCH", { execution: EXECUTION });
      expect(text).toContain(`  For all:  ${keyturn}\n  Or:       ${aws}\n`);
      expect(text.match(/keyturn rekey/g)).toHaveLength(1);
      expect(text.match(/"act":"rekey"/g)).toHaveLength(1);
    }
  });

  test("can be written also where the index does not show its members yet", () => {
    const { subject, text } = stormMail(storm, []);
    expect(subject).toBe("Keyturn: STALE on 0 at once");
    expect(text).not.toMatch(/undefined|NaN/);
  });
});
