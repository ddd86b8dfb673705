import { afterAll, aroundEach, beforeAll, beforeEach, describe, expect, type TestContext, test } from "vitest";
import { patience } from "../functions/clients/eventually.ts";
import { suitesOverAws } from "../functions/clients/over-aws.ts";
import { sealArchiveSuite } from "../functions/clients/seal-archive.suite.ts";
import { accountSuite } from "../infra/deploy/account.suite.ts";
import { holdersSuite } from "../infra/destroy/holders.suite.ts";
import { deploymentSuite } from "../operator/doctor/deployment.suite.ts";
import { accountThere } from "./account.ts";
import { archiveInS3 } from "./archive.ts";
import { CANNOT, cannot } from "./cannot.ts";
import { deploymentThere } from "./deployment.ts";
import { EMULATORS, type Emulator, type EmulatorName, missing, startEmulator } from "./emulators.ts";
import { holdersThere } from "./holders.ts";
import { listening } from "./listening.ts";
import { emulatorUnderTest } from "./under-test.ts";

// The suites of the clients over what others take AWS to be, so that not only our own reading of AWS is asked.

const why = missing();
/**
 * What an emulator cannot do, its next version may. As long as the pinned one is installed there is nothing to learn: the cases
 * are skipped, unless somebody who pins another asks.
 */
const ASK_WHAT_THEY_LEARNED = process.env.KEYTURN_ASK_ANEW === "1";
const PATIENCE_MS = patience.ms;

describe.each(Object.keys(EMULATORS) as EmulatorName[])("%s", (name) => {
  if (why !== undefined) {
    test("the suites of the clients", ({ skip }) => skip(why));
    return;
  }

  let emulator: Emulator;
  const met: string[] = [];
  beforeAll(async () => {
    emulator = await startEmulator(name);
  });
  afterAll(() => emulator?.close());

  const suiteOf = (task: TestContext["task"]) => task.fullTestName.split(" > ")[1] ?? "";

  beforeEach(({ task, skip }) => {
    met.push(suiteOf(task), `${suiteOf(task)} > ${task.name}`);
    const row = cannot(name, suiteOf(task), task.name);
    skip(row?.byChance ?? false, `${name} does it only at times: ${row?.because}`);
    skip(row !== undefined && !ASK_WHAT_THEY_LEARNED, `${name} cannot do it: test/second-opinion/cannot.ts says why`);
    // What an emulator cannot do does not come later.
    patience.ms = row ? 500 : PATIENCE_MS;
  });

  aroundEach(async (run, { task }) => {
    await run();
    const row = cannot(name, suiteOf(task), task.name);
    if (row === undefined || row.byChance) return;
    if (task.result?.state === "pass") {
      throw new Error(`${name} can do this now: take it off the list in test/second-opinion/cannot.ts`);
    }
    // Vitest counts it as a failure that was expected.
    Object.assign(task, { fails: true });
  });

  suitesOverAws(() => emulatorUnderTest(emulator.place));

  describe("what is asked before a deployment", () => accountSuite(() => accountThere(emulator.place)));

  describe("what is asked before a removal", () => holdersSuite(() => holdersThere(emulator.place)));

  describe("what doctor asks of a deployment", () => deploymentSuite(() => deploymentThere(emulator.place)));

  describe("the seals in S3", () => sealArchiveSuite(() => archiveInS3(emulator.place)));

  test("its list names only cases that there are", () => {
    const listed = CANNOT[name].flatMap(({ suite, cases }) => cases?.map((title) => `${suite} > ${title}`) ?? [suite]);
    const lost = listed.filter((one) => !met.includes(one));
    expect(lost, "Correct their titles in test/second-opinion/cannot.ts, or remove them").toEqual([]);
  });

  test.skipIf(process.platform !== "linux")("it listens on loopback only, on one port", () => {
    const port = Number(new URL(emulator.place.endpoint).port);
    const loopback = `0100007F:${port.toString(16).toUpperCase().padStart(4, "0")}`;
    expect(listening(emulator.pid)).toEqual([loopback]);
  });
});
