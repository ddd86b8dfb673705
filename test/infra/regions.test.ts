import { describe, expect, test } from "vitest";
import { newApp, settingsOf } from "../../infra/app.ts";
import { answerKey, SETTLED_KEY } from "../../infra/context-keys.ts";
import { homeRegionOf, lacksOf } from "../../infra/regions.ts";
import { checkSettings } from "../../infra/settings.ts";
import { settled } from "../../infra/time-series.ts";
import { shippedSettings } from "./synthesized.ts";

const PLACE = { account: "111122223333", region: "eu-west-1" };
const ENV = { CDK_DEFAULT_ACCOUNT: PLACE.account, CDK_DEFAULT_REGION: PLACE.region };

const told: string[] = [];

/** The settings that `cdk` has the stack made with. */
function taken(changes: Record<string, unknown> = {}, answers: Record<string, unknown> = {}, env: object = ENV) {
  const context = { keyturn: { ...shippedSettings(), ...changes }, ...answers };
  return settingsOf(newApp({ context }), env as NodeJS.ProcessEnv, (text) => told.push(text));
}

describe("a Region", () => {
  test.each([
    ...["ap-east-2", "ap-south-2", "ap-southeast-4", "ap-southeast-5", "ap-southeast-6", "ap-southeast-7"],
    ...["ca-west-1", "eu-central-2", "eu-south-2", "il-central-1", "me-central-1"],
    ...["us-gov-west-1", "us-gov-east-1", "cn-north-1", "cn-northwest-1"],
  ])("%s has no function URLs: it is refused before anything is made", (region) => {
    expect(lacksOf(region, ["dynamodb"])).toEqual([
      expect.stringMatching(`^Keyturn cannot be deployed in ${region}: .*function URL`),
    ]);
    expect(() => taken({}, {}, { CDK_DEFAULT_REGION: region })).toThrow(/function URL/);
  });

  test("without function URLs can have what shuts exposed keys, where Health's events come", () => {
    for (const region of ["us-east-1", "us-gov-west-1", "cn-north-1"]) expect(lacksOf(region, [], "alone")).toEqual([]);
    for (const [region, home] of [
      ["eu-west-1", "us-east-1"],
      ["me-central-1", "us-east-1"],
      ["us-gov-east-1", "us-gov-west-1"],
      ["cn-northwest-1", "cn-north-1"],
    ] as const) {
      expect(homeRegionOf(region)).toBe(home);
      expect(lacksOf(region, [], "alone")).toEqual([expect.stringMatching(`deployed in ${home}.*AWS_REGION=${home}`)]);
    }
    expect(lacksOf("us-gov-east-1", [])).toEqual([expect.stringMatching(/us-gov-west-1.*"deploy": "alone"/)]);
    const alone = { exposedKeys: { ...(shippedSettings().exposedKeys as object), deploy: "alone" } };
    expect(() => taken(alone)).toThrow(/AWS_REGION=us-east-1/);
    told.length = 0;
    expect(taken(alone, {}, { ...ENV, CDK_DEFAULT_REGION: "us-east-1" }).exposedKeys.deploy).toBe("alone");
    expect(told, "there are no samples").toEqual([]);
  });

  test("with all that is needed is not spoken of, nor one that nobody has heard of", () => {
    for (const region of ["eu-west-1", "us-east-1", "xx-new-1"]) expect(lacksOf(region, ["dynamodb"])).toEqual([]);
    expect(lacksOf("eu-west-1", ["timestream", "dynamodb"])).toEqual([]);
  });

  test("without Timestream is refused only where that is wanted, or was", () => {
    const env = { ...ENV, CDK_DEFAULT_REGION: "eu-north-1" };
    expect(taken({}, {}, env).timeSeries).toBe("dynamodb");
    expect(() => taken({ timeSeries: "timestream" }, {}, env)).toThrow(/no Timestream for LiveAnalytics in eu-north-1/);
    const moved = { timeSeries: "dynamodb", formerTimeSeries: "timestream" };
    expect(() => taken(moved, {}, env)).toThrow(/no Timestream/);
  });

  test("that cdk does not know stops nobody", () => {
    expect(taken({ timeSeries: "timestream" }, {}, {}).timeSeries).toBe("timestream");
  });
});

describe("where samples go with timeSeries auto", () => {
  test("is what was written down for the account and Region, and DynamoDB without an answer", () => {
    const answers = { [answerKey(PLACE)]: "timestream" };
    expect(taken({}, answers).timeSeries).toBe("timestream");
    expect(taken({}, answers, { ...ENV, CDK_DEFAULT_REGION: "us-east-1" }).timeSeries).toBe("dynamodb");
    expect(taken({}, answers, {}).timeSeries).toBe("dynamodb");
    told.length = 0;
    expect(taken().timeSeries).toBe("dynamodb");
    expect(told).toEqual([
      expect.stringMatching(/not asked yet .*eu-west-1 of account 111122223333.*npm run deploy asks/),
    ]);
  });

  test("is what npm run deploy says, for whatever account cdk takes it to be", () => {
    const answers = { [answerKey(PLACE)]: "dynamodb", [SETTLED_KEY]: "timestream" };
    expect(taken({}, answers).timeSeries).toBe("timestream");
    expect(taken({}, answers, {}).timeSeries).toBe("timestream");
  });

  test("is no matter where the settings name a store", () => {
    const answers = { [answerKey(PLACE)]: "timestream" };
    expect(taken({ timeSeries: "dynamodb" }, answers).timeSeries).toBe("dynamodb");
  });

  test("is asked again where what was written down is no store", () => {
    const given = checkSettings(shippedSettings());
    expect(() => settled(given, "influx")).toThrow(/cdk\.context\.json says "influx".*npm run deploy/);
  });
});
