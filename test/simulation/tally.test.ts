import { expect, test } from "vitest";
import type { Finding } from "../../functions/findings/finding.ts";
import { findingMail } from "../../functions/telling/finding-mail.ts";
import { gatheredMail, stormMail } from "../../functions/telling/gathered-mail.ts";
import { simulate } from "./simulation.ts";
import { figures, mailKind, NOTHING, plus, summary, tallyOf } from "./tally.ts";

const EXECUTION = "arn:aws:states:us-east-1:000000000000:execution:keyturn-watch:one";
const FINDING: Finding = {
  ...{ subject: "0a1b2c", cause: "STALE", since: 0, seenAt: 0, times: 1, execution: EXECUTION, facts: {}, version: 1 },
};

test("a mail is of one finding, of a storm, or gathers", () => {
  expect(mailKind(findingMail(FINDING, 0).text)).toBe("ofOne");
  expect(mailKind(stormMail({ ...FINDING, subject: "fleet" }, [FINDING]).text)).toBe("ofStorms");
  expect(mailKind(gatheredMail({ standing: [FINDING], ended: [] }, { execution: EXECUTION }).text)).toBe("gathered");
  expect(mailKind(gatheredMail({ standing: [], ended: [] }, { execution: EXECUTION }).text)).toBe("gathered");
});

test("the last line says seeds, rotations, faults, lock-outs, and mails against findings", async () => {
  const setup = { seed: 1, agents: 1, days: 3, often: 60, only: ["a key file is altered"] };
  const tally = tallyOf(await simulate(setup));
  expect(tally).toMatchObject({ seeds: 1, failed: 0, faults: 1, lockOuts: 0, findings: { all: 1, inStorms: 0 } });
  expect(tally.rotations).toBeGreaterThan(0);
  expect(figures(tally)).toMatch(/^\d+ rotations?, 1 fault, 0 lock-outs, 2 mails, 1 finding$/);
  const both = summary(plus(plus(NOTHING, tally), { ...tally, failed: 1, lockOuts: 1 }));
  expect(both).toMatch(/^2 seeds \(1 failed\), \d+ rotations, 2 faults, 1 lock-out; /);
  expect(both).toMatch(
    /; 4 mails \(2 of one finding, 0 of a storm, 2 that gather\) against 2 findings \(0 in storms\)\.$/,
  );
});
